"""How much colour a drawing is painted with."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.color_bleed import lines
from sketch2color.metrics.paper_noise import outside

KEY_COLORFULNESS = "colorfulness"
CLEAR = 4.0  # pixels from a line, within which colour that runs over it comes or goes


def colorfulness(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the mean chroma within the drawing, away from its lines.

    Chroma is the length of a*, b* of CIELAB (CIE 15:2004; D65), which Hasler & Süsstrunk 2003, "Measuring
    colourfulness in natural images", average as well. Their figures are for photographs: on a drawing they
    grow with how much of the page it fills. It is no score of quality: the mark to meet is that of real
    coloured images.

    Args:
        image: the result, uint8, H × W × 3.
        sketch: what it was made from, of the same shape; for a designer's own coloured sketch, the same.

    Returns:
        0 (grey) to about 130; None where the drawing has no room between its lines.

    >>> sketch = np.full((96, 96, 3), 255, np.uint8)
    >>> sketch[20:76, 20:76] = 0
    >>> sketch[22:74, 22:74] = 255  # a box
    >>> red = sketch.copy()
    >>> red[22:74, 22:74, 1:] = 0
    >>> round(colorfulness(red, sketch), 1), colorfulness(sketch, sketch) < 1
    (104.6, True)
    """
    within = _within(sketch)
    return float(np.linalg.norm(rgb2lab(image)[..., 1:][within], axis=1).mean()) if within.any() else None


def _within(sketch: ImageArray) -> NDArray[np.bool_]:
    """Return what paper round the drawing does not reach, but for what is near to lines: H × W."""
    clear = (~lines(sketch)).astype(np.uint8)
    off_lines = cv2.distanceTransform(clear, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > CLEAR
    return np.asarray(~outside(sketch) & off_lines)
