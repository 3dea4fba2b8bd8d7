"""The palette of an image: the colours that it is made of, the largest first."""

import numpy as np
from skimage.color import lab2rgb, rgb2lab

from sketch2color.colorize.request import Color
from sketch2color.colorize.roles import group_colors
from sketch2color.imaging import ImageArray, fit_paper, max_channel_diff, pixel_centers, shrink

SIZE = 96
"""Pixels of the longer side of the image that colours are counted in."""
TOLERANCE = 12
"""Levels by which paper may differ from its colour."""
MIN_SHARE = 0.02
"""Of the image without its paper: fewer pixels are no colour of its palette."""


def palette_from(image: ImageArray, count: int = 4) -> tuple[Color, ...]:
    """Return up to ``count`` colours of an image, uint8 H × W × 3, its paper left out.

    An image that is all paper has one colour, that of the paper.
    """
    small = shrink(image, SIZE)
    height, width = small.shape[:2]
    paper = fit_paper(small).levels(pixel_centers(width), pixel_centers(height))
    painted = max_channel_diff(small, paper) > TOLERANCE
    pixels = small[painted] if painted.any() else small.reshape(-1, 3)
    points = rgb2lab(pixels / 255.0)
    groups, centers = group_colors(points, np.ones(len(points)), count)
    shares = np.bincount(groups, minlength=count) / len(groups)
    order = [group for group in np.argsort(-shares, kind="stable") if shares[group] >= MIN_SHARE]
    red_green_blue = np.rint(lab2rgb(centers[order]) * 255.0).astype(int)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in red_green_blue)
