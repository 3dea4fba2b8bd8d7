"""The figures of a method over all its images: what metrics.json holds."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sketch2color.metrics import bootstrap, jackknife
from sketch2color.metrics.features import Features, table
from sketch2color.metrics.fid import KEY_FID, fid
from sketch2color.metrics.figure import Figure, feature_key
from sketch2color.metrics.jackknife import Places
from sketch2color.metrics.kid import KEY_KID, kid, squared_mmd
from sketch2color.metrics.palette_spread import KEY_PALETTE_SPREAD, palette_spread
from sketch2color.metrics.precision_recall import precision_recall
from sketch2color.report.results import Judged, Result

KEY_IMAGES = "images"  # value: usable ones; n: sketches that there should be one of
KEY_REFERENCE = "reference_images"  # coloured ones that the set figures compare with

Compare = Callable[[Features, Features], dict[str, float]]
"""The figures of judged images' rows, n × d, against those of the reference, m × d; as far as there are."""


def summarise(judged: Judged, reference: Features, label: str, seed: int) -> dict[str, Figure]:
    """Return the figures of one method with their intervals; a figure that cannot be had is absent.

    Args:
        judged: the method's images.
        reference: m × d features of the coloured images that the set figures compare with.
        label: of the features; it is part of the names of figures over them, so that figures over other
            features are never taken for the same.
        seed: of KID's subsets and of all resampling.
    """
    usable = [(result,) for result in judged.results if not result.fault]
    return {
        KEY_IMAGES: Figure(len(usable), len(judged.results)),
        KEY_REFERENCE: Figure(len(reference), len(reference)),
        **_known({key: bootstrap.mean(judged.values(key), seed) for key in judged.keys}),
        **_within_range(_over_sets(usable, reference, label, seed)),
    }


def compare(first: Judged, second: Judged, reference: Features, label: str, seed: int) -> dict[str, Figure]:
    """Return by how much the figures of ``first`` are higher than those of ``second``, with intervals.

    Only sketches of which both have an image count, and for both the same are drawn, so that what makes
    sketches hard for both cancels out. The other arguments are those of :func:`summarise`.
    """
    pairs = list(first.shared_with(second))

    def difference(key: str) -> Figure | None:
        both = [(a.scores[key], b.scores[key]) for a, b in pairs if key in a.scores and key in b.scores]
        return bootstrap.difference([a for a, _ in both], [b for _, b in both], seed)

    return {
        **_known({key: difference(key) for key in first.keys & second.keys}),
        **_over_sets(pairs, reference, label, seed),
    }


def _over_sets(
    results: Sequence[tuple[Result, ...]], reference: Features, label: str, seed: int
) -> dict[str, Figure]:
    """Return the figures over whole sets: of one method, or the difference between two.

    ``results`` holds for each sketch the result of the one, or of both.
    """
    features = _columns([[each.features for each in row] for row in results])
    palettes = _columns([[each.palette for each in row] for row in results])
    over_features = _jackknifed(features, reference, partial(_of_whole, seed=seed), _of_half, seed)
    return {
        **{feature_key(key, label): figure for key, figure in over_features.items()},
        **_jackknifed(palettes, table([]), _spread, _spread, seed),
    }


def _columns(rows: Sequence[Sequence[Features | None]]) -> list[Features]:
    """Return a table for each side; only sketches of which all sides have something are in it."""
    known = [[each for each in row if each is not None] for row in rows]
    whole = [row for row, given in zip(known, rows, strict=True) if len(row) == len(given)]
    return [table(column) for column in zip(*whole, strict=True)]


def _jackknifed(
    sides: Sequence[Features], reference: Features, whole: Compare, half: Compare, seed: int
) -> dict[str, Figure]:
    if not sides:
        return {}

    def halves(some: Places, others: Places) -> dict[str, float]:
        return _first_less_others([half(rows[some], reference[others]) for rows in sides])

    values = _first_less_others([whole(rows, reference) for rows in sides])
    return jackknife.figures(values, halves, len(sides[0]), len(reference), seed)


def _first_less_others(sides: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the first side's figures less the second's, if there is one, as far as both have them.

    >>> _first_less_others([{"fid": 5.0, "kid": 1.0}, {"fid": 3.0}])
    {'fid': 2.0}
    """
    first, *others = sides
    return {
        key: value - sum(side[key] for side in others)
        for key, value in first.items()
        if all(key in side for side in others)
    }


def _of_whole(rows: Features, reference: Features, seed: int) -> dict[str, float]:
    return {**_gaussian(rows, reference), **precision_recall(rows, reference), **kid(rows, reference, seed)}


def _of_half(rows: Features, reference: Features) -> dict[str, float]:
    """Return the same of half of the images, which are one subset of those that KID's mean is over."""
    figures = {**_gaussian(rows, reference), **precision_recall(rows, reference)}
    return (
        figures if min(len(rows), len(reference)) < 2 else {**figures, KEY_KID: squared_mmd(rows, reference)}
    )


def _gaussian(rows: Features, reference: Features) -> dict[str, float]:
    distance = fid(rows, reference)
    return {} if distance is None else {KEY_FID: distance}


def _spread(palettes: Features, _: Features) -> dict[str, float]:
    spread = palette_spread(palettes)
    return {} if spread is None else {KEY_PALETTE_SPREAD: spread}


def _within_range(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Cut off what of the intervals lies where no figure can: below 0, and for shares above 1."""

    def cut(key: str, figure: Figure) -> Figure:
        if figure.low is None or figure.high is None or key.startswith(KEY_KID):
            return figure
        highest = math.inf if key.startswith(KEY_FID) else 1.0
        return replace(figure, low=max(0.0, figure.low), high=min(highest, figure.high))

    return {key: cut(key, figure) for key, figure in figures.items()}


def _known(figures: Mapping[str, Figure | None]) -> dict[str, Figure]:
    return {key: figure for key, figure in figures.items() if figure is not None}
