"""Peak signal-to-noise ratio of a result against its paired image."""

import math

import numpy as np

from sketch2color.imaging import ImageArray

KEY_PSNR = "psnr"
HIGHEST = 100.0


def psnr(image: ImageArray, truth: ImageArray) -> float:
    """Return the peak signal-to-noise ratio over all pixels and channels, with a peak of 255.

    ITU-T J.340, section 6. Equal images would score infinity: the score stops at ``HIGHEST``, about what
    an image of 256 × 256 scores that is one level off in a single value.

    Args:
        image: uint8, H × W × 3.
        truth: of the same shape.

    Returns:
        Decibels, 0 to 100, higher is better.

    >>> black = np.zeros((4, 4, 3), np.uint8)
    >>> round(psnr(black, black + 255), 3), round(psnr(black + 51, black), 3), psnr(black, black)
    (0.0, 13.979, 100.0)
    """
    error = float(np.square(image.astype(np.float64) - truth.astype(np.float64)).mean())
    return HIGHEST if error == 0 else min(HIGHEST, 10 * math.log10(255**2 / error))
