"""How much of the colour ends where no line is."""

import cv2
import numpy as np
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import blank_paper, distance_to, line_mask, window
from sketch2color.metrics.metric import explained, metric

MARGIN = 3.0  # pixels: colour that ends so near to a line ends at it
PERIOD = 4  # pixels, averaged: a checkerboard, which has its own metric, ends no colour
MIN_SLOPE = 0.3  # units of a* and b* per pixel: below are shading, grain and the steps of 8 bits
PAPER_RIM = 4  # pixels beside blank paper where noise of the paper is still expected


@metric("Colour over the lines", "bleed", "of its edges", direction="lower", digits=3, order=22)
@explained(
    "The share of the edges of colour that is more than 3 pixels from any line of the "
    "sketch. Zero is colour that stops at the lines; designers reach 0.01 to 0.04, and 0.1 "
    "with the tones of markers."
)
def color_bleed(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the share of the chroma gradient's energy that lies away from any line of the sketch.

    The energy is the squared gradient (Sobel) of a* and b* of CIELAB (CIE 15:2004; D65), summed over what is
    not blank paper. Colour that stops at outlines has all of it within ``MARGIN`` pixels of them.

    Returns:
        0 (colour changes at lines only) to 1 (nowhere near one). A line over paint counts too, since it is
        grey. None where no colour changes.
    """
    ab = cv2.blur(rgb2lab(image)[..., 1:].astype(np.float32), (PERIOD, PERIOD))
    gradient = [cv2.Sobel(ab, cv2.CV_32F, dx, dy, scale=1 / 8) for dx, dy in ((1, 0), (0, 1))]
    energy = np.square(np.concatenate(gradient, 2), dtype=np.float64).sum(2)
    rim = np.ones((window(2 * PAPER_RIM + 1, energy),) * 2, np.uint8)
    paper = cv2.dilate(blank_paper(sketch).astype(np.uint8), rim) > 0
    energy[paper | (energy < MIN_SLOPE**2)] = 0
    total = float(energy.sum())
    return float(energy[distance_to(line_mask(sketch)) > MARGIN].sum()) / total if total > 0 else None
