"""How different the colours are that a set of pictures is painted with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.images import PictureArray

KEY_PALETTE_SPREAD = "palette_spread"
COLORED = 10.0  # chroma of CIELAB: paper and pencil have less


def palette_spread(pictures: Sequence[PictureArray]) -> float | None:
    """Return how far the pictures' mean colours lie apart: the same everywhere is 0.

    A picture's mean colour is the mean a*, b* of CIELAB (CIE 15:2004; D65) of its coloured pixels, and the
    spread is the root mean square distance from the mean of those.

    Args:
        pictures: uint8, H × W × 3 each, of any sizes.

    Returns:
        In units of a* and b*, 0 to about 100; the mark to meet is that of real coloured pictures. None where
        fewer than two pictures have any colour.

    >>> red = np.zeros((2, 2, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    >>> palette_spread([red, red]), round(palette_spread([red, 255 - red]), 1)
    (0.0, 75.9)
    """
    means = [mean for mean in map(_mean, pictures) if mean is not None]
    if len(means) < 2:
        return None
    return float(np.sqrt(np.var(means, axis=0).sum()))


def _mean(picture: PictureArray) -> NDArray[np.float64] | None:
    ab = rgb2lab(picture)[..., 1:]
    colored = ab[np.linalg.norm(ab, axis=2) >= COLORED]
    return colored.mean(0) if len(colored) else None
