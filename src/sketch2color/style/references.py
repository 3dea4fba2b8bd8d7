"""Which coloured picture lends its style to which sketch: the one laid out most alike.

Where ink lies in a picture is compared, at 16 × 16 places: a Gram matrix knows nothing of places, so a
reference in which as much is drawn, and as large, asks for what the sketch has room for.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import linear_sum_assignment

from sketch2color.images import PictureArray, resize

PLACES = 16


def layout(picture: PictureArray) -> NDArray[np.float64]:
    """Return where in a picture lines and edges are, blurred, as ``PLACES``² values of mean 0 and norm 1.

    Edges, not darkness, so that a coloured picture is like its own line art. Zeros for a flat picture.
    """
    grey = resize(picture, 4 * PLACES, 4 * PLACES).astype(np.float64).mean(axis=2)
    down, across = np.gradient(grey)
    blurred = gaussian_filter(np.hypot(down, across), sigma=4)
    places = blurred.reshape(PLACES, 4, PLACES, 4).mean(axis=(1, 3)).ravel()
    places -= places.mean()
    norm = float(np.linalg.norm(places))
    return places / norm if norm > 1e-9 else np.zeros_like(places)


def choose(sketches: Sequence[PictureArray], candidates: Sequence[PictureArray]) -> list[tuple[int, float]]:
    """Choose a reference for each sketch, none more often than need be.

    The sum of the layouts' correlations is as large as it can be while no candidate serves more than
    ``ceil(sketches / candidates)`` sketches: with candidates enough, each serves once at most.

    Args:
        sketches: at least one.
        candidates: at least one; sizes do not matter.

    Returns:
        For each sketch the index of its reference and the correlation of their layouts, in [-1, 1].
    """
    alike = np.stack([layout(p) for p in sketches]) @ np.stack([layout(p) for p in candidates]).T
    turns = math.ceil(len(sketches) / len(candidates))
    _, chosen = linear_sum_assignment(np.tile(alike, turns), maximize=True)
    references = [int(column) % len(candidates) for column in chosen]
    return [(reference, float(alike[i, reference])) for i, reference in enumerate(references)]
