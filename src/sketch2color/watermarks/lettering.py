"""Segment writing by its colors, where the drawing around it has others.

The network knows where writing is, but is a pixel or two off and takes what lies between letters, the drawing
among it, for letters. Where writing has colors of its own, these are more exact.
"""

import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.imaging.morphology import components_touching, dilate, distance_to
from sketch2color.watermarks.colors import color_log_odds
from sketch2color.watermarks.masks import Bools, bounding_box

NEAR, FAR = 3.0, 20.0  # pixels at working size from what was detected, between which the surroundings are
FEWEST = 30  # pixels at working size of letters; fewer tell nothing
LOG_ODDS = 1.2  # from which a color is the writing's
EXPLAINED = 0.5  # share of the network's letters that must have such colors, rims included


def segment_lettering(image: ImageArray, span: Bools, letters: Bools, scale: float) -> Bools | None:
    """Return the pixels of writing, its soft rims included; None where its colors do not tell it.

    Args:
        image: uint8, H × W × 3.
        span: bool, H × W, where the writing was detected, gaps between letters included; not empty.
        letters: bool, H × W, the letters as the network sees them.
        scale: pixels of this image for one at working size.
    """
    window = bounding_box(span, round((FAR + 4) * scale))
    spanned, inside = span[window], letters[window] & span[window]
    distance = distance_to(spanned)
    outside = (distance > NEAR * scale) & (distance < FAR * scale)
    if min(inside.sum(), outside.sum()) < FEWEST * scale**2:
        return None
    alike = color_log_odds(image[window], inside, outside) > LOG_ODDS
    if alike[inside].mean() < EXPLAINED:
        return None
    alike &= distance <= NEAR * scale
    found = np.zeros_like(span)
    found[window] = dilate(components_touching(alike, spanned), scale)
    return found
