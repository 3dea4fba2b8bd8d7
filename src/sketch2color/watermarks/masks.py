"""Masks of marks: their types, boxes and windows, and the size that all lengths refer to."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]  # 255 on the mark, 0 elsewhere
Box = tuple[int, int, int, int]
Window = tuple[slice, slice]  # rows and columns

WORKING_SIZE = 256  # pixels of the longer side at which the network sees an image: the unit of lengths
MAX_SCALE = 2.0  # pixels for one of the working size: edges are no sharper, so larger images are shrunk
RIM = 6.0  # pixels at working size around a mark that show what it lies on


def to_mask(area: Bools) -> Mask:
    """Return uint8, 255 where ``area`` holds."""
    return np.where(area, 255, 0).astype(np.uint8)


def unite(masks: Iterable[Mask], shape: tuple[int, ...]) -> Mask:
    """Return the union of masks, of the height and width ``shape``."""
    united = np.zeros(shape[:2], np.uint8)
    for mask in masks:
        united |= mask
    return united


def reduce_mask(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Shrink a mask to a height and width; a pixel is masked where any part of it is."""
    return to_mask(np.asarray(cv2.resize(mask, shape[1::-1], interpolation=cv2.INTER_AREA)) > 0)


def enlarge_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """Enlarge a mask to a width and height, with smooth edges."""
    if mask.shape[::-1] == size:
        return mask
    large = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.threshold(large, 127, 255, cv2.THRESH_BINARY, dst=large)[1], np.uint8)


def bounding_box(area: Bools, margin: int = 0) -> Window:
    """Return the rows and columns that an area, not empty, spans, and ``margin`` pixels more all around."""
    rows, columns = (np.flatnonzero(area.any(axis)) for axis in (1, 0))
    (top, bottom), (left, right) = ((int(at[0]) - margin, int(at[-1]) + 1 + margin) for at in (rows, columns))
    return slice(max(0, top), bottom), slice(max(0, left), right)
