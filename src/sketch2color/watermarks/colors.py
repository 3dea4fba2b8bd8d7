"""Color statistics of regions: the dominant color, and log odds between two regions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.watermarks.masks import Bools, Floats

CELLS = 12  # of each channel in the histogram
RARE = 2e-3  # share added to each cell, so that rare colors say nothing
MAX_LOG_ODDS = 2.0  # bound: no single pixel decides


def color_log_odds(image: ImageArray, inside: Bools, outside: Bools) -> NDArray[np.float32]:
    """Return for each pixel the log of how much more frequent its color is inside than outside, in [-2, 2].

    Args:
        image: uint8, H × W × 3.
        inside: bool, H × W; not empty, as ``outside``.
        outside: bool, H × W.

    Returns:
        float32, H × W; 0 for colors that are in neither or equally frequent in both.
    """
    cells = (image.astype(np.int32) * CELLS // 256) @ np.array([CELLS * CELLS, CELLS, 1], np.int32)
    shares = []
    for area in (inside, outside):
        counts = np.bincount(cells[area], minlength=CELLS**3).reshape(CELLS, CELLS, CELLS) / area.sum()
        for axis in range(3):  # neighbouring cells are nearly the same color
            ends = np.pad(counts, [(int(axis == other),) * 2 for other in range(3)], mode="edge")
            neighbours = ends.take(range(CELLS), axis) + ends.take(range(2, CELLS + 2), axis)
            counts = 0.5 * counts + 0.25 * neighbours
        shares.append(counts.ravel() + RARE)
    ratio = np.log(shares[0] / shares[1]).clip(-MAX_LOG_ODDS, MAX_LOG_ODDS).astype(np.float32)
    return np.asarray(ratio[cells], np.float32)


def dominant_color(pixels: NDArray[Any]) -> Floats:
    """Return the most frequent color of N × 3 pixels, which may lie a little beyond 0 to 255."""
    bins = (pixels.astype(np.int64) >> 4).clip(0, 15) @ np.array([256, 16, 1])
    return np.asarray(np.median(pixels[bins == np.bincount(bins).argmax()], axis=0), np.float64)
