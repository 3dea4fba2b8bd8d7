"""How much of an image looks like a publisher's mark, and how much of that a method painted itself."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.metrics.paper_noise import outside
from sketch2color.watermarks.detect import Mark, detect

KEY_MARK_AREA = "mark_area"
KEY_PAINTED_MARKS = "painted_marks"
MARGIN = 8  # pixels: colouring moves the outline of a mark that was on the sketch by less

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Marks:
    """What the finder of the stage clean takes for marks on an image, H × W each.

    ``pixels`` are those of the marks that it is sure of: what a designer would have to erase. ``sure`` is all
    that these span, ``ground`` all that marks span, in doubt or not, both with ``MARGIN`` round it.
    """

    pixels: Mask
    sure: Mask
    ground: Mask


def marks_on(image: ImageArray) -> Marks:
    """Find the marks on ``image``, uint8, H × W × 3."""
    detections = detect(image)
    shape = image.shape[:2]
    return Marks(
        detections.mask(*shape) > 0,
        _spanned(detections.sure, shape),
        _spanned((*detections.sure, *detections.doubtful), shape),
    )


def mark_areas(marks: Marks, known: Marks | None) -> dict[str, float]:
    """Return which shares of an image are marks.

    A model trained on marked images learns to paint marks. A mark that was on the sketch and stayed was not
    painted.

    Args:
        marks: of the image.
        known: of the sketch that it was made from; None where it was made from none.

    Returns:
        ``mark_area`` and, with a sketch, ``painted_marks``, at most as large: each 0 (none) to 1 (all).

    >>> none = marks_on(np.full((64, 64, 3), 255, np.uint8))
    >>> mark_areas(none, none), mark_areas(none, None)
    ({'mark_area': 0.0, 'painted_marks': 0.0}, {'mark_area': 0.0})
    """
    areas = {KEY_MARK_AREA: float(marks.pixels.mean())}
    if known is not None:
        areas[KEY_PAINTED_MARKS] = float((marks.pixels & ~known.ground).mean())
    return areas


def without_marks(image: ImageArray, sketch: ImageArray, marks: Marks, known: Marks) -> ImageArray:
    """Put paper back where a mark was painted on it: other scores must not count the mark again."""
    painted = marks.sure & ~known.ground & outside(sketch)
    return np.where(painted[..., None], sketch, image)


def _spanned(marks: Iterable[Mark], shape: tuple[int, ...]) -> Mask:
    united = np.zeros(shape, np.uint8)
    for mark in marks:
        united |= mark.ground
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    return np.asarray(cv2.dilate(united, disc) > 0)
