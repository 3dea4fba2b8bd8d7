"""How far a result's colours are from those of its paired image, as people see them."""

from skimage.color import deltaE_ciede2000, rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.metric import explained, metric


@metric("Difference from the designer’s colours", "colour error", "ΔE", direction="lower", digits=1, order=31)
@explained(
    "The mean difference of colours as people see them. 1 is just noticeable; a wrong but "
    "convincing colour scores badly here as well."
)
def color_error(result: ImageArray, truth: ImageArray) -> float:
    """Return the mean colour difference CIEDE2000 over all pixels.

    ISO/CIE 11664-6:2022 with unit weights; D65. The computation is scikit-image's, after Sharma et al. 2005,
    "The CIEDE2000 color-difference formula".

    Returns:
        ΔE₀₀, 0 to about 100; about 1 is just noticeable.

    >>> import numpy as np
    >>> white = np.full((2, 2, 3), 255, np.uint8)
    >>> color_error(white, white), round(color_error(white * 0, white), 1)
    (0.0, 100.0)
    """
    return float(deltaE_ciede2000(rgb2lab(truth), rgb2lab(result)).mean())
