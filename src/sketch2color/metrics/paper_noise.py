"""What a method leaves on paper that should have stayed blank."""

import numpy as np
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import blank_paper
from sketch2color.metrics.metric import explained, metric


@metric("Noise on blank paper", "paper", "ΔE", direction="lower", digits=2, order=20)
@explained(
    "How much the paper around the drawing changed that should have stayed blank, 10 pixels or "
    "more from any line. Zero is unchanged; people notice 2.3 and more."
)
def paper_noise(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the mean colour difference between a result and its sketch over the sketch's blank paper.

    The difference is CIE76, the Euclidean distance in CIELAB (CIE 15:2004, section 8.2.1; D65).

    Returns:
        ΔE, 0 (paper untouched) to about 100 (white turned black); 2.3 is just noticeable. None when the
        sketch has no blank paper.
    """
    paper = blank_paper(sketch)
    if not paper.any():
        return None
    return float(np.linalg.norm(rgb2lab(image)[paper] - rgb2lab(sketch)[paper], axis=1).mean())
