"""How far a mean over few images can be trusted."""

from collections.abc import Sequence

import numpy as np

from sketch2color.metrics.figure import Figure

RESAMPLES = 2000


def mean(values: Sequence[float], seed: int) -> Figure | None:
    """Return the mean with its 95 % percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    Args:
        values: one score an image.
        seed: of the resampling.

    Returns:
        In the unit of ``values``, without bounds where there is one of them; None where there is none.

    >>> figure = mean([1.0, 2.0, 3.0, 4.0], seed=0)
    >>> figure.low < figure.value == 2.5 < figure.high
    True
    >>> mean([1.0], seed=0), mean([], seed=0)
    (Figure(value=1.0, n=1, low=None, high=None), None)
    """
    if not len(values):
        return None
    scores = np.asarray(values, np.float64)
    if len(scores) == 1:
        return Figure(float(scores[0]), 1)
    draws = np.random.default_rng(seed).integers(0, len(scores), (RESAMPLES, len(scores)))
    low, high = np.percentile(scores[draws].mean(axis=1), [2.5, 97.5])
    return Figure(float(scores.mean()), len(scores), float(low), float(high))


def difference(first: Sequence[float], second: Sequence[float], seed: int) -> Figure | None:
    """Return the mean of ``first - second`` with the interval of the paired bootstrap, as :func:`mean` does.

    What makes a sketch hard for both methods cancels out, so this tells apart what two intervals that
    overlap do not.

    Args:
        first: one score an image.
        second: those of the same images, in the same order.
        seed: of the resampling.

    >>> difference([5.0, 9.0, 2.0], [4.0, 8.0, 1.0], seed=0)
    Figure(value=1.0, n=3, low=1.0, high=1.0)
    """
    return mean([a - b for a, b in zip(first, second, strict=True)], seed)
