"""Images whose marks were boxed by hand, split into a half for development and one for the report.

A folder holds ``Dataset/``, ``watermarks.json`` (for each image the boxes of its marks, about 2 pixels
larger than they, with a kind, ``shape: ellipse`` if it is round and ``faint`` if it is hardly visible) and
``uncertain.json`` (boxes that are excluded from training and scores).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color import imaging

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """One mark: its kind, its corners x0, y0, x1, y1, whether it is an ellipse, and whether it is faint."""

    kind: str
    corners: tuple[int, int, int, int]
    ellipse: bool = False
    faint: bool = False

    def mask(self, height: int, width: int, margin: int = 0) -> Bytes:
        """Return 255 inside the box or ellipse, ``margin`` pixels smaller except at the image's edge."""
        x0, y0, x1, y1 = self.corners
        x0, y0 = (x0 + margin if x0 > 0 else x0), (y0 + margin if y0 > 0 else y0)
        x1, y1 = (x1 - margin if x1 < width else x1), (y1 - margin if y1 < height else y1)
        mask = np.zeros((height, width), np.uint8)
        if self.ellipse:
            center, axes = ((x0 + x1) // 2, (y0 + y1) // 2), (max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2))
            cv2.ellipse(mask, center, axes, 0, 0, 360, 255, -1)
        else:
            mask[y0:y1, x0:x1] = 255
        return mask


@dataclass(frozen=True)
class BoxedImage:
    """An image, H × W × 3, with the boxes of its marks, and boxes x0, y0, x1, y1 to exclude."""

    name: str
    image: Bytes
    boxes: Sequence[Box]
    uncertain: Sequence[Sequence[int]]


def half_of(name: str) -> str:
    """Return ``development`` or ``report``, by the hash of the image's name."""
    return "development" if hashlib.sha256(name.encode()).digest()[0] % 2 else "report"


def fold_of(name: str) -> int:
    """Return the image's fold within its half, 0 or 1, by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[1] % 2


def read(folder: Path, half: str) -> Iterator[BoxedImage]:
    """Yield the images of one half, sorted by name; unreadable images are skipped."""
    boxes = json.loads((folder / "watermarks.json").read_text())
    uncertain = json.loads((folder / "uncertain.json").read_text())
    for name in sorted(name for name in boxes if half_of(name) == half):
        try:
            image = imaging.read(folder / "Dataset" / name)
        except imaging.ImageError:
            continue
        marks = [
            Box(one["kind"], tuple(one["box"]), one.get("shape") == "ellipse", bool(one.get("faint")))
            for one in boxes[name]
        ]
        yield BoxedImage(name, image, marks, uncertain.get(name, []))
