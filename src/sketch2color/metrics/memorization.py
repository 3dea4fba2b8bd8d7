"""Whether a result is a training image over again."""

import numpy as np
from numpy.typing import NDArray

KEY_MEMORISATION = "memorisation"
NEAR = 5  # percent: the spacing is that of the nearest among the real images, which are no copies either

Features = NDArray[np.float64]


def memorisation(distance: float, spacing: float) -> float:
    """Return how much nearer an image is to a training image than real images are to each other.

    Args:
        distance: in features, to the nearest training image, see :func:`nearest`.
        spacing: of the training images, see :func:`spacing_of`; above 0.

    Returns:
        0 (no nearer than real images are to each other) to 1 (a copy); lower is better.

    >>> memorisation(9.0, 6.0), memorisation(3.0, 6.0), memorisation(0.0, 6.0)
    (0.0, 0.5, 1.0)
    """
    return max(0.0, 1.0 - distance / spacing)


def nearest(image: Features, training: Features) -> tuple[float, int]:
    """Return an image's distance to the nearest training image, and which one that is.

    Args:
        image: its features, d.
        training: m × d features of at least one image.

    >>> nearest(np.array([3.0, 4.0]), np.array([[9.0, 9.0], [0.0, 0.0]]))
    (5.0, 1)
    """
    distances = np.linalg.norm(training - image, axis=1)
    index = int(distances.argmin())
    return float(distances[index]), index


def spacing_of(training: Features) -> float | None:
    """Return how near real images come to each other without one being a copy of the other.

    That is the distance to the nearest other one which only ``NEAR`` percent of them fall below.

    Args:
        training: m × d features.

    Returns:
        A distance above 0; None for fewer than 2 images, or where so many are copies of others.

    >>> spacing_of(np.array([[0.0], [1.0], [3.0], [7.0]])), spacing_of(np.zeros((1, 4)))
    (1.0, None)
    """
    if len(training) < 2:
        return None
    others = (np.delete(training, index, axis=0) for index in range(len(training)))
    distances = [nearest(image, rest)[0] for image, rest in zip(training, others, strict=True)]
    return float(np.percentile(distances, NEAR)) or None
