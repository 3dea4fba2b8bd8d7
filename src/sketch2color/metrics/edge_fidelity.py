"""Whether the sketch's lines are still there, and no others."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray

KEY_LINES_LOST = "lines_lost"
KEY_LINES_INVENTED = "lines_invented"
FOLD = 13  # pixels: what is dark over less than this is a line, however light the ground it lies on
PERIOD = 4  # pixels, averaged: a lattice, which is another fault, is no line
FAINT = 0.15  # of its ground's lightness: what is less darker than its ground is grain and shading
KEPT = 0.5  # of its darkness: a line is all there that has so much left
BLACK = 0.3  # of full lightness: a line in or along black paint is not lost
TOLERANCE = 2  # pixels by which a line may move
CLEAR = 7.0  # pixels: nearer to lines, paint between two of them is dark over less than ``FOLD``

Plane = NDArray[np.float32]


def edge_fidelity(image: ImageArray, sketch: ImageArray) -> dict[str, float]:
    """Compare the lines of a result with those of its sketch.

    A line is what is darker than its ground, by lightness L* of CIELAB (CIE 15:2004; D65), and its darkness
    the share of the ground's light that it takes; the ground is what a morphological closing leaves. So
    colour, however strong, is no line, and a line over paint is as dark as one on paper.

    Args:
        image: the result, uint8, H × W × 3.
        sketch: what it was made from, of the same shape.

    Returns:
        ``lines_lost``, the share of the sketch's lines, by their area, that is gone: 0 to 1; one that was
        paled by less than half is kept, one that was paled more is lost in part. And ``lines_invented``,
        the share of all lines, by area and darkness, that lies away from the sketch's: 0 to 1. Lower is
        better. Empty for a sketch without lines.

    >>> sketch = np.full((64, 64, 3), 255, np.uint8)
    >>> sketch[:, 20:23] = 0
    >>> half = sketch.copy()
    >>> half[:32] = 255
    >>> half[:, 40:43] = 0
    >>> edge_fidelity(sketch, sketch)
    {'lines_lost': 0.0, 'lines_invented': 0.0}
    >>> {key: round(share, 1) for key, share in edge_fidelity(half, sketch).items()}
    {'lines_lost': 0.5, 'lines_invented': 0.5}
    """
    drawn, _ = _lines(sketch)
    own = drawn > 0
    if not own.any():
        return {}
    found, light = _lines(image)
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE + 1, 2 * TOLERANCE + 1))
    near, darkest = cv2.dilate(found, reach), cv2.erode(light, reach)
    kept = np.where(darkest < BLACK, 1.0, near / (KEPT * drawn.clip(FAINT))).clip(0, 1)
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > CLEAR
    invented = float(found[away].sum(dtype=np.float64))
    return {
        KEY_LINES_LOST: float(1.0 - kept[own].mean(dtype=np.float64)),
        KEY_LINES_INVENTED: invented / (invented + float(drawn.sum(dtype=np.float64))),
    }


def _lines(image: ImageArray) -> tuple[Plane, Plane]:
    """Return how dark lines are, 0 where none is, and the lightness: H × W each, in [0, 1]."""
    light = cv2.blur(rgb2lab(image)[..., 0].astype(np.float32) / 100, (PERIOD, PERIOD))
    ground = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((FOLD, FOLD), np.uint8))
    darkness = 1 - light / ground.clip(1e-3)
    return np.where(darkness >= FAINT, darkness, 0).astype(np.float32), light
