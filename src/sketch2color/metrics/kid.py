"""Kernel inception distance: how far two sets of features are from one distribution."""

import math

import numpy as np

from sketch2color.metrics.metric import Features, explained, metric

SUBSETS = 100
MAX_SUBSET = 100


def _kid_of_half(features: Features, real_features: Features) -> float | None:
    """Return the distance of two halves: each is one subset of those that the mean is over."""
    return squared_mmd(features, real_features) if min(len(features), len(real_features)) >= 2 else None


@metric("Kernel distance", "KID", direction="lower", digits=3, order=10, half=_kid_of_half, least=-math.inf)
@explained(
    "How far the images as a whole are from real coloured images, in the features of a "
    "network trained on photographs. Zero means that it cannot tell the two apart."
)
def kid(features: Features, real_features: Features, seed: int) -> float | None:
    """Return the unbiased squared maximum mean discrepancy of two sets, the mean over random subsets.

    Bińkowski et al. 2018, "Demystifying MMD GANs", section 4. They draw 1000 of a large set; here a subset is
    half of the smaller set, at most ``MAX_SUBSET``.

    Returns:
        Units of the kernel: about 0 (slightly negative, too) for sets of one distribution, no upper bound.
        None when either set has fewer than 4 images.
    """
    distances = _subset_distances(features, real_features, seed)
    return float(np.mean(distances)) if distances else None


@metric("Kernel distance, spread", "KID spread", direction="none", digits=3, order=11, half=lambda: None)
@explained("Its standard deviation over random subsets of the images, which publications give with it.")
def kid_spread(features: Features, real_features: Features, seed: int) -> float | None:
    """Return the standard deviation over the subsets of :func:`kid`; the mean's error is smaller."""
    distances = _subset_distances(features, real_features, seed)
    return float(np.std(distances)) if distances else None


def squared_mmd(a: Features, b: Features) -> float:
    """Return the unbiased estimate of the squared maximum mean discrepancy under the cubic kernel.

    Gretton et al. 2012, "A kernel two-sample test", equation 3.

    Args:
        a: n × d features, n of at least 2.
        b: m × d features, m of at least 2.
    """
    within_a, within_b = (_mean_off_diagonal(cubic_kernel(x, x)) for x in (a, b))
    return within_a + within_b - 2 * float(cubic_kernel(a, b).mean())


def cubic_kernel(a: Features, b: Features) -> Features:
    """Return the n × m values of the kernel (x · y / d + 1)³ of Bińkowski et al. 2018, section 4."""
    kernel: Features = (a @ b.T / a.shape[1] + 1) ** 3
    return kernel


def _subset_distances(a: Features, b: Features, seed: int) -> list[float]:
    size = min(len(a) // 2, len(b) // 2, MAX_SUBSET)
    if size < 2:
        return []
    rng = np.random.default_rng(seed)
    return [
        squared_mmd(a[rng.choice(len(a), size, replace=False)], b[rng.choice(len(b), size, replace=False)])
        for _ in range(SUBSETS)
    ]


def _mean_off_diagonal(kernel: Features) -> float:
    n = len(kernel)
    return float((kernel.sum() - math.fsum(np.diagonal(kernel))) / (n * (n - 1)))
