"""How much of the colour ends where no line is."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.paper_noise import blank_paper

KEY_COLOR_BLEED = "color_bleed"
MARGIN = 3.0  # pixels: colour that ends so near to a line ends at it
PERIOD = 4  # pixels, averaged: a lattice, which is another fault, ends no colour
STEEP = 0.3  # units of a* and b* per pixel: what is less steep is shading, grain, or the steps of 8 bits
RIM = 4  # pixels of what is not blank paper by its definition, but may have what soils paper
FOLD = 17  # pixels: what is dark over less than this is a line, however light the ground it lies on
CONTRAST = 25  # levels of 8 bits: a line is darker than its ground by this, grain and JPEG are not
BLACK = 96  # levels: what is darker is ink, of whatever width; its rim is a line


def color_bleed(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the share of the chroma gradient's energy that lies away from any line of the sketch.

    The energy is the squared gradient (Sobel) of a* and b* of CIELAB (CIE 15:2004; D65), summed over what is
    not blank paper, whose noise is another fault. Colour that stops at outlines has it all within ``MARGIN``
    pixels of them.

    Args:
        image: the result, uint8, H × W × 3.
        sketch: what it was made from, of the same shape.

    Returns:
        0 (colour changes at lines only) to 1 (nowhere near one); lower is better. A line over paint
        counts too, since it is grey. None where no colour changes.

    >>> sketch = np.full((64, 64, 3), 255, np.uint8)
    >>> sketch[:, 20:22] = sketch[:, 40:42] = 0
    >>> filled, half = sketch.copy(), sketch.copy()
    >>> filled[:, 22:40, 2] = 0  # yellow from line to line
    >>> half[:, 22:31, 2] = 0
    >>> color_bleed(filled, sketch), round(color_bleed(half, sketch), 1)
    (0.0, 0.5)
    """
    ab = cv2.blur(rgb2lab(image)[..., 1:].astype(np.float32), (PERIOD, PERIOD))
    slopes = (cv2.Sobel(ab, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    energy = np.square(np.concatenate(list(slopes), 2), dtype=np.float64).sum(2)
    paper = (
        cv2.dilate(blank_paper(sketch).astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
    )
    energy[paper | (energy < STEEP**2)] = 0
    total = float(energy.sum())
    away = cv2.distanceTransform((~lines(sketch)).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float(energy[away > MARGIN].sum()) / total if total > 0 else None


def lines(sketch: ImageArray) -> NDArray[np.bool_]:
    """Return where ink is, H × W: what is black, and what is a good deal darker than its ground.

    The brightest channel counts, so paint, which has one bright channel, is ground rather than ink. The
    ground is what a morphological closing leaves when it has swallowed all that is narrower than ``FOLD``.

    >>> sheet = np.full((40, 60, 3), 255, np.uint8)
    >>> sheet[:, 20:] = (230, 90, 0)  # paint
    >>> sheet[:, 40:42] -= 60  # a line on it
    >>> np.flatnonzero(lines(sheet).any(0)).tolist()
    [40, 41]
    """
    value = sketch.max(2)
    ground = cv2.morphologyEx(value, cv2.MORPH_CLOSE, np.ones((FOLD, FOLD), np.uint8))
    ink: NDArray[np.bool_] = (value < BLACK) | (ground - value >= CONTRAST)
    return ink
