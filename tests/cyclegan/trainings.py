"""What tests of whole trainings share: a small clean set, and all that a training writes."""

from pathlib import Path

import numpy as np

from sketch2color import imaging

WHITE = (255, 255, 255)


def image(number: int, color: tuple[int, int, int]) -> np.ndarray:
    drawn = np.full((64, 64, 3), 255, np.uint8)
    edge = 8 + number
    drawn[edge : 64 - edge, edge : 64 - edge] = 0
    drawn[edge + 2 : 62 - edge, edge + 2 : 62 - edge] = color
    return drawn


def write_clean(clean: Path) -> None:
    for split in ("train", "val"):
        for number in range(4):
            imaging.write_png(clean / f"{split}/sketch/{number}.png", image(number, WHITE))
            imaging.write_png(clean / f"{split}/color/{number}.png", image(number, (220, 40 * number, 30)))


def results(folder: Path) -> dict[str, bytes]:
    paths = [path for part in ("models", "report") for path in (folder / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
