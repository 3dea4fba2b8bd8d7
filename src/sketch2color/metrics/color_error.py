"""How far a result's colours are from those of its paired image, as people see them."""

from skimage.color import deltaE_ciede2000, rgb2lab

from sketch2color.imaging import ImageArray

KEY_COLOR_ERROR = "color_error"


def color_error(image: ImageArray, truth: ImageArray) -> float:
    """Return the mean colour difference CIEDE2000 over all pixels.

    ISO/CIE 11664-6:2022 with unit weights; D65. The computation is scikit-image's, after Sharma et al. 2005,
    "The CIEDE2000 color-difference formula".

    Args:
        image: uint8, H × W × 3.
        truth: of the same shape.

    Returns:
        ΔE₀₀, 0 to about 100, lower is better; about 1 is just noticeable.

    >>> import numpy as np
    >>> white = np.full((2, 2, 3), 255, np.uint8)
    >>> color_error(white, white), round(color_error(white * 0, white), 1)
    (0.0, 100.0)
    """
    return float(deltaE_ciede2000(rgb2lab(truth), rgb2lab(image)).mean())  # type: ignore[no-untyped-call]
