"""Bring a picture of any size to a square."""

from typing import Literal

import numpy as np

from sketch2color.images import PictureArray, paper_color, resize


def fit(picture: PictureArray, how: Literal["pad", "crop", "squash"], size: int = 256) -> PictureArray:
    """Bring ``picture`` (uint8, H × W × 3) to ``size`` × ``size`` pixels, antialiased.

    Args:
        picture: a picture of any size.
        how: ``pad`` keeps the whole picture and its aspect ratio, centred on the colour of its paper;
            ``crop`` keeps the middle and the aspect ratio; ``squash`` keeps the whole picture.
        size: the square's edge in pixels.

    >>> tall = np.full((40, 20, 3), 250, np.uint8)
    >>> [fit(tall, how, 8).shape for how in ("pad", "crop", "squash")]
    [(8, 8, 3), (8, 8, 3), (8, 8, 3)]
    """
    if how == "squash":
        return resize(picture, size, size)
    height, width = picture.shape[:2]
    factor = size / (max if how == "pad" else min)(height, width)
    new_height, new_width = max(1, round(height * factor)), max(1, round(width * factor))
    scaled = resize(picture, new_width, new_height)
    if how == "crop":
        top, left = (new_height - size) // 2, (new_width - size) // 2
        return np.ascontiguousarray(scaled[top : top + size, left : left + size])
    square = np.empty((size, size, 3), np.uint8)
    square[:] = paper_color(picture)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    square[top : top + new_height, left : left + new_width] = scaled
    return square
