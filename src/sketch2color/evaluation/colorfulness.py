"""How colourful a picture is to the eye."""

import math

import numpy as np

from sketch2color.images import PictureArray

KEY_COLORFULNESS = "colorfulness"


def colorfulness(picture: PictureArray) -> float:
    """Return the metric M̂(3) of Hasler & Süsstrunk 2003, "Measuring colourfulness in natural images".

    With the opponent channels rg = R - G and yb = (R + G) / 2 - B it is the length of their standard
    deviations plus 0.3 times the length of their means. It is no score of quality: the mark to meet is that
    of real coloured pictures, which keep white paper round the drawing.

    Args:
        picture: uint8, H × W × 3.

    Returns:
        In levels of 8 bits, 0 (grey) to about 280; people call 15 slightly, 45 averagely and 82 highly
        colourful.

    >>> red = np.zeros((2, 2, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    >>> round(colorfulness(red), 2), colorfulness(np.full((2, 2, 3), 90, np.uint8))
    (85.53, 0.0)
    """
    red, green, blue = np.moveaxis(picture.astype(np.float64), 2, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean())
