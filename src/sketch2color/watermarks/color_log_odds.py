"""Which colours are a mark's and which are its surroundings', told by how often either has them."""

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray

Bools = NDArray[np.bool_]

CELLS = 12
"""Cells of each channel in which colours are counted."""
RARE = 2e-3
"""A share that says nothing."""
SUREST = 2.0
"""Bound of the log ratio: no single pixel decides."""


def color_log_odds(page: ImageArray, inside: Bools, outside: Bools) -> NDArray[np.float32]:
    """Give for each pixel the log of how much commoner its colour is inside than outside, in [-2, 2].

    Args:
        page: uint8, H × W × 3.
        inside: bool, H × W; not empty, as ``outside``.
        outside: bool, H × W.

    Returns:
        float32, H × W; 0 for colours that are in neither or alike in both.
    """
    cells = (page.astype(np.int32) * CELLS // 256) @ np.array([CELLS * CELLS, CELLS, 1], np.int32)
    shares = []
    for area in (inside, outside):
        counts = np.bincount(cells[area], minlength=CELLS**3).reshape(CELLS, CELLS, CELLS) / area.sum()
        for axis in range(3):  # neighbouring cells are nearly the same colour
            ends = np.pad(counts, [(int(axis == other),) * 2 for other in range(3)], mode="edge")
            counts = 0.5 * counts + 0.25 * (
                ends.take(range(CELLS), axis) + ends.take(range(2, CELLS + 2), axis)
            )
        shares.append(counts.ravel() + RARE)
    ratio = np.log(shares[0] / shares[1]).clip(-SUREST, SUREST).astype(np.float32)
    return np.asarray(ratio[cells], np.float32)
