"""Values with 95 % confidence intervals: how they are computed, and how metrics.json holds them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES, HALVES = 2000, 100

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A ``value`` over ``n`` images and its 95 % confidence interval; bounds are None where there is none.

    The interval says how far the value of another set of as many images is likely to lie.
    """

    value: float
    n: int
    low: float | None = None
    high: float | None = None

    @property
    def excludes_zero(self) -> bool:
        """Whether there is an interval, and zero is not in it."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


Estimates = Mapping[str, Mapping[str, Estimate]]
"""By method, or by difference between two of them (see :func:`difference_key`), and by metric."""


def difference_key(method: str, other: str) -> str:
    """Return the name of the difference between two methods.

    >>> difference_key("cyclegan", "sketch")
    'cyclegan - sketch'
    """
    return f"{method} - {other}"


def bootstrap_mean(values: Sequence[float], seed: int) -> Estimate | None:
    """Return the mean with its percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    It is in the unit of ``values``, one an image, and without bounds for a single value; None for none.
    """
    scores = np.asarray(values, np.float64)
    if len(scores) < 2:
        return Estimate(float(scores[0]), 1) if len(scores) else None
    resampled = np.random.default_rng(seed).integers(0, len(scores), (RESAMPLES, len(scores)))
    low, high = np.percentile(scores[resampled].mean(axis=1), [2.5, 97.5])
    return Estimate(float(scores.mean()), len(scores), float(low), float(high))


def paired_difference(
    first: Mapping[str, Mapping[str, float]], second: Mapping[str, Mapping[str, float]], key: str, seed: int
) -> Estimate | None:
    """Return the mean of ``first - second`` over the images that both have a score of, by paired bootstrap.

    What makes a sketch hard for both methods cancels out, so this separates methods whose own intervals
    overlap. Scores are by image and metric, of which ``key`` names one.
    """
    pairs = [(scores.get(key), second[name].get(key)) for name, scores in first.items() if name in second]
    return bootstrap_mean([a - b for a, b in pairs if a is not None and b is not None], seed)


def jackknife(
    value: float, of_half: Callable[[Indices, Indices], float | None], images: int, real: int, seed: int
) -> Estimate:
    """Return a value over a set with its interval by the delete-half jackknife (Shao & Wu 1989).

    The values of random halves vary as those of new sets of full size would. The bootstrap would not serve
    here: an image drawn twice is a pair of distance zero, and distances are what set metrics measure. The
    mean of the halves may differ from the value of the whole, so deviations from that mean are used.

    Args:
        value: over all images.
        of_half: returns the value over the images and the real ones at the given indices.
        images: how many images there are.
        real: how many real ones they are compared with.
        seed: of the halves.

    Returns:
        The estimate, without bounds where more than half of the halves have no value.
    """
    rng = np.random.default_rng(seed)
    values = [of_half(_half(images, rng), _half(real, rng)) for _ in range(HALVES)]
    halves = np.array([each for each in values if each is not None])
    if len(halves) < HALVES // 2:
        return Estimate(value, images)
    low, high = value + np.percentile(halves - halves.mean(), [2.5, 97.5])
    return Estimate(value, images, float(low), float(high))


def _half(count: int, rng: np.random.Generator) -> Indices:
    return np.sort(rng.permutation(count)[: count // 2])


def rounded(value: float) -> float:
    """Return a value with 6 significant digits: more would be rounding errors of sums."""
    return float(f"{value:.6g}")


def to_json(estimates: Estimates) -> dict[str, dict[str, dict[str, float]]]:
    """Return what metrics.json holds, rounded; what is not finite is left out.

    >>> to_json({"cyclegan": {"psnr": Estimate(14.23456789, 3)}})
    {'cyclegan': {'psnr': {'value': 14.2346, 'n': 3}}}
    """
    return {
        method: {key: _fields(each) for key, each in found.items() if math.isfinite(each.value)}
        for method, found in estimates.items()
    }


def from_json(content: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Estimate]]:
    """Return the estimates of :func:`to_json`."""
    return {
        method: {key: Estimate(**fields) for key, fields in found.items()}
        for method, found in content.items()
    }


def flat(estimates: Estimates) -> dict[str, float]:
    """Return values and bounds by names such as MLflow takes.

    >>> flat({"cyclegan": {"kid": Estimate(0.5, 9, 0.25, 0.75)}})
    {'cyclegan/kid': 0.5, 'cyclegan/kid/low': 0.25, 'cyclegan/kid/high': 0.75}
    """
    return {
        f"{method}/{key}" if field == "value" else f"{method}/{key}/{field}": value
        for method, found in to_json(estimates).items()
        for key, fields in found.items()
        for field, value in fields.items()
        if field != "n"
    }


def _fields(estimate: Estimate) -> dict[str, float]:
    found = {
        name: each for name, each in asdict(estimate).items() if each is not None and math.isfinite(each)
    }
    return {name: each if name == "n" else rounded(each) for name, each in found.items()}
