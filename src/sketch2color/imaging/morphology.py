"""Dilate and erode masks by round kernels, and select connected components."""

import cv2
import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

MAX_KERNEL_RADIUS = 6  # pixels: above it a distance transform is faster than a round kernel


def dilate(mask: Bools, radius: float) -> Bools:
    """Add ``radius`` pixels, at least one, all around."""
    if radius > MAX_KERNEL_RADIUS:
        return np.asarray(distance_to(mask) <= round(radius)) if mask.any() else mask.copy()
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(max(1, round(radius))))).astype(bool)


def erode(mask: Bools, radius: float) -> Bools:
    """Remove ``radius`` pixels, at least one, all around; beyond the image everything counts as masked."""
    return ~dilate(~mask, radius)


def distance_to(mask: Bools) -> NDArray[np.float32]:
    """Return each pixel's distance to the mask in pixels, 0 on it."""
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(away, np.float32)


def components_touching(mask: Bools, seeds: Bools, connectivity: int = 8) -> Bools:
    """Return the connected components of ``mask`` that have a pixel of ``seeds``."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    reached = np.zeros(count, bool)
    reached[labels[mask & seeds]] = True
    return np.asarray(reached[labels])


def fill_holes(mask: Bools) -> Bools:
    """Add the pixels that a mask encloses."""
    around = np.pad(~mask, 1, constant_values=True)
    edge = np.zeros_like(around)
    edge[0, 0] = True
    return ~components_touching(around, edge, connectivity=4)[1:-1, 1:-1]


def disc(radius: int) -> NDArray[np.uint8]:
    """Return a round kernel of ``radius`` pixels."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
