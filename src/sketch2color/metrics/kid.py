"""Kernel inception distance: how far two sets of features are from one distribution."""

import math

import numpy as np
from numpy.typing import NDArray

KEY_KID = "kid"
KEY_KID_SPREAD = "kid_spread"
SUBSETS = 100
LARGEST_SUBSET = 100

Features = NDArray[np.float64]


def kid(a: Features, b: Features, seed: int) -> dict[str, float]:
    """Compare two sets by the squared maximum mean discrepancy of their features, without bias.

    Bińkowski et al. 2018, "Demystifying MMD GANs", section 4: mean and standard deviation over seeded
    random subsets. They draw 1000 of a large set; here a subset is half of the smaller set, at most
    ``LARGEST_SUBSET``: the mean has no bias at any size, but whole sets would all be the same subset and
    show no spread. The spread is therefore that of subsets, and larger than the error of the mean.

    Args:
        a: n × d features, one row an image.
        b: m × d features of the other set.
        seed: of the subsets.

    Returns:
        ``kid``, in units of the kernel: about 0 (slightly negative, too) for sets of one distribution, no
        upper bound, lower is better; and ``kid_spread``, 0 or more. Empty when either set has fewer than 4
        images.

    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(0, 1, (60, 8)), rng.normal(1, 1, (40, 8))
    >>> abs(kid(a, a, seed=0)[KEY_KID]) < 0.5 < kid(a, b, seed=0)[KEY_KID]
    True
    """
    size = min(len(a) // 2, len(b) // 2, LARGEST_SUBSET)
    if size < 2:
        return {}
    rng = np.random.default_rng(seed)
    distances = [
        squared_mmd(a[rng.choice(len(a), size, replace=False)], b[rng.choice(len(b), size, replace=False)])
        for _ in range(SUBSETS)
    ]
    return {KEY_KID: float(np.mean(distances)), KEY_KID_SPREAD: float(np.std(distances))}


def squared_mmd(a: Features, b: Features) -> float:
    """Return the unbiased estimate of the squared maximum mean discrepancy under the cubic kernel.

    Gretton et al. 2012, "A kernel two-sample test", equation 3.

    Args:
        a: n × d features, n of at least 2.
        b: m × d features, m of at least 2.

    >>> squared_mmd(np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]]))  # 1 + 8 - 2 · 1
    7.0
    """
    within_a, within_b = (_mean_off_diagonal(cubic_kernel(x, x)) for x in (a, b))
    return within_a + within_b - 2 * float(cubic_kernel(a, b).mean())


def cubic_kernel(a: Features, b: Features) -> Features:
    """Return the n × m values of the kernel (x · y / d + 1)³ of Bińkowski et al. 2018, section 4."""
    kernel: Features = (a @ b.T / a.shape[1] + 1) ** 3
    return kernel


def _mean_off_diagonal(kernel: Features) -> float:
    n = len(kernel)
    return float((kernel.sum() - math.fsum(np.diagonal(kernel))) / (n * (n - 1)))
