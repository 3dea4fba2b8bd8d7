"""The figures of a method over all its pictures: what metrics.json holds."""

import math
import statistics
from collections.abc import Mapping

from sketch2color.evaluation.features import Features
from sketch2color.evaluation.fid import KEY_FID, fid
from sketch2color.evaluation.kid import kid
from sketch2color.evaluation.paper_noise import KEY_PAPER_NOISE
from sketch2color.evaluation.psnr import KEY_PSNR
from sketch2color.evaluation.results import PER_PICTURE, Judged

KEY_N = "n"  # pictures judged
KEY_N_PAIRED = "n_paired"  # of them, those with a coloured counterpart: under PSNR and SSIM
KEY_N_PAPER = "n_paper"  # of them, those whose sketch has blank paper: under paper noise
KEY_N_REFERENCE = "n_reference"  # coloured pictures that KID and FID compare with
DIGITS = 6

Metrics = dict[str, dict[str, float]]


def summarise(judged: Judged, reference: Features, label: str, seed: int) -> dict[str, float]:
    """Return the figures of one method; a figure that cannot be had is absent.

    Args:
        judged: the method's pictures.
        reference: m × d features of the coloured pictures that KID and FID compare with.
        label: of the features; it is part of the names of KID and FID, so that figures over other features
            are never taken for the same.
        seed: of KID's subsets.
    """
    distances = kid(judged.features, reference, seed)
    distance = fid(judged.features, reference)
    if distance is not None:
        distances[KEY_FID] = distance
    scores = {key: judged.values(key) for key in PER_PICTURE}
    return {
        KEY_N: len(judged.features),
        KEY_N_PAIRED: len(scores[KEY_PSNR]),
        KEY_N_PAPER: len(scores[KEY_PAPER_NOISE]),
        KEY_N_REFERENCE: len(reference),
        **{feature_key(key, label): value for key, value in distances.items()},
        **{key: statistics.fmean(values) for key, values in scores.items() if values},
    }


def feature_key(key: str, label: str) -> str:
    """Return the name of a figure that is taken over features.

    >>> feature_key("kid", "vgg19-c34748d2-relu4_1")
    'kid_vgg19-c34748d2-relu4_1'
    """
    return f"{key}_{label}"


def rounded(metrics: Mapping[str, Mapping[str, float]]) -> Metrics:
    """Sort by name, and round to ``DIGITS`` significant digits; what is not finite is left out.

    >>> rounded({"b": {"n": 3}, "a": {"kid": 0.123456789, "fid": float("nan")}})
    {'a': {'kid': 0.123457}, 'b': {'n': 3}}
    """
    return {
        method: {key: _round(value) for key, value in sorted(figures.items()) if math.isfinite(value)}
        for method, figures in sorted(metrics.items())
    }


def flat(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the figures as one mapping with names such as MLflow takes.

    >>> flat({"cyclegan": {"psnr": 14.2}})
    {'cyclegan/psnr': 14.2}
    """
    return {f"{method}/{key}": value for method, figures in metrics.items() for key, value in figures.items()}


def _round(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")
