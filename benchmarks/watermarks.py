"""Measure the mark remover on images whose marks were boxed by hand.

    PYTHONPATH=tools python benchmarks/watermarks.py FOLDER [--folds WITHOUT0 WITHOUT1]

FOLDER is as ``tools/boxes.py`` tells. Which half an image belongs to follows from the hash of its name. The
finder was trained on `development`, so its figures there mean nothing but with ``--folds``: weights that
``tools/train_mark_detector.py --without 0`` and ``--without 1`` gave, each judged on what it never saw.
So thresholds were chosen. `report` trained nothing and chose nothing. Faint marks have a row of their own.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import boxes
from boxes import BoxedImage
from sketch2color.models.mark_detector import WEIGHTS
from sketch2color.models.threads import one_thread
from sketch2color.watermarks.decisions import Decisions, decide
from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.two_pass import CollectionImage, FirstPass, SecondPass, process_image, two_pass

Mask = NDArray[np.bool_]


@dataclass
class Tally:
    """Sums over the images of one half."""

    masked: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Pixels of annotated marks that are spanned by a removed one, for each kind; likewise below."""
    area: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    touched: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    boxes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    filled: int = 0
    """Pixels of annotated marks that were filled: less than are spanned, for gaps between letters stay."""
    unmarked: int = 0
    untouched: int = 0
    damaged: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unmarked_area: int = 0
    unmarked_changed: int = 0

    def lines(self, half: str) -> list[str]:
        """Give the rows of the tables of this half."""
        rows = [f"{half}: {self.untouched} of {self.unmarked} unmarked images untouched"
                f" ({self.untouched / max(1, self.unmarked):.1%}); of the unmarked area"
                f" {self.unmarked_changed / max(1, self.unmarked_area):.2%} changed;"
                f" of the marked area {self.filled / max(1, self.area['all']):.1%} filled"]  # fmt: skip
        rows += [f"  touched without a mark: {', '.join(self.damaged) or 'none'}"]
        rows += [f"  less than half masked: {', '.join(self.missed) or 'none'}"]
        kinds = sorted(kind for kind in self.boxes if kind not in ("all", "faint"))
        for kind in ("all", *kinds, "faint"):
            if self.boxes[kind]:
                rows.append(
                    f"  {kind:8} {self.masked[kind] / self.area[kind]:6.1%} of the area masked,"
                    f" {self.touched[kind]:3} of {self.boxes[kind]:3} boxes by half"
                )
        return rows


@one_thread()
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=Path, nargs=2, help="judge development with these, and nothing else")
    options = parser.parse_args()
    halves = ["development"] if options.folds else ["development", "report"]
    for half in halves:
        print("\n".join(judged(options.folder, half, options.folds).lines(half)))


def judged(folder: Path, half: str, folds: Sequence[Path] | None) -> Tally:
    """Find and fill on every image of one half, as the stage does in two rounds, and tell how fast."""
    images = list(boxes.read(folder, half))
    tally, started = Tally(), time.perf_counter()

    def look(one: BoxedImage, second: SecondPass | None) -> FirstPass[tuple[BoxedImage, Decisions, Mask]]:
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

    for result in two_pass(look, images):
        count(tally, *result)
    print(f"{len(images) / (time.perf_counter() - started):.1f} images a second, find and fill")
    return tally


def count(tally: Tally, one: BoxedImage, decisions: Decisions, changed: Mask) -> None:
    """Add an image; ``changed`` are the pixels that differ."""
    mask = decisions.mask > 0
    spanned = np.zeros(mask.shape, bool)
    for mark in decisions.marks:
        if mark.is_removed:
            spanned |= mark.ground > 0
    elsewhere = np.ones(mask.shape, bool)
    for x0, y0, x1, y1 in one.uncertain:
        elsewhere[y0:y1, x0:x1] = False
    for box in one.boxes:
        area = box.mask(*mask.shape) > 0
        elsewhere &= ~area
        hit, whole = int((area & spanned).sum()), int(area.sum())
        for kind in ("faint",) if box.faint else ("all", box.kind):
            tally.masked[kind] += hit
            tally.area[kind] += whole
            tally.boxes[kind] += 1
            tally.touched[kind] += hit >= whole / 2
        if not box.faint:
            tally.filled += int((area & mask).sum())
            if hit < whole / 2:
                tally.missed.append(f"{one.name} {box.kind}")
    tally.unmarked_area += int(elsewhere.sum())
    tally.unmarked_changed += int((changed & elsewhere).sum())
    if not one.boxes:
        tally.unmarked += 1
        if (changed & elsewhere).any():
            tally.damaged.append(one.name)
        else:
            tally.untouched += 1


if __name__ == "__main__":
    main()
