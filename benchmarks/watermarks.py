"""Measure mark detection and removal on images whose marks were boxed by hand.

    PYTHONPATH=tools python benchmarks/watermarks.py FOLDER [--folds WITHOUT0 WITHOUT1]

FOLDER is as for ``tools/boxes.py``. The half of an image follows from the hash of its name. The detector was
trained on `development`, so its figures there are held out only with ``--folds``: weights from
``tools/train_mark_detector.py --without 0`` and ``--without 1``, each evaluated on the images it has not
seen. Thresholds were chosen that way. `report` was used neither for training nor for choices. Faint marks
have a row of their own.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import boxes
from boxes import BoxedImage
from cli import argument_parser
from sketch2color.models.mark_detector import WEIGHTS
from sketch2color.models.threads import one_thread
from sketch2color.watermarks.decisions import Decisions, decide
from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.two_pass import CollectionImage, FirstPass, SecondPass, process_image, two_pass

Mask = NDArray[np.bool_]


@dataclass
class Tally:
    """Sums over the images of one half; counters are by kind of mark, ``all`` and ``faint``."""

    masked: Counter[str] = field(default_factory=Counter)
    """Pixels of boxed marks that are covered by the ground of a removed one."""
    area: Counter[str] = field(default_factory=Counter)
    """Pixels of boxed marks."""
    removed: Counter[str] = field(default_factory=Counter)
    """Boxes of which at least half is masked."""
    boxes: Counter[str] = field(default_factory=Counter)
    images: int = 0
    filled: int = 0
    """Pixels of boxed marks that were filled: fewer than are masked, because gaps between letters stay."""
    unmarked: int = 0
    unchanged: int = 0
    damaged: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unmarked_area: int = 0
    unmarked_changed: int = 0

    def lines(self, half: str) -> list[str]:
        """Return the report of this half."""
        lines = [
            f"{half}: {self.unchanged} of {self.unmarked} unmarked images unchanged"
            f" ({self.unchanged / max(1, self.unmarked):.1%}); of the unmarked area"
            f" {self.unmarked_changed / max(1, self.unmarked_area):.2%} changed;"
            f" of the marked area {self.filled / max(1, self.area['all']):.1%} filled",
            f"  changed without a mark: {', '.join(self.damaged) or 'none'}",
            f"  less than half masked: {', '.join(self.missed) or 'none'}",
        ]
        kinds = sorted(set(self.boxes) - {"all", "faint"})
        return lines + [
            f"  {kind:8} {self.masked[kind] / self.area[kind]:6.1%} of the area masked,"
            f" {self.removed[kind]:3} of {self.boxes[kind]:3} boxes by half"
            for kind in ("all", *kinds, "faint")
            if self.boxes[kind]
        ]

    def add(self, one: BoxedImage, decisions: Decisions, changed: Mask) -> None:
        """Add an image; ``changed`` is True where filling changed a pixel."""
        self.images += 1
        mask = decisions.mask > 0
        ground = np.zeros(mask.shape, bool)
        for mark in decisions.marks:
            if mark.is_removed:
                ground |= mark.ground > 0
        elsewhere = np.ones(mask.shape, bool)
        for x0, y0, x1, y1 in one.uncertain:
            elsewhere[y0:y1, x0:x1] = False
        for box in one.boxes:
            area = box.mask(*mask.shape) > 0
            elsewhere &= ~area
            masked, whole = int((area & ground).sum()), int(area.sum())
            for kind in ("faint",) if box.faint else ("all", box.kind):
                self.masked[kind] += masked
                self.area[kind] += whole
                self.boxes[kind] += 1
                self.removed[kind] += masked >= whole / 2
            if not box.faint:
                self.filled += int((area & mask).sum())
                if masked < whole / 2:
                    self.missed.append(f"{one.name} {box.kind}")
        damage = changed & elsewhere
        self.unmarked_area += int(elsewhere.sum())
        self.unmarked_changed += int(damage.sum())
        if not one.boxes:
            self.unmarked += 1
            self.unchanged += not damage.any()
            if damage.any():
                self.damaged.append(one.name)


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=Path, nargs=2, help="evaluate only development, with these weights")
    options = parser.parse_args()
    for half in ["development"] if options.folds else ["development", "report"]:
        started = time.perf_counter()
        tally = evaluate(options.folder, half, options.folds)
        print("\n".join(tally.lines(half)))
        print(f"{tally.images / (time.perf_counter() - started):.1f} images a second")


def evaluate(folder: Path, half: str, folds: Sequence[Path] | None) -> Tally:
    """Detect and fill the marks on every image of one half, in two passes as the stage does."""
    tally = Tally()

    def process(one: BoxedImage, second: SecondPass | None) -> FirstPass[tuple[BoxedImage, Decisions, Mask]]:
        def finish(decisions: Decisions) -> tuple[BoxedImage, Decisions, Mask]:
            return one, decisions, (fill(one.image, decisions.mask) != one.image).any(2)

        weights = folds[boxes.fold_of(one.name)] if folds else WEIGHTS
        return process_image(
            CollectionImage(one.image, one.name, one.name),
            second,
            lambda image: detect(image, weights),
            lambda detections: decide(detections, *one.image.shape[:2]),
            finish,
        )

    for result in two_pass(process, list(boxes.read(folder, half))):
        tally.add(*result)
    return tally


if __name__ == "__main__":
    main()
