"""How much of a picture looks like a publisher's mark, and how much of that a method painted itself."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.cleaning.find import Finding, find
from sketch2color.images import PictureArray

KEY_MARK_AREA = "mark_area"
KEY_PAINTED_MARKS = "painted_marks"
MARGIN = 8  # pixels: colouring moves the outline of a mark that was on the sketch by less


def mark_areas(picture: PictureArray, sketch: PictureArray | None) -> dict[str, float]:
    """Return which shares of ``picture`` the finder of the stage clean takes for a mark and is sure of.

    A model trained on marked pictures learns to paint marks. A mark that was on the sketch and stayed was not
    painted: ``painted_marks`` leaves out the ground of all that is found on the sketch, in doubt or not, and
    ``MARGIN`` round it. What is sought is what a designer would have to erase.

    Args:
        picture: uint8, H × W × 3.
        sketch: what it was made from, of the same shape; None where it was made from none.

    Returns:
        ``mark_area`` and, with a sketch, ``painted_marks``, at most as large: each 0 (none) to 1 (all).

    >>> page = np.full((64, 64, 3), 255, np.uint8)
    >>> mark_areas(page, page), mark_areas(page, None)
    ({'mark_area': 0.0, 'painted_marks': 0.0}, {'mark_area': 0.0})
    """
    marks = find(picture).mask(*picture.shape[:2]) > 0
    areas = {KEY_MARK_AREA: float(marks.mean())}
    if sketch is not None:
        areas[KEY_PAINTED_MARKS] = float((marks & ~ground(find(sketch), marks.shape)).mean())
    return areas


def ground(finding: Finding, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return what all found marks span, sure or not, and ``MARGIN`` round them: H × W of ``shape``."""
    united = np.zeros(shape[:2], np.uint8)
    for mark in (*finding.sure, *finding.doubtful):
        united |= mark.ground
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    return np.asarray(cv2.dilate(united, disc) > 0)
