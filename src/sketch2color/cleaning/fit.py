"""Bring a picture of any size to a square."""

from typing import Literal

import numpy as np

from sketch2color.images import PictureArray, on_paper, resize


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
    if how == "pad":
        return on_paper(picture, size)[0]
    height, width = picture.shape[:2]
    factor = size / min(height, width)
    rows, columns = max(1, round(height * factor)), max(1, round(width * factor))
    top, left = (rows - size) // 2, (columns - size) // 2
    return np.ascontiguousarray(resize(picture, columns, rows)[top : top + size, left : left + size])
