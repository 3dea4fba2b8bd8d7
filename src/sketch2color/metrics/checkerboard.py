"""The regular pattern that enlarging layers leave on an image, known as checkerboard."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.metrics.color_bleed import lines

KEY_LATTICE = "lattice"
PERIOD = 4  # pixels: generators enlarge twice by two, which repeats every second or every fourth pixel
TILE = 8 * PERIOD  # a pattern may change with the colour that it lies on, but not within a few periods
MARGIN = 4.0  # pixels from a line, within which the line itself is all there is to see
LEAST = 4  # pixels a mean is taken over


def lattice(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return how strong a pattern repeats every two or four pixels, away from the sketch's lines.

    Within a tile, all pixels with the same place in their period are averaged (Odena et al. 2016,
    "Deconvolution and checkerboard artifacts", show what this finds). The pattern's energy is the product of
    two such averages over different pixels, which share no row and no column of periods: so neither grain nor
    the edge of an area counts as pattern.

    Args:
        image: the result, uint8, H × W × 3; of its right and lower edge, what fills no tile is left out.
        sketch: what it was made from, of the same shape.

    Returns:
        Levels of 8 bits, root mean square over pixels and channels; 0 to about 128, and from 1 on it shows
        in even areas. Lower is better. None where the sketch leaves too little room between its lines.

    >>> sketch = np.full((64, 64, 3), 255, np.uint8)
    >>> image = sketch.copy()
    >>> image[::2, ::2] -= 40
    >>> lattice(sketch, sketch), round(lattice(image, sketch), 1)
    (0.0, 17.3)
    """
    means, counted = _means(_detail(image), _away(sketch))
    tiles = (counted >= LEAST).all((1, 2, 4, 5))
    if not tiles.any():
        return None
    # Axes of means: tile down, half down, place down, tile across, half across, place across, channel.
    energy = means[:, 0, :, :, 0] * means[:, 1, :, :, 1] + means[:, 0, :, :, 1] * means[:, 1, :, :, 0]
    return math.sqrt(max(0.0, float(0.5 * energy.mean((1, 3, 4))[tiles].mean())))


def _detail(image: ImageArray) -> NDArray[np.float64]:
    """Return the image less its mean over one period, which takes no pattern of that period away."""
    levels = image.astype(np.float64)
    return levels - cv2.blur(levels, (PERIOD, PERIOD))


def _away(sketch: ImageArray) -> NDArray[np.bool_]:
    blank = (~lines(sketch)).astype(np.uint8)
    return cv2.distanceTransform(blank, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > MARGIN


def _means(
    detail: NDArray[np.float64], counts: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Average over every second period down and across of each tile, apart for each place in the period."""
    down, across = (edge // TILE for edge in counts.shape)
    tiled = (down, TILE // PERIOD // 2, 2, PERIOD, across, TILE // PERIOD // 2, 2, PERIOD)
    detail = detail[: down * TILE, : across * TILE].reshape(*tiled, 3)
    counts = counts[: down * TILE, : across * TILE].reshape(tiled)
    counted = counts.sum((1, 5))
    return (detail * counts[..., None]).sum((1, 5)) / counted.clip(1)[..., None], counted
