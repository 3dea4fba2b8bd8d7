"""The estimates of a method over all its images, and of the difference between two methods."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sketch2color.confidence_intervals import Estimate, Indices, bootstrap_mean, jackknife, paired_difference
from sketch2color.metrics import discovery
from sketch2color.metrics.features import stack
from sketch2color.metrics.metric import Features, Metric
from sketch2color.report.scored_images import ScoredImage

KEY_IMAGES = "images"  # value: usable ones; n: sketches that there should be one of
KEY_REFERENCE = "reference_images"  # coloured ones that set metrics compare with


def estimate(
    images: Sequence[ScoredImage], reference: Features, label: str, seed: int
) -> dict[str, Estimate]:
    """Return the estimates of one method by metric; what cannot be computed is absent.

    Args:
        images: of the method, faults included.
        reference: m × d features of the coloured images that set metrics compare with.
        label: of the features; it is part of the keys, so that values over other features are never
            taken for the same.
        seed: of KID's subsets and of all resampling.
    """
    usable = [image for image in images if not image.fault]
    values = {key: [image.scores[key] for image in usable if key in image.scores] for key in _keys(usable)}
    sets = _of_sets([(image,) for image in usable], reference, label, seed)
    return {
        KEY_IMAGES: Estimate(len(usable), len(images)),
        KEY_REFERENCE: Estimate(len(reference), len(reference)),
        **_known({key: bootstrap_mean(each, seed) for key, each in values.items()}),
        **{key: _clipped(each, metric) for key, (metric, each) in sets.items()},
    }


def compare(
    first: Sequence[ScoredImage], second: Sequence[ScoredImage], reference: Features, label: str, seed: int
) -> dict[str, Estimate]:
    """Return by how much the values of ``first`` are higher than those of ``second``, by metric.

    Only sketches that both have an image of count. The other arguments are those of :func:`estimate`.
    """
    others = {image.id: image for image in second if not image.fault}
    pairs = [(image, others[image.id]) for image in first if not image.fault and image.id in others]
    ours, theirs = ({pair[side].id: pair[side].scores for pair in pairs} for side in (0, 1))
    keys = _keys([image for image, _ in pairs])
    return {
        **_known({key: paired_difference(ours, theirs, key, seed) for key in keys}),
        **{key: each for key, (_, each) in _of_sets(pairs, reference, label, seed).items()},
    }


def _of_sets(
    images: Sequence[tuple[ScoredImage, ...]], reference: Features, label: str, seed: int
) -> dict[str, tuple[Metric, Estimate]]:
    """Return the set metrics over one method's images, or the differences between those of two.

    ``images`` has for each sketch the image of one method, or of both.
    """
    found = {}
    for metric in discovery.SET_METRICS:
        over_features = "features" in metric.needs
        rows = [[each.features if over_features else each.palette for each in row] for row in images]
        complete = [[each for each in row if each is not None] for row in rows]
        sides = [
            stack(side) for side in zip(*(row for row in complete if len(row) == len(images[0])), strict=True)
        ]
        if each := _of_set(metric, sides, reference if over_features else stack([]), seed):
            found[discovery.labelled(metric.key, label) if over_features else metric.key] = metric, each
    return found


def _of_set(metric: Metric, sides: Sequence[Features], reference: Features, seed: int) -> Estimate | None:
    """Return a metric of the first side, less that of the second if there is one."""
    half = replace(metric, compute=metric.half or metric.compute)

    def difference(which: Metric, rows: Sequence[Features], real: Features) -> float | None:
        values = [
            which({"features": each, "palettes": each, "real_features": real, "seed": seed}) for each in rows
        ]
        known = [value for value in values if value is not None]
        return known[0] - sum(known[1:]) if known and len(known) == len(values) else None

    def of_half(some: Indices, others: Indices) -> float | None:
        return difference(half, [rows[some] for rows in sides], reference[others])

    value = difference(metric, sides, reference)
    return None if value is None else jackknife(value, of_half, len(sides[0]), len(reference), seed)


def _clipped(estimate: Estimate, metric: Metric) -> Estimate:
    """Return the estimate with its interval cut to the range of the metric."""
    if estimate.low is None or estimate.high is None:
        return estimate
    return replace(estimate, low=max(metric.least, estimate.low), high=min(metric.most, estimate.high))


def _keys(images: Sequence[ScoredImage]) -> list[str]:
    return sorted({key for image in images for key in image.scores})


def _known(estimates: Mapping[str, Estimate | None]) -> dict[str, Estimate]:
    return {key: estimate for key, estimate in estimates.items() if estimate is not None}
