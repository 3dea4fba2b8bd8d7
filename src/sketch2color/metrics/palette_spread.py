"""How different the colours are that a set of images is painted with."""

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.paper_noise import blank_paper

KEY_PALETTE_SPREAD = "palette_spread"
COLORED = 1.0  # mean chroma of CIELAB: paper and pencil alone have less

Palettes = NDArray[np.float64]


def palette(image: ImageArray, sketch: ImageArray) -> NDArray[np.float64] | None:
    """Return the hue that an image is painted in, without regard to how strong the paint is.

    It is the sum of a*, b* of CIELAB (CIE 15:2004; D65) over what is not blank paper, divided by the sum of
    their lengths: the mean of hues, each with the weight of its chroma (Mardia & Jupp 2000, section 2.2).

    Args:
        image: the result, uint8, H × W × 3.
        sketch: what it was made from, of the same shape; for a designer's own coloured sketch, the same.

    Returns:
        A vector of length 1 where all paint has one hue, and less where hues are mixed; None for an image
        without colour.

    >>> sketch = np.full((64, 64, 3), 255, np.uint8)
    >>> sketch[20:44, 20:44] = 0
    >>> red = np.where(sketch == 0, np.array([200, 90, 80]), 255).astype(np.uint8)
    >>> palette(red, sketch).round(1).tolist(), palette(sketch, sketch)
    ([0.8, 0.5], None)
    """
    ab = rgb2lab(image)[..., 1:][~blank_paper(sketch)]
    chroma = np.linalg.norm(ab, axis=1)
    if not len(ab) or chroma.mean() < COLORED:
        return None
    return np.asarray(ab.sum(0) / chroma.sum())


def palette_spread(palettes: Palettes) -> float | None:
    """Return how far the images' palettes lie apart: the same everywhere is 0.

    Args:
        palettes: n × 2, of :func:`palette`.

    Returns:
        Root mean square distance from their mean, 0 to 1; the mark to meet is that of real coloured
        images. None for fewer than two.

    >>> palette_spread(np.array([[1.0, 0.0], [-1.0, 0.0]])), palette_spread(np.array([[1.0, 0.0]]))
    (1.0, None)
    """
    return float(np.sqrt(np.var(palettes, axis=0).sum())) if len(palettes) > 1 else None
