"""Measure the mark remover on pictures whose marks were boxed by hand.

    python benchmarks/watermarks.py FOLDER

FOLDER holds ``Dataset/``, ``watermarks.json`` (for each picture the boxes of its marks) and
``uncertain.json`` (boxes that nobody is judged by). Which half a picture belongs to follows from the hash of
its name: thresholds were chosen on `development` only. Faint marks have a row of their own.
"""

import argparse
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sketch2color import images
from sketch2color.cleaning.clean import remove_marks

Mask = NDArray[np.bool_]


@dataclass
class Tally:
    """Sums over the pictures of one half."""

    masked: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    area: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    touched: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    boxes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    unmarked: int = 0
    untouched: int = 0
    damaged: list[str] = field(default_factory=list)
    unmarked_area: int = 0
    unmarked_changed: int = 0

    def lines(self, half: str) -> list[str]:
        """Give the rows of the tables of this half."""
        rows = [f"{half}: {self.untouched} of {self.unmarked} unmarked pictures untouched"
                f" ({self.untouched / max(1, self.unmarked):.1%}); of the unmarked area"
                f" {self.unmarked_changed / max(1, self.unmarked_area):.2%} changed"]  # fmt: skip
        rows += [f"  touched without a mark: {', '.join(self.damaged) or 'none'}"]
        kinds = sorted(kind for kind in self.boxes if kind not in ("all", "faint"))
        for kind in ("all", *kinds, "faint"):
            if self.boxes[kind]:
                rows.append(
                    f"  {kind:8} {self.masked[kind] / self.area[kind]:6.1%} of the area masked,"
                    f" {self.touched[kind]:3} of {self.boxes[kind]:3} boxes by half"
                )
        return rows


def half_of(name: str) -> str:
    """Say whether a picture is for development or for the report."""
    return "development" if hashlib.sha256(name.encode()).digest()[0] % 2 else "report"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    boxes = json.loads((folder / "watermarks.json").read_text())
    uncertain = json.loads((folder / "uncertain.json").read_text())
    torch.set_num_threads(1)
    tallies = {"development": Tally(), "report": Tally()}
    seconds, pictures = 0.0, 0
    for name in sorted(boxes):
        try:
            picture = images.read(folder / "Dataset" / name)
        except images.PictureError:
            continue
        started = time.perf_counter()
        finding, after = remove_marks(picture)
        seconds, pictures = seconds + time.perf_counter() - started, pictures + 1
        ground = np.zeros(picture.shape[:2], bool)
        for mark in finding.sure:
            ground |= mark.ground > 0
        changed = (after != picture).any(2)
        count(tallies[half_of(name)], name, boxes[name], uncertain.get(name, []), ground, changed)
    for half, tally in tallies.items():
        print("\n".join(tally.lines(half)))
    print(f"{pictures / seconds:.1f} pictures a second, one thread, find and fill")


def count(
    tally: Tally,
    name: str,
    boxes: Sequence[Mapping[str, Any]],
    uncertain: Sequence[Sequence[int]],
    ground: Mask,
    changed: Mask,
) -> None:
    """Add a picture; ``ground`` is what removed marks span, ``changed`` the pixels that differ."""
    elsewhere = np.ones(ground.shape, bool)
    for x0, y0, x1, y1 in uncertain:
        elsewhere[y0:y1, x0:x1] = False
    for box in boxes:
        area = area_of(box, ground.shape)
        elsewhere &= ~area
        hit, whole = int((area & ground).sum()), int(area.sum())
        for kind in ("faint",) if box.get("faint") else ("all", box["kind"]):
            tally.masked[kind] += hit
            tally.area[kind] += whole
            tally.boxes[kind] += 1
            tally.touched[kind] += hit >= whole / 2
    tally.unmarked_area += int(elsewhere.sum())
    tally.unmarked_changed += int((changed & elsewhere).sum())
    if not boxes:
        tally.unmarked += 1
        if (changed & elsewhere).any():
            tally.damaged.append(name)
        else:
            tally.untouched += 1


def area_of(box: Mapping[str, Any], shape: tuple[int, ...]) -> Mask:
    """Give the pixels of an annotated box or ellipse."""
    x0, y0, x1, y1 = box["box"]
    area = np.zeros(shape, np.uint8)
    if box.get("shape") == "ellipse":
        cv2.ellipse(
            area, ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2), 0, 0, 360, 1, -1
        )
    else:
        area[y0:y1, x0:x1] = 1
    return area.astype(bool)


if __name__ == "__main__":
    main()
