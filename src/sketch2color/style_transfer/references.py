"""Which coloured images lend their style to which sketch: those laid out most alike.

Where ink lies in an image is compared, at 16 × 16 places: a Gram matrix knows nothing of places, so a
reference in which as much is drawn, and as large, asks for what the sketch has room for.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import linear_sum_assignment

from sketch2color.imaging import ImageArray, resize

PLACES = 16
TAKEN = (
    -4.0
)  # worse than any two correlations could be: nobody gets the same reference twice if it can be helped


def layout(image: ImageArray) -> NDArray[np.float64]:
    """Return where in an image lines and edges are, blurred, as ``PLACES``² values of mean 0 and norm 1.

    Edges, not darkness, so that a coloured image is like its own line art. Zeros for a flat image.
    """
    grey = resize(image, 4 * PLACES, 4 * PLACES).astype(np.float64).mean(axis=2)
    down, across = np.gradient(grey)
    blurred = gaussian_filter(np.hypot(down, across), sigma=4)
    places = blurred.reshape(PLACES, 4, PLACES, 4).mean(axis=(1, 3)).ravel()
    places -= places.mean()
    norm = float(np.linalg.norm(places))
    return places / norm if norm > 1e-9 else np.zeros_like(places)


def likeness(sketches: Sequence[ImageArray], candidates: Sequence[ImageArray]) -> NDArray[np.float64]:
    """Return the correlations of layouts, sketches × candidates, in [-1, 1]; sizes do not matter."""
    return np.stack([layout(p) for p in sketches]) @ np.stack([layout(p) for p in candidates]).T


def choose(alike: NDArray[np.float64], count: int) -> list[list[int]]:
    """Choose references for each sketch, each of them no more often than need be.

    In each of ``count`` rounds a sketch gets one it has not got: the sum of correlations is as large as it
    can be while, after round r, no candidate serves more than ``ceil(r · sketches / candidates)`` times in
    all. With candidates enough, each serves one sketch at most.

    Args:
        alike: correlations as ``likeness`` gives them, at least 1 × 1.
        count: references for each sketch, at least 1; with fewer candidates, each sketch gets all.

    Returns:
        For each sketch the indices of its references, in the order in which they were chosen.

    >>> choose(np.array([[0.9, 0.8, 0.1], [0.7, 0.2, 0.3]]), count=1)
    [[1], [0]]
    >>> choose(np.array([[0.9, 0.8, 0.1]]), count=2)
    [[0, 1]]
    """
    sketches, candidates = alike.shape
    open_to = alike.copy()
    served = np.zeros(candidates, dtype=np.int64)
    chosen: list[list[int]] = [[] for _ in range(sketches)]
    for turn in range(1, min(count, candidates) + 1):
        places = np.repeat(np.arange(candidates), math.ceil(turn * sketches / candidates) - served)
        rows, columns = linear_sum_assignment(open_to[:, places], maximize=True)
        for sketch, candidate in zip(rows.tolist(), places[columns].tolist(), strict=True):
            chosen[sketch].append(candidate)
            open_to[sketch, candidate] = TAKEN
            served[candidate] += 1
    return chosen
