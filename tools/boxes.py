"""Images whose marks were boxed by hand: how they are read, and which train or are judged.

A folder holds ``Dataset/``, ``watermarks.json`` (for each image the boxes of its marks, some 2 pixels
larger than they, with a kind, ``shape: ellipse`` where it is round and ``faint`` where it can hardly be seen)
and ``uncertain.json`` (boxes that nobody is judged by).
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
    """One mark: its kind, the corners of its box, whether it is round in it, and whether it is faint."""

    kind: str
    corners: tuple[int, int, int, int]
    ellipse: bool = False
    faint: bool = False

    def cover(self, height: int, width: int, less: int = 0) -> Bytes:
        """Give 255 on the mark's box or ellipse, ``less`` pixels smaller but at the page's edge."""
        x0, y0, x1, y1 = self.corners
        x0, y0 = (x0 + less if x0 > 0 else x0), (y0 + less if y0 > 0 else y0)
        x1, y1 = (x1 - less if x1 < width else x1), (y1 - less if y1 < height else y1)
        cover = np.zeros((height, width), np.uint8)
        if self.ellipse:
            center, axes = ((x0 + x1) // 2, (y0 + y1) // 2), (max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2))
            cv2.ellipse(cover, center, axes, 0, 0, 360, 255, -1)
        else:
            cover[y0:y1, x0:x1] = 255
        return cover


@dataclass(frozen=True)
class BoxedImage:
    """An image, H × W × 3, with the boxes of its marks, and boxes x0, y0, x1, y1 that do not count."""

    name: str
    image: Bytes
    boxes: Sequence[Box]
    uncertain: Sequence[Sequence[int]]


def half_of(name: str) -> str:
    """Say whether an image is for development or for the report, by the hash of its name."""
    return "development" if hashlib.sha256(name.encode()).digest()[0] % 2 else "report"


def fold_of(name: str) -> int:
    """Say in which of two folds of its half an image is, by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[1] % 2


def read(folder: Path, half: str) -> Iterator[BoxedImage]:
    """Give the images of one half, by name; those that cannot be read are left out."""
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
