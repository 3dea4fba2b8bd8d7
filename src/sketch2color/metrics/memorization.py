"""Whether a result is a copy of a training image."""

import numpy as np

from sketch2color.metrics.metric import Features, explained, metric

PERCENTILE = 5  # of the distances between real images; the smallest may be of two copies of one image


@metric("Training images copied", "copied", direction="lower", digits=3, order=26)
@explained(
    "How much nearer an image is to one of the training set than real images are to each "
    "other, in the network's features. 1 is a copy, 0 is no nearer than usual."
)
def memorization(nearest_distance: float, training_spacing: float) -> float:
    """Return how much nearer an image is to a training image than real images are to each other.

    The distances are in features, see :func:`nearest` and :func:`spacing_of`. Returns 0 (no nearer than real
    images are to each other) to 1 (a copy).
    """
    return max(0.0, 1.0 - nearest_distance / training_spacing)


def nearest(image: Features, training: Features) -> tuple[float, int]:
    """Return the distance to the nearest training image, and its index.

    Args:
        image: features, d.
        training: m × d features of at least one image.
    """
    distances = np.linalg.norm(training - image, axis=1)
    index = int(distances.argmin())
    return float(distances[index]), index


def spacing_of(training: Features) -> float | None:
    """Return how near real images come to each other without one being a copy of the other.

    Args:
        training: m × d features.

    Returns:
        The 5th percentile of the distances to the nearest other image, above 0; None for fewer than 2
        images, or where it is 0 for many copies.
    """
    if len(training) < 2:
        return None
    distances = [nearest(image, np.delete(training, i, axis=0))[0] for i, image in enumerate(training)]
    return float(np.percentile(distances, PERCENTILE)) or None
