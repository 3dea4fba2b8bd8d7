"""Whether images are like real ones, and whether all kinds of real ones are among them."""

import numpy as np
from scipy.spatial.distance import cdist

from sketch2color.metrics.metric import Features, SetMetric

NEIGHBOURS = 3  # as published; their range is 3 to 10 for sets a hundred times as large


def precision(features: Features, real_features: Features) -> float | None:
    """Return the share of the images that lie on the manifold of the real ones.

    Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models",
    equations 1 and 2: each point has a ball reaching to its third nearest neighbour in its own set, and the
    union of the balls is the set's manifold.

    Returns:
        0 to 1; it grows with the numbers of images, so compare only values of the same. None when either set
        has no more than 3 images.

    >>> line = np.arange(10.0)[:, None]
    >>> precision(line[2:6], line), recall(line[2:6], line)
    (1.0, 0.9)
    """
    if min(len(features), len(real_features)) <= NEIGHBOURS:
        return None
    return float((cdist(features, real_features) <= _radii(real_features)[None]).any(1).mean())


def recall(features: Features, real_features: Features) -> float | None:
    """Return the share of the real images that lie on the manifold of the others, as :func:`precision`."""
    return precision(real_features, features)


def _radii(features: Features) -> Features:
    """Return each point's distance to its third nearest neighbour, itself not counted."""
    return np.asarray(np.partition(cdist(features, features), NEIGHBOURS, axis=1)[:, NEIGHBOURS])


METRICS = (
    SetMetric(
        key="precision",
        title="Images that pass for real",
        short="precision",
        direction="higher",
        digits=2,
        order=13,
        explanation="The share of the images that lie among real coloured images, in the network's features.",
        compute=precision,
        most=1.0,
    ),
    SetMetric(
        key="recall",
        title="Variety of the real ones covered",
        short="recall",
        direction="higher",
        digits=2,
        order=14,
        explanation="The share of the real coloured images that have images like them. Low where a method "
        "colours everything the same way.",
        compute=recall,
        most=1.0,
    ),
)
