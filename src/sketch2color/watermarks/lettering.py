"""Tell the pixels of writing by its colours, where the drawing round it has others.

The network knows where writing is, but is a pixel or two off and takes what lies between letters, the drawing
among it, for letters. Where writing has colours of its own, these tell better.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.imaging.morphology import components_touching, dilate
from sketch2color.watermarks.color_log_odds import color_log_odds
from sketch2color.watermarks.shapes import window_around

Bools = NDArray[np.bool_]

REACH = 3.0
"""Pixels at working size beyond what the network found, in which more of the writing may be."""
NEAR, FAR = 3.0, 20.0
"""Pixels at working size, from what was found: between these are the surroundings."""
FEWEST = 30
"""Pixels of letters; fewer tell nothing."""
TELLING = 1.2
"""Log ratio from which a colour is the writing's."""
EXPLAINED = 0.5
"""So much of what the network takes for letters must have such colours, rims and all."""


def segment_lettering(image: ImageArray, span: Bools, letters: Bools, scale: float) -> Bools | None:
    """Give the pixels of writing, its soft rims included; None where its colours do not tell it.

    Args:
        image: uint8, H × W × 3.
        span: bool, H × W, where the writing was found, gaps between letters included; not empty.
        letters: bool, H × W, what are letters for all the network knows.
        scale: pixels of this image that a pixel of the working size is long.
    """
    window = window_around(span, round((FAR + 4) * scale))
    spanned, inside = span[window], letters[window] & span[window]
    away = cv2.distanceTransform((~spanned).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    outside = (away > NEAR * scale) & (away < FAR * scale)
    if min(inside.sum(), outside.sum()) < FEWEST * scale**2:
        return None
    alike = color_log_odds(image[window], inside, outside) > TELLING
    if alike[inside].mean() < EXPLAINED:
        return None
    alike &= away <= REACH * scale
    found = np.zeros_like(span)
    found[window] = dilate(components_touching(alike, spanned), scale)
    return found
