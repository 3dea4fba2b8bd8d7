"""Classify the shape of a detected mark, and outline it."""

from typing import Literal

import cv2
import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.imaging.morphology import disc
from sketch2color.watermarks.masks import Bools, Mask, bounding_box, to_mask

Kind = Literal["badge", "bar", "caption", "logo", "qr", "banner", "barcode"]
PLATES = ("badge", "bar", "qr", "banner")
"""Kinds that lie on a plate of their own."""

ELLIPTIC = 0.88  # intersection over union with the ellipse in its box, from which a mark is one
FULL = 0.88  # share of its box that a rectangle fills
SOLID = 0.85  # share of its convex hull that a plate with a ragged edge fills; letters fill less
WRITTEN = 0.5  # share of its box from which writing is taken to span the box
REGULAR = 0.93  # share of its convex hull from which a plate is taken to fill it


def classify_shape(component: Bools, image: ImageArray, has_plate: bool) -> Kind:
    """Guess the kind of a mark from its shape; it chooses the outline and the word in reports.

    Args:
        component: bool, H × W, not empty.
        image: uint8, H × W × 3.
        has_plate: whether the mark's own pixels lie between its letters, too.
    """
    y, x = bounding_box(component)
    inside = component[y, x]
    height, width = inside.shape
    if inside.mean() >= FULL and 0.5 < width / height < 2 and _black_and_white(image[y, x]):
        return "qr"
    if has_plate and _ellipse_iou(inside) > ELLIPTIC and inside.mean() < FULL:
        return "badge"
    if has_plate and inside.sum() >= SOLID * _hull(inside).sum():
        at_edge = 0 in (y.start, x.start) or y.stop == component.shape[0] or x.stop == component.shape[1]
        long = width > 0.5 * component.shape[1] or height > 0.5 * component.shape[0]
        return "banner" if at_edge and long else "bar"
    return "caption" if max(width, height) > 2.5 * min(width, height) else "logo"


def outline(component: Bools, kind: Kind, margin: int) -> Mask:
    """Return the ground of a mark, ``margin`` pixels wider: its hull for plates, its box for writing."""
    ground = to_mask(component)
    box = bounding_box(component)
    if kind in PLATES:
        hull = _hull(component)
        if component.sum() >= REGULAR * hull.sum():
            ground[hull] = 255
    elif component[box].mean() >= WRITTEN:
        ground[box] = 255
        return np.asarray(cv2.dilate(ground, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)))
    return np.asarray(cv2.dilate(ground, disc(margin)))


def _hull(component: Bools) -> Bools:
    """Return the convex hull of a component, bool H × W, not empty."""
    contours, _ = cv2.findContours(component.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = np.zeros(component.shape, np.uint8)
    cv2.fillPoly(hull, [cv2.convexHull(np.concatenate(contours))], 1)
    return hull.astype(bool)


def _ellipse_iou(inside: Bools) -> float:
    """Return the intersection over union of a shape, bool h × w, and the ellipse in its box."""
    height, width = inside.shape
    drawn = np.zeros(inside.shape, np.uint8)
    cv2.ellipse(drawn, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 1, -1)
    ellipse = drawn > 0
    return float((inside & ellipse).sum() / (inside | ellipse).sum())


def _black_and_white(image: ImageArray) -> bool:
    """Return whether an image is as much ink as paper and little between, as a QR code is."""
    grey = image.mean(2)
    return bool((grey < 90).mean() > 0.25 and (grey > 165).mean() > 0.25)
