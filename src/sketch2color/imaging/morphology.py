"""Masks grown and shrunk by round kernels, and what of a mask hangs together with something."""

import cv2
import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
WIDE = 6
"""Pixels; the distance to a mask costs the same for any radius, a round kernel its area."""


def dilate(mask: Bools, radius: float) -> Bools:
    """Add ``radius`` pixels, one at least, all round."""
    if radius > WIDE:
        away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        return np.asarray(away <= round(radius)) if mask.any() else mask.copy()
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(max(1, round(radius))))).astype(bool)


def erode(mask: Bools, radius: float) -> Bools:
    """Take off ``radius`` pixels, one at least, all round; beyond the image everything counts as masked."""
    return ~dilate(~mask, radius)


def components_touching(mask: Bools, seeds: Bools, connectivity: int = 8) -> Bools:
    """Give the connected parts of ``mask`` that have a pixel of ``seeds``, whole."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    reached = np.zeros(count, bool)
    reached[labels[mask & seeds]] = True
    return np.asarray(reached[labels])


def fill_holes(mask: Bools) -> Bools:
    """Add what a mask encloses."""
    around = np.pad(~mask, 1, constant_values=True)
    edge = np.zeros_like(around)
    edge[0, 0] = True
    return ~components_touching(around, edge, connectivity=4)[1:-1, 1:-1]


def disc(radius: int) -> NDArray[np.uint8]:
    """Give a round kernel of ``radius`` pixels."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
