"""Whether the sketch's lines are still there, and no others."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import distance_to, window
from sketch2color.metrics.metric import explained, metric

FOLD = 13  # pixels: what is dark over less than this is a line, however light its surroundings
PERIOD = 4  # pixels, averaged: a checkerboard, which has its own metric, is no line
FAINT = 0.15  # relative darkness: below are grain and shading
KEPT = 0.5  # of its darkness: a line with so much left counts as kept
BLACK = 0.3  # of full lightness: a line in or along black paint is not lost
TOLERANCE = 2  # pixels by which a line may move
MARGIN = 7.0  # pixels: nearer to lines, paint between two of them is dark over less than ``FOLD``

Plane = NDArray[np.float32]


@metric("Lines lost", "lost", "of the lines", direction="lower", digits=3, order=23)
@explained("The share of the sketch’s lines that is gone, or paler by more than half.")
def lines_lost(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the share of the sketch's lines, by area, that is gone from the image.

    A line paled by less than half is kept, one that is paler is lost in part. See :func:`_darkness`.

    Returns:
        0 to 1; None for a sketch without lines.
    """
    expected, _ = _darkness(sketch)
    if not expected.any():
        return None
    found, lightness = _darkness(image)
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window(2 * TOLERANCE + 1, expected),) * 2)
    near, darkest = cv2.dilate(found, reach), cv2.erode(lightness, reach)
    kept = np.where(darkest < BLACK, 1.0, near / (KEPT * expected.clip(FAINT))).clip(0, 1)
    return float(1.0 - kept[expected > 0].mean(dtype=np.float64))


@metric("Lines invented", "invented", "of the lines", direction="lower", digits=3, order=24)
@explained("The share of the image’s lines that is nowhere near any of the sketch’s.")
def lines_invented(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the share of all lines, by area and darkness, that lies away from those of the sketch.

    Args and returns as :func:`lines_lost`.
    """
    expected, _ = _darkness(sketch)
    if not expected.any():
        return None
    found, _ = _darkness(image)
    invented = float(found[distance_to(expected > 0) > MARGIN].sum(dtype=np.float64))
    return invented / (invented + float(expected.sum(dtype=np.float64)))


def _darkness(image: ImageArray) -> tuple[Plane, Plane]:
    """Return the darkness of lines, 0 where none is, and the lightness: H × W each, in [0, 1].

    A line is darker than its surroundings, by lightness L* of CIELAB (CIE 15:2004; D65), and its darkness
    the share of their light that it takes; the surroundings are what a morphological closing leaves. So
    colour, however strong, is no line, and a line over paint is as dark as one on paper.
    """
    lightness = cv2.blur(rgb2lab(image)[..., 0].astype(np.float32) / 100, (PERIOD, PERIOD))
    surroundings = cv2.morphologyEx(
        lightness, cv2.MORPH_CLOSE, np.ones((window(FOLD, lightness),) * 2, np.uint8)
    )
    darkness = 1 - lightness / surroundings.clip(1e-3)
    return np.where(darkness >= FAINT, darkness, 0).astype(np.float32), lightness
