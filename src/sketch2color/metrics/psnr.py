"""Peak signal-to-noise ratio of a result against its paired image."""

import math

import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.metrics.metric import explained, metric

HIGHEST = 100.0  # dB: about the score of one value of 256 × 256 pixels being off by one level


@metric("Similarity to the designer’s colours", "PSNR", "dB", direction="higher", digits=1, order=30)
@explained(
    "Pixel by pixel, against the same drawing as its designer coloured it. A wrong but "
    "convincing colour scores low, and much white paper scores high."
)
def psnr(result: ImageArray, truth: ImageArray) -> float:
    """Return the peak signal-to-noise ratio over all pixels and channels, with a peak of 255.

    ITU-T J.340, section 6. Equal images would score infinity: values end at ``HIGHEST``.

    Returns:
        Decibels, 0 to 100.
    """
    error = float(np.square(result.astype(np.float64) - truth.astype(np.float64)).mean())
    return HIGHEST if error == 0 else min(HIGHEST, 10 * math.log10(255**2 / error))
