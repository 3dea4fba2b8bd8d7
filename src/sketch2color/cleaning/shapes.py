"""What shape a found mark has, hence of what kind it is, and its clean outline."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.images import PictureArray

Kind = Literal["badge", "bar", "caption", "logo", "qr", "banner"]

FULL = 0.9
"""A component that fills so much of its box is a rectangle."""


def kind_of(component: NDArray[np.bool_], picture: PictureArray) -> Kind:
    """Guess the kind of a mark from its shape; a guess is enough, for it only chooses the outline and a word.

    Args:
        component: bool, H × W.
        picture: uint8, H × W × 3.
    """
    y, x = _box(component)
    inside = component[y, x]
    height, width = inside.shape
    filled = inside.mean()
    if filled >= FULL:
        if 0.5 < width / height < 2 and _black_and_white(picture[y, x]):
            return "qr"
        at_edge = y.start == 0 or x.start == 0 or y.stop == component.shape[0] or x.stop == component.shape[1]
        long = width > 0.5 * component.shape[1] or height > 0.5 * component.shape[0]
        return "banner" if at_edge and long else "bar"
    ellipse = np.zeros(inside.shape, np.uint8)
    cv2.ellipse(ellipse, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 1, -1)
    agreement = (inside & (ellipse > 0)).sum() / (inside | (ellipse > 0)).sum()
    if agreement > 0.88:
        return "badge"
    return "caption" if max(width, height) > 2.5 * min(width, height) else "logo"


def outline(component: NDArray[np.bool_], kind: Kind, margin: int) -> NDArray[np.uint8]:
    """Give the ground of a mark as 255: convex for plates, as found for writing, ``margin`` pixels wider."""
    ground = component.astype(np.uint8) * 255
    if kind in ("badge", "bar", "qr", "banner"):
        contours, _ = cv2.findContours(ground, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.fillPoly(ground, [cv2.convexHull(np.concatenate(contours))], 255)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    return np.asarray(cv2.dilate(ground, kernel))


def _box(component: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(component.any(1)), np.flatnonzero(component.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _black_and_white(picture: PictureArray) -> bool:
    """Say whether a picture is as much ink as paper and little between, as a QR code is."""
    grey = picture.mean(2)
    dark, light = (grey < 90).mean(), (grey > 165).mean()
    return bool(dark > 0.25 and light > 0.25)
