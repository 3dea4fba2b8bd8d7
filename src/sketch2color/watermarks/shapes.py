"""What shape a found mark has, hence of what kind it is, and its clean outline."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.imaging.morphology import disc

Kind = Literal["badge", "bar", "caption", "logo", "qr", "banner", "barcode"]
PLATES = ("badge", "bar", "qr", "banner")
"""Kinds that lie on a plate of their own."""
FULL = 0.88
"""A component that fills so much of its box is a rectangle."""
ELLIPTIC = 0.88
"""One that has so much in common with the ellipse in its box is that."""
SOLID = 0.85
"""One that fills so much of its convex hull is a plate, be it found with a ragged edge; letters are not."""
WRITTEN = 0.5
"""Writing that fills so much of its box is taken to span the box."""
REGULAR = 0.93
"""One that fills so much of its convex hull is taken to fill it all."""


def classify_shape(component: NDArray[np.bool_], image: ImageArray, plated: bool) -> Kind:
    """Guess the kind of a mark from its shape; a guess is enough, for it only chooses the outline and a word.

    Args:
        component: bool, H × W, not empty.
        image: uint8, H × W × 3.
        plated: whether the mark is there between its letters, too.
    """
    y, x = bounding_box(component)
    inside = component[y, x]
    height, width = inside.shape
    if inside.mean() >= FULL and 0.5 < width / height < 2 and _black_and_white(image[y, x]):
        return "qr"
    if plated and _ellipse_agreement(inside) > ELLIPTIC and inside.mean() < FULL:
        return "badge"
    if plated and inside.sum() >= SOLID * _hull(inside).sum():
        at_edge = 0 in (y.start, x.start) or y.stop == component.shape[0] or x.stop == component.shape[1]
        long = width > 0.5 * component.shape[1] or height > 0.5 * component.shape[0]
        return "banner" if at_edge and long else "bar"
    return "caption" if max(width, height) > 2.5 * min(width, height) else "logo"


def outline(component: NDArray[np.bool_], kind: Kind, margin: int) -> NDArray[np.uint8]:
    """Give the ground of a mark as 255, ``margin`` pixels wider: its hull for plates, its box for writing."""
    ground = component.astype(np.uint8) * 255
    box = bounding_box(component)
    if kind in PLATES:
        hull = _hull(component)
        if component.sum() >= REGULAR * hull.sum():
            ground[hull] = 255
    elif component[box].mean() >= WRITTEN:
        ground[box] = 255
        return np.asarray(cv2.dilate(ground, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)))
    return np.asarray(cv2.dilate(ground, disc(margin)))


def bounding_box(component: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Give the rows and columns that a component spans; it must not be empty."""
    rows, columns = np.flatnonzero(component.any(1)), np.flatnonzero(component.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def window_around(component: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Give the rows and columns that a component, not empty, spans, and ``margin`` more all round."""
    y, x = bounding_box(component)
    return slice(max(0, y.start - margin), y.stop + margin), slice(max(0, x.start - margin), x.stop + margin)


def _hull(component: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give the convex hull of a component, bool H × W, not empty."""
    contours, _ = cv2.findContours(component.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = np.zeros(component.shape, np.uint8)
    cv2.fillPoly(hull, [cv2.convexHull(np.concatenate(contours))], 1)
    return hull.astype(bool)


def _ellipse_agreement(inside: NDArray[np.bool_]) -> float:
    """Give the intersection over union of a shape, bool h × w, and the ellipse in its box."""
    height, width = inside.shape
    ellipse = np.zeros(inside.shape, np.uint8)
    cv2.ellipse(ellipse, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 1, -1)
    return float((inside & (ellipse > 0)).sum() / (inside | (ellipse > 0)).sum())


def _black_and_white(image: ImageArray) -> bool:
    """Say whether an image is as much ink as paper and little between, as a QR code is."""
    grey = image.mean(2)
    dark, light = (grey < 90).mean(), (grey > 165).mean()
    return bool(dark > 0.25 and light > 0.25)
