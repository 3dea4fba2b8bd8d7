"""Whether images are like real ones, and whether all kinds of real ones are among them."""

import numpy as np
from scipy.spatial.distance import cdist

from sketch2color.metrics.metric import Features, explained, metric

NEIGHBOURS = 3  # as published; their range is 3 to 10 for sets a hundred times as large


@metric("Images that pass for real", "precision", direction="higher", digits=2, order=13, most=1.0)
@explained("The share of the images that lie among real coloured images, in the network's features.")
def precision(features: Features, real_features: Features) -> float | None:
    """Return the share of the images that lie on the manifold of the real ones.

    Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models",
    equations 1 and 2: each point has a ball reaching to its third nearest neighbour in its own set, and the
    union of the balls is the set's manifold.

    Returns:
        0 to 1; it grows with the numbers of images, so compare only values of the same. None when either set
        has no more than 3 images.
    """
    if min(len(features), len(real_features)) <= NEIGHBOURS:
        return None
    neighbours = np.partition(cdist(real_features, real_features), NEIGHBOURS, axis=1)  # the first is itself
    return float((cdist(features, real_features) <= neighbours[:, NEIGHBOURS]).any(1).mean())


@metric("Variety of the real ones covered", "recall", direction="higher", digits=2, order=14, most=1.0)
@explained(
    "The share of the real coloured images that have images like them. Low where a method "
    "colours everything the same way."
)
def recall(features: Features, real_features: Features) -> float | None:
    """Return the share of the real images that lie on the manifold of the others, as :func:`precision`."""
    return precision(real_features, features)
