"""How far a mean over few pictures can be trusted."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2000


def interval(values: Sequence[float], seed: int) -> tuple[float, float] | None:
    """Return the 95 % percentile bootstrap interval of the mean (Efron & Tibshirani 1993, chapter 13).

    Args:
        values: one score a picture.
        seed: of the resampling.

    Returns:
        The lower and upper bound in the unit of ``values``; None for fewer than 2 of them.

    >>> low, high = interval([1.0, 2.0, 3.0, 4.0], seed=0)
    >>> low < 2.5 < high, interval([1.0], seed=0)
    (True, None)
    """
    if len(values) < 2:
        return None
    scores = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(0, len(scores), (RESAMPLES, len(scores)))
    low, high = np.percentile(scores[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
