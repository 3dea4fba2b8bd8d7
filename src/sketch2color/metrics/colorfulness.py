"""How much colour an image has."""

import numpy as np
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import background, distance_to, line_mask
from sketch2color.metrics.metric import explained, metric

MARGIN = 4.0  # pixels from a line, within which it depends on bleeding whether there is colour


@metric("Colourfulness", "colour", direction="like real", digits=1, order=25)
@explained(
    "How much colour there is in the drawing. More is not better: the target is the value of "
    "real coloured images."
)
def colorfulness(image: ImageArray, line_art: ImageArray) -> float | None:
    """Return the mean chroma within the drawing, away from its lines.

    Chroma is the length of a*, b* of CIELAB (CIE 15:2004; D65), which Hasler & Süsstrunk 2003, "Measuring
    colourfulness in natural images", average as well. Their figures are for photographs: on line art they
    would grow with the area of the drawing.

    Returns:
        0 (grey) to about 130; None where the drawing has no area away from lines.
    """
    drawing = ~background(line_art) & (distance_to(line_mask(line_art)) > MARGIN)
    return float(np.linalg.norm(rgb2lab(image)[..., 1:][drawing], axis=1).mean()) if drawing.any() else None
