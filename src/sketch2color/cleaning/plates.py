"""Find the flat plate, a disc or a rectangle, that a doubtful piece of a mark lies on.

A pale disc or bar hardly differs from paper, and the network half believes in its letters only. But nothing
drawn by hand is a disc or rectangle of one even colour with writing in it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.cleaning.shapes import box_of, ellipse_agreement
from sketch2color.images import PictureArray, resize

Bools = NDArray[np.bool_]

EVEN = (14, 28, 40)
"""Levels by which a plate's pixels may differ from its colour, tried in turn: JPEG blurs bright red most."""
SHOWING = 0.1
"""So much of the piece's box must show the plate's colour."""
SMALLEST, LARGEST = 0.004, 0.14
"""Shares of the page between which a plate lies."""
ROUND, SQUARE = 0.86, 0.88
"""How well a plate must agree with an ellipse, or fill its box."""
THINNEST = 11
"""Pixels at working size; a plate is nowhere narrower, for writing must fit in."""
WRITING = 0.04, 0.65
"""Between which shares of a plate its writing must cover."""


def plate(picture: PictureArray, piece: Bools, scale: float) -> Bools | None:
    """Give the plate under a piece of a mark, or None where there is none.

    Args:
        picture: uint8, H × W × 3.
        piece: bool, H × W, not empty.
        scale: pixels of this picture that a pixel of the working size is long.
    """
    height, width = piece.shape
    size = max(1, round(width / scale)), max(1, round(height / scale))
    small = resize(picture, *size)
    seed = cv2.resize(piece.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    if not seed.any():
        return None
    tried = (_plate(small, seed, tolerance) for tolerance in EVEN)
    found = next((one for one in tried if one is not None), None)
    if found is None:
        return None
    return cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5


def _plate(picture: PictureArray, piece: Bools, tolerance: int) -> Bools | None:
    inside = box_of(piece)
    paper = _commonest(picture.reshape(-1, 3))
    off_paper = picture[inside][np.abs(picture[inside].astype(np.int16) - paper).max(2) > tolerance]
    if len(off_paper) < SHOWING * piece[inside].size:
        return None
    color = _commonest(off_paper)
    even = np.abs(picture.astype(np.int16) - color).max(2) <= tolerance
    if even[inside].mean() < SHOWING:
        return None
    region = _region(even, piece)
    if region is None:
        return None
    share, written = region.mean(), 1 - even[region].mean()
    y, x = box_of(region)
    thin = min(y.stop - y.start, x.stop - x.start) < THINNEST
    if thin or not SMALLEST <= share <= LARGEST or not WRITING[0] <= written <= WRITING[1]:
        return None
    shape = region[y, x]
    square = tolerance == EVEN[0] and shape.mean() >= SQUARE  # a block of marker is nearly one, too
    return region if square or ellipse_agreement(shape) >= ROUND else None


def _region(even: Bools, piece: Bools) -> Bools | None:
    """Give the part of one colour that shares most with the piece, its holes filled and its threads cut."""
    closed = cv2.morphologyEx(even.astype(np.uint8), cv2.MORPH_CLOSE, _disc(2))
    _, labels = cv2.connectedComponents(closed, connectivity=4)
    shared = np.bincount(labels[piece & (labels > 0)], minlength=2)
    if shared.max() == 0:
        return None
    contours, _ = cv2.findContours(
        (labels == shared.argmax()).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = cv2.drawContours(np.zeros(even.shape, np.uint8), contours, -1, 1, -1)
    opened = cv2.morphologyEx(filled, cv2.MORPH_OPEN, _disc(4))
    _, labels = cv2.connectedComponents(opened, connectivity=4)
    shared = np.bincount(labels[piece & (labels > 0)], minlength=2)
    return np.asarray(labels == shared.argmax()) if shared.max() else None


def _commonest(pixels: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Give the commonest colour of N × 3 pixels."""
    bins = (pixels >> 4).astype(np.int64) @ np.array([256, 16, 1])
    return np.asarray(np.median(pixels[bins == np.bincount(bins).argmax()], axis=0), np.int16)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
