"""Resize an image of any size to a square."""

from typing import Literal

import numpy as np

from sketch2color.config.params import Clean
from sketch2color.imaging import (
    ImageArray,
    Resize,
    centered_region,
    pad_to_square,
    resize,
    resize_labels,
    resize_strokes,
)
from sketch2color.manifest import Domain
from sketch2color.preprocess.level import level

Fit = Literal["pad", "crop", "squash"]
SHRINK: dict[Domain, Resize] = {"sketch": resize_strokes, "color": resize}
"""How images are shrunk: a sketch must not lose its thin strokes."""


def prepare(image: ImageArray, domain: Domain, params: Clean, size: int = 256) -> ImageArray:
    """Return what training reads: ``size`` × ``size`` × 3, the paper of a sketch levelled if so set."""
    levelled = level(image) if params.level and domain == "sketch" else image
    return fit(levelled, params.fit, size, SHRINK[domain])


def fit(image: ImageArray, how: Fit, size: int = 256, resize: Resize = resize) -> ImageArray:
    """Resize ``image`` (uint8, H × W × 3) to ``size`` × ``size`` pixels, antialiased.

    Args:
        image: an image of any size.
        how: ``pad`` keeps the whole image and its aspect ratio, centred on the colour of its paper;
            ``crop`` keeps the middle and the aspect ratio; ``squash`` keeps the whole image.
        size: the square's edge in pixels.
        resize: what shrinks it; see ``SHRINK``.

    >>> tall = np.full((40, 20, 3), 250, np.uint8)
    >>> [fit(tall, how, 8).shape for how in ("pad", "crop", "squash")]
    [(8, 8, 3), (8, 8, 3), (8, 8, 3)]
    """
    if how == "squash":
        return resize(image, size, size)
    if how == "pad":
        return pad_to_square(image, size, resize)[0]
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return resize(np.ascontiguousarray(image[top : top + edge, left : left + edge]), size, size)


def fit_labels(labels: ImageArray, how: Fit, size: int = 256) -> ImageArray:
    """Resize labels, uint8 H × W, as :func:`fit` resizes their image; the padding is 0.

    >>> fit_labels(np.full((40, 20), 7, np.uint8), "pad", 4)
    array([[0, 7, 7, 0],
           [0, 7, 7, 0],
           [0, 7, 7, 0],
           [0, 7, 7, 0]], dtype=uint8)
    """
    if how != "pad":
        return fit(labels, how, size, resize_labels)
    square = np.zeros((size, size), np.uint8)
    rows, columns = centered_region(labels.shape[0], labels.shape[1], size)
    square[rows, columns] = resize_labels(labels, columns.stop - columns.start, rows.stop - rows.start)
    return square
