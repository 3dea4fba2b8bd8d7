"""How different the colours of the images of a set are."""

import numpy as np
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import blank_paper
from sketch2color.metrics.metric import Features, explained, metric

MIN_CHROMA = 1.0  # mean chroma of CIELAB: paper and pencil alone have less


def palette(image: ImageArray, line_art: ImageArray) -> Features | None:
    """Return the mean hue of an image, regardless of how strong its colours are.

    It is the sum of a*, b* of CIELAB (CIE 15:2004; D65) over what is not blank paper, divided by the sum of
    their lengths: the mean of hues, each weighted by its chroma (Mardia & Jupp 2000, section 2.2).

    Returns:
        A vector of length 1 where all paint has one hue, and less where hues are mixed; None for an image
        without colour.
    """
    ab = rgb2lab(image)[..., 1:][~blank_paper(line_art)]
    chroma = np.linalg.norm(ab, axis=1)
    if not len(ab) or chroma.mean() < MIN_CHROMA:
        return None
    return np.asarray(ab.sum(0) / chroma.sum())


@metric("Spread of palettes", "palettes", direction="like real", digits=2, order=15, most=1.0)
@explained(
    "How different the hues of the images are: 0 where all have the same. The target is the "
    "value of real coloured images."
)
def palette_spread(palettes: Features) -> float | None:
    """Return the root mean square distance of palettes from their mean.

    Returns:
        0 (equal palettes) to 1; None for fewer than two.
    """
    return float(np.sqrt(np.var(palettes, axis=0).sum())) if len(palettes) > 1 else None
