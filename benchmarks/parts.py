"""Does a click of fill colour the part that was meant? Against the truth of the products sample.

    python benchmarks/parts.py data/clean/products

One click in each true part, on its blank place farthest from the part's edge; the part found there against
the true one. ``--fit`` prints weights and bias for ``colorize/hatching.py``, fitted on the val sketches:
logistic regression over the borders between parts, weighted by their pixels, whether both sides lie mostly
in one role.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import label

from cli import argument_parser, markdown_table
from sketch2color import imaging
from sketch2color.colorize.analysis import GAP
from sketch2color.colorize.colorizer import PARTS_SCALE
from sketch2color.colorize.hatching import describe_borders, find_borders, join_hatched
from sketch2color.colorize.parts import INK, divide_paper
from sketch2color.imaging import pad_to_square, resize_strokes
from sketch2color.models.sketch_lines import flatten_illumination, max_channel
from sketch2color.models.tensors import to_tensor
from sketch2color.models.threads import one_thread

SIZE = 256
WIDE = GAP * PARTS_SCALE
MIN_AREA = 150
Labels = NDArray[np.int32]


class Example(NamedTuple):
    """Ink and roles of a sketch, H × W; the parts that lines divide, and the distance to ink."""

    ink: NDArray[np.bool_]
    roles: Labels
    divided: Labels
    height: NDArray[np.floating[Any]]


def read(dataset: Path, split: str) -> list[Example]:
    examples = []
    for path in sorted((dataset / split / "sketch").glob("*.png")):
        roles = imaging.read(dataset / "truth" / f"{path.stem}.parts.png")[..., 0]
        fitted, place = pad_to_square(imaging.read(path), PARTS_SCALE * SIZE, resize_strokes)
        flat = flatten_illumination(max_channel(to_tensor(fitted)), 16 * PARTS_SCALE + 1)[0, 0][place]
        ink = (1.0 - flat.numpy()) * 0.5 >= INK
        resized = cv2.resize(roles, ink.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(np.int32)
        examples.append(Example(ink, resized, *divide_paper(ink, WIDE)))
    return examples


def clicks(example: Example, parts: Labels) -> Iterator[tuple[float, float, float]]:
    """Yield for each true part intersection over union, covered share, and share of the found part in it."""
    true = label(example.roles, background=0, connectivity=1)
    for number in range(1, true.max() + 1):
        meant = true == number
        if meant.sum() < MIN_AREA:
            continue
        inside = cv2.distanceTransform(meant.astype(np.uint8), cv2.DIST_L2, 5)
        found = parts == parts.flat[np.where(example.ink, 0.0, inside).argmax()]
        both = (found & meant).sum()
        yield both / (found | meant).sum(), both / meant.sum(), both / found.sum()


def fit(examples: list[Example]) -> tuple[NDArray[Any], float]:
    """Return weights and bias."""
    from sklearn.linear_model import LogisticRegression

    described, same, pixels = [], [], []
    for example in examples:
        counts = np.zeros((example.divided.max() + 1, example.roles.max() + 1))
        np.add.at(counts, (example.divided.ravel(), example.roles.ravel()), 1)
        depth = np.asarray(ndimage.maximum(example.height, example.divided, np.arange(len(counts))))
        pairs, sums = find_borders(example.divided, example.ink, WIDE)
        described.append(np.stack(describe_borders(pairs, sums, depth, WIDE), 1))
        roles = counts.argmax(1)[pairs]
        same.append(roles[0] == roles[1])
        pixels.append(sums[0])
    model = LogisticRegression(C=1e6, max_iter=10_000)
    model.fit(np.concatenate(described), np.concatenate(same), np.concatenate(pixels))
    return model.coef_[0], float(model.intercept_[0])


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("dataset", type=Path, help="a cleaned data set with truth")
    parser.add_argument("--fit", action="store_true", help="print weights fitted on val")
    chosen = parser.parse_args()
    if chosen.fit:
        print(*fit(read(chosen.dataset, "val")))
        return
    rows = []
    for split in ("val", "test"):
        examples = read(chosen.dataset, split)
        divided = [example.divided for example in examples]
        joined = [join_hatched(each.divided, each.height, each.ink, WIDE) for each in examples]
        for name, found in (("lines alone", divided), ("hatching joined", joined)):
            values = np.array([c for e, parts in zip(examples, found, strict=True) for c in clicks(e, parts)])
            rows.append([split, name, len(values), *(f"{mean:.3f}" for mean in values.mean(0))])
    print(markdown_table(["", "", "clicks", "IoU", "covered", "inside"], rows))


if __name__ == "__main__":
    main()
