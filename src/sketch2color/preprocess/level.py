"""Level the paper of a sketch: however it was lit and scanned, paper becomes white."""

import numpy as np

from sketch2color.imaging import ImageArray, fit_paper, pixel_centers

DARK = 110.0
"""Levels: a page whose paper is darker than this on average is meant to be dark."""
DIMMEST = 64.0
"""Levels: where light falls off below this, paper is too far gone."""
LEAST = 0.3
"""Share of the image that must be paper; with less there is nothing to tell light from shading by."""
MOST_BRIGHTER = 0.02
"""Share of the image that may be lighter than its paper: with more it is a tone, and no paper."""


def level(sketch: ImageArray) -> ImageArray:
    """Divide a sketch by its paper, as light multiplies it; uint8, H × W × 3.

    Paper becomes white, and ink keeps its darkness: the share of light that it swallows. Where it is not
    clear what is paper (a dark page, one full of shading, a photograph), the very same image comes back.

    >>> page = np.full((40, 40, 3), (240, 230, 200), np.uint8)
    >>> page[20, 5:30] = (24, 23, 20)
    >>> [level(page)[y, 10].tolist() for y in (5, 20)]
    [[255, 255, 255], [26, 26, 26]]
    """
    height, width = sketch.shape[:2]
    paper = fit_paper(sketch)
    if paper.share < LEAST or paper.brighter > MOST_BRIGHTER:
        return sketch
    light = paper.levels(pixel_centers(width), pixel_centers(height))
    if light.mean() < DARK or light.min() < DIMMEST:
        return sketch
    return np.asarray(np.rint((sketch * (255 / light)).clip(0, 255)), np.uint8)
