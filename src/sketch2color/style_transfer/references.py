"""References for each sketch: the coloured images whose layouts correlate most with its own.

A layout is where ink lies, on a grid of 16 × 16: a Gram matrix knows nothing of positions, so a reference in
which as much is drawn, and as large, asks for what the sketch has room for.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import linear_sum_assignment

from sketch2color.imaging import ImageArray, resize

GRID = 16
TAKEN = -4.0  # below the sum of any two correlations, so that no sketch gets a reference twice if avoidable


def layout(image: ImageArray) -> NDArray[np.float64]:
    """Return where in an image lines and edges are, blurred, as ``GRID``² values of mean 0 and norm 1.

    Edges, not darkness, so that a coloured image is like its own line art. Zeros for a flat image.
    """
    grey = resize(image, 4 * GRID, 4 * GRID).astype(np.float64).mean(axis=2)
    down, across = np.gradient(grey)
    blurred = gaussian_filter(np.hypot(down, across), sigma=4)
    cells = blurred.reshape(GRID, 4, GRID, 4).mean(axis=(1, 3)).ravel()
    cells -= cells.mean()
    norm = float(np.linalg.norm(cells))
    return cells / norm if norm > 1e-9 else np.zeros_like(cells)


def layout_correlation(
    sketches: Sequence[ImageArray], candidates: Sequence[ImageArray]
) -> NDArray[np.float64]:
    """Return the correlations of layouts, sketches × candidates, in [-1, 1]; sizes do not matter."""
    left, right = (np.stack([layout(image) for image in images]) for images in (sketches, candidates))
    return left @ right.T


def assign_references(correlations: NDArray[np.float64], count: int) -> list[list[int]]:
    """Assign references to each sketch, none more often than need be.

    In each of ``count`` rounds every sketch gets one more: the sum of correlations is as large as possible
    while, after round r, no candidate is used more than ``ceil(r · sketches / candidates)`` times in all.
    With enough candidates, each is used at most once.

    Args:
        correlations: sketches × candidates, of :func:`layout_correlation`, at least 1 × 1.
        count: references for each sketch, at least 1; with fewer candidates, each sketch gets all.

    Returns:
        For each sketch the indices of its references, in the order of the rounds.

    >>> assign_references(np.array([[0.9, 0.8, 0.1], [0.7, 0.2, 0.3]]), count=1)
    [[1], [0]]
    >>> assign_references(np.array([[0.9, 0.8, 0.1]]), count=2)
    [[0, 1]]
    """
    sketches, candidates = correlations.shape
    open_to = correlations.copy()
    used = np.zeros(candidates, dtype=np.int64)
    assigned: list[list[int]] = [[] for _ in range(sketches)]
    for turn in range(1, min(count, candidates) + 1):
        slots = np.repeat(np.arange(candidates), math.ceil(turn * sketches / candidates) - used)
        rows, columns = linear_sum_assignment(open_to[:, slots], maximize=True)
        for sketch, candidate in zip(rows.tolist(), slots[columns].tolist(), strict=True):
            assigned[sketch].append(candidate)
            open_to[sketch, candidate] = TAKEN
            used[candidate] += 1
    return assigned
