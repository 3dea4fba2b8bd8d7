"""How much of an image is a publisher's mark, and how much of that the method painted itself."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import background, window
from sketch2color.metrics.metric import explained, metric
from sketch2color.watermarks.detect import Mark, detect

MARGIN = 8  # pixels: colouring moves the outline of a mark that was on the sketch by less

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Marks:
    """The marks that are detected on an image, H × W each.

    Attributes:
        pixels: of the certain marks: what a designer would have to erase.
        certain: the bounding areas of the certain marks, with ``MARGIN``.
        possible: those of all marks, doubtful ones included, with ``MARGIN``.
    """

    pixels: Mask
    certain: Mask
    possible: Mask


def marks_on(image: ImageArray) -> Marks:
    """Detect the marks on ``image``, uint8, H × W × 3."""
    found = detect(image)
    shape = image.shape[:2]
    certain, possible = _areas(found.sure, shape), _areas((*found.sure, *found.doubtful), shape)
    return Marks(found.mask(*shape) > 0, certain, possible)


@metric("Publishers’ marks in all", "marks", "of the area", direction="none", digits=4, order=41)
@explained(
    "The same including marks of the sketch. The value of sketches is what cleaning left, "
    "that of real images also how often detection is wrong."
)
def mark_area(marks: Marks) -> float:
    """Return the share of an image that is marks, 0 to 1."""
    return float(marks.pixels.mean())


@metric("Publishers’ marks painted", "painted", "of the area", direction="lower", digits=4, order=40)
@explained(
    "The area of watermarks that were not on the sketch, as detected with certainty. A model "
    "learns them from training images that were not cleaned."
)
def painted_marks(marks: Marks, sketch_marks: Marks) -> float:
    """Return the share of an image that is marks which its sketch does not have, 0 to 1.

    A model trained on marked images learns to paint marks.
    """
    return float((marks.pixels & ~sketch_marks.possible).mean())


def without_painted_marks(
    image: ImageArray, sketch: ImageArray, marks: Marks, sketch_marks: Marks
) -> ImageArray:
    """Restore the background where a mark was painted on it: other metrics must not count it again."""
    painted = marks.certain & ~sketch_marks.possible & background(sketch)
    return np.where(painted[..., None], sketch, image)


def _areas(marks: Iterable[Mark], shape: tuple[int, ...]) -> Mask:
    union = np.zeros(shape, np.uint8)
    for mark in marks:
        union |= mark.ground
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window(2 * MARGIN + 1, union),) * 2)
    return np.asarray(cv2.dilate(union, disc) > 0)
