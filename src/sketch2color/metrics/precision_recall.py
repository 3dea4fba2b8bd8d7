"""Whether images are such as the real ones, and whether all kinds of real ones are among them."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

KEY_PRECISION = "precision"
KEY_RECALL = "recall"
NEIGHBOURS = 3  # as published; their range is 3 to 10 for sets a hundred times as large

Features = NDArray[np.float64]


def precision_recall(judged: Features, real: Features) -> dict[str, float]:
    """Compare two sets by the manifolds that they span.

    Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models",
    equations 1 and 2: each point has a ball reaching to its third nearest neighbour in its own set, and the
    balls together are the set's manifold. Precision is the share of the judged images on the manifold of
    the real ones, recall the share of the real ones on that of the judged. Swapping the sets swaps the two.

    Args:
        judged: n × d features, one row an image.
        real: m × d features of real images.

    Returns:
        ``precision`` and ``recall``, 0 to 1, higher is better; both grow with the numbers of images, so
        compare only figures of the same. Empty when either set has no more than 3 images.

    >>> line = np.arange(10.0)[:, None]
    >>> precision_recall(line[2:6], line)
    {'precision': 1.0, 'recall': 0.9}
    """
    if min(len(judged), len(real)) <= NEIGHBOURS:
        return {}
    apart = cdist(judged, real)
    return {
        KEY_PRECISION: float((apart <= _radii(real)[None]).any(1).mean()),
        KEY_RECALL: float((apart <= _radii(judged)[:, None]).any(0).mean()),
    }


def _radii(features: Features) -> Features:
    """Return each point's distance to its third nearest neighbour, itself not counted."""
    return np.asarray(np.partition(cdist(features, features), NEIGHBOURS, axis=1)[:, NEIGHBOURS])
