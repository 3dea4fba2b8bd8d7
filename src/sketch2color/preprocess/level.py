"""Level the paper of a sketch: however it was lit and scanned, it becomes white."""

import numpy as np

from sketch2color.imaging import ImageArray, fit_paper, pixel_centers

MIN_MEAN_LEVEL = 110.0  # of paper: a darker page is meant to be dark
MIN_LEVEL = 64.0  # of paper: where light falls off below this, it cannot be restored
MIN_SHARE = 0.3  # of the image that must be paper; with less, light cannot be told from shading
MAX_BRIGHTER_SHARE = 0.02  # of the image that may be lighter than its paper: with more it is a tone


def level(sketch: ImageArray) -> ImageArray:
    """Divide a sketch by its paper, as light multiplies it; uint8, H × W × 3.

    Paper becomes white, and ink keeps its darkness: the share of light that it swallows. Where it is not
    clear what is paper (a dark page, one full of shading, a photograph), the image itself is returned.

    >>> page = np.full((40, 40, 3), (240, 230, 200), np.uint8)
    >>> page[20, 5:30] = (24, 23, 20)
    >>> [level(page)[y, 10].tolist() for y in (5, 20)]
    [[255, 255, 255], [26, 26, 26]]
    """
    height, width = sketch.shape[:2]
    paper = fit_paper(sketch)
    if paper.share < MIN_SHARE or paper.brighter > MAX_BRIGHTER_SHARE:
        return sketch
    light = paper.levels(pixel_centers(width), pixel_centers(height))
    if light.mean() < MIN_MEAN_LEVEL or light.min() < MIN_LEVEL:
        return sketch
    return np.asarray(np.rint((sketch * (255 / light)).clip(0, 255)), np.uint8)
