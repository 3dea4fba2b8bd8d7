"""The checkerboard pattern that upsampling layers leave on an image."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import distance_to, line_mask
from sketch2color.metrics.metric import explained, metric

PERIOD = 4  # pixels: generators upsample twice by two, which repeats every second or every fourth pixel
TILE = 8 * PERIOD  # pixels: a pattern may change with the colour below, but not within a few periods
MARGIN = 4.0  # pixels from a line, within which the line covers any pattern
MIN_COUNT = 4  # pixels a mean is taken over


@metric("Checkerboard", "checkerboard", "levels", direction="lower", digits=2, order=21)
@explained(
    "The regular pattern that upsampling layers leave, every second or fourth pixel. It "
    "shows from 1 on; most of what real images have comes from the edges of their paint."
)
def checkerboard(image: ImageArray, line_art: ImageArray) -> float | None:
    """Return the strength of patterns that repeat every two or four pixels, away from lines.

    Within a tile, all pixels with the same phase are averaged (Odena et al. 2016, "Deconvolution and
    checkerboard artifacts", show the pattern). Its energy is the product of two such averages over different
    pixels, which share no row and no column of periods: neither grain nor the edge of an area counts.

    Returns:
        Levels of 8 bits, root mean square over pixels and channels, 0 to about 128; visible in even areas
        from 1 on. None where no tile has enough pixels away from lines.
    """
    levels = image.astype(np.float64)
    detail = levels - cv2.blur(levels, (PERIOD, PERIOD))  # a mean over one period has no pattern of it
    means, counts = _phase_means(detail, distance_to(line_mask(line_art)) > MARGIN)
    tiles = (counts >= MIN_COUNT).all((1, 2, 4, 5))
    if not tiles.any():
        return None
    # Axes: tile row, odd or even period, phase; tile column, odd or even period, phase; channel.
    energy = means[:, 0, :, :, 0] * means[:, 1, :, :, 1] + means[:, 0, :, :, 1] * means[:, 1, :, :, 0]
    return math.sqrt(max(0.0, float(0.5 * energy.mean((1, 3, 4))[tiles].mean())))


def _phase_means(
    detail: NDArray[np.float64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the means and counts over every second period of each tile, for each phase."""
    rows, columns = (edge // TILE for edge in mask.shape)
    shape = (rows, TILE // PERIOD // 2, 2, PERIOD, columns, TILE // PERIOD // 2, 2, PERIOD)
    detail = detail[: rows * TILE, : columns * TILE].reshape(*shape, 3)
    mask = mask[: rows * TILE, : columns * TILE].reshape(shape)
    counts = mask.sum((1, 5))
    return (detail * mask[..., None]).sum((1, 5)) / counts.clip(1)[..., None], counts
