"""Bring a picture of any size to a square."""

from typing import Literal

import numpy as np

from sketch2color.cleaning.level import level
from sketch2color.images import PictureArray, Resize, on_paper, resize, resize_strokes
from sketch2color.manifest import Domain
from sketch2color.params import Clean

SHRINK: dict[Domain, Resize] = {"sketch": resize_strokes, "color": resize}
"""A sketch is its strokes, and must not lose the thin ones; a coloured picture is shrunk plainly."""


def finish(picture: PictureArray, domain: Domain, params: Clean) -> PictureArray:
    """Make of a picture without marks what training sees: 256 × 256 × 3, a sketch levelled if so wished."""
    levelled = level(picture) if params.level and domain == "sketch" else picture
    return fit(levelled, params.fit, resize=SHRINK[domain])


def fit(
    picture: PictureArray, how: Literal["pad", "crop", "squash"], size: int = 256, resize: Resize = resize
) -> PictureArray:
    """Bring ``picture`` (uint8, H × W × 3) to ``size`` × ``size`` pixels, antialiased.

    Args:
        picture: a picture of any size.
        how: ``pad`` keeps the whole picture and its aspect ratio, centred on the colour of its paper;
            ``crop`` keeps the middle and the aspect ratio; ``squash`` keeps the whole picture.
        size: the square's edge in pixels.
        resize: what shrinks it; see ``SHRINK``.

    >>> tall = np.full((40, 20, 3), 250, np.uint8)
    >>> [fit(tall, how, 8).shape for how in ("pad", "crop", "squash")]
    [(8, 8, 3), (8, 8, 3), (8, 8, 3)]
    """
    if how == "squash":
        return resize(picture, size, size)
    if how == "pad":
        return on_paper(picture, size, resize)[0]
    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return resize(np.ascontiguousarray(picture[top : top + edge, left : left + edge]), size, size)
