"""How far figures over a whole set of images can be trusted."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sketch2color.metrics.figure import Figure

Places = NDArray[np.int64]
"""Indices of the images of a set."""
Statistics = Callable[[Places, Places], Mapping[str, float]]
"""The figures of some of the judged images and some of those that they are compared with."""

HALVES = 100


def figures(
    whole: Mapping[str, float], halves: Statistics, judged: int, reference: int, seed: int
) -> dict[str, Figure]:
    """Return figures with their 95 % intervals by the delete-half jackknife (Shao & Wu 1989).

    Where half of the images are left out, what the figures of random halves spread is what those of fresh
    sets of full size would. Resampling with replacement, as the bootstrap does, would not serve here: the
    same image twice is a pair that is too near to each other, which such figures are all about. The
    figures of halves may lie beside that of the whole, so their deviations from their own mean are taken.

    Args:
        whole: the figures of all images.
        halves: gives those of the images at the given places, of both sets.
        judged: how many images there are.
        reference: how many images they are compared with.
        seed: of the halves; the same halves for the same numbers of images.

    Returns:
        A figure for each in ``whole``; without bounds where halves have none.

    >>> scores = np.arange(400.0)
    >>> def halves(some, _):
    ...     return {"mean": float(scores[some].mean())}
    >>> mean = figures({"mean": 199.5}, halves, 400, 0, seed=0)["mean"]
    >>> 0.7 < (mean.high - mean.low) / (2 * 1.96 * float(scores.std()) / 20) < 1.3  # against the textbook's
    True
    """
    rng = np.random.default_rng(seed)
    drawn = [halves(_half(judged, rng), _half(reference, rng)) for _ in range(HALVES)] if whole else []
    return {
        key: _figure(value, judged, [each[key] for each in drawn if key in each])
        for key, value in whole.items()
    }


def _figure(value: float, count: int, halves: list[float]) -> Figure:
    if len(halves) < HALVES // 2:
        return Figure(value, count)
    low, high = value + np.percentile(np.array(halves) - np.mean(halves), [2.5, 97.5])
    return Figure(value, count, float(low), float(high))


def _half(count: int, rng: np.random.Generator) -> Places:
    return np.sort(rng.permutation(count)[: count // 2])
