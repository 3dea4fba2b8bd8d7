"""A figure of the verdict: a value, how many images it rests on, and how far it can be trusted."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIGITS = 6
"""Significant digits that are written: more would be the noise of sums."""
DIFFERENCES = "differences"


@dataclass(frozen=True)
class Figure:
    """``value`` over ``n`` images, and its 95 % interval from ``low`` to ``high``, None where it has none.

    The interval says how much another set of as many images might have given.
    """

    value: float
    n: int
    low: float | None = None
    high: float | None = None


Metrics = dict[str, dict[str, Figure]]
"""The figures of each method, or of each difference between two, by their keys."""


def feature_key(key: str, label: str) -> str:
    """Return the name of a figure that is taken over features.

    >>> feature_key("kid", "vgg19-c34748d2-relu4_1")
    'kid_vgg19-c34748d2-relu4_1'
    """
    return f"{key}_{label}"


def difference(method: str, other: str) -> str:
    """Name the difference of two methods' figures.

    >>> difference("cyclegan", "sketch")
    'cyclegan - sketch'
    """
    return f"{method} - {other}"


def to_json(metrics: Metrics, differences: Metrics) -> str:
    """Return metrics.json: sorted, ``DIGITS`` significant digits; what is not finite is left out.

    >>> print(to_json({"cyclegan": {"psnr": Figure(14.23456789, 3)}}, {}))
    {
      "cyclegan": {
        "psnr": {
          "n": 3,
          "value": 14.2346
        }
      },
      "differences": {}
    }
    <BLANKLINE>
    """
    content = {**_plain(metrics), DIFFERENCES: _plain(differences)}
    return json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"


def from_json(text: str) -> tuple[Metrics, Metrics]:
    """Return the figures of metrics.json, and of the differences.

    Raises:
        ValueError: it is no JSON, or not of :func:`to_json`.

    >>> metrics = {"cyclegan": {"kid": Figure(0.25, 9, 0.125, 0.5)}}
    >>> from_json(to_json(metrics, {})) == (metrics, {})
    True
    """
    try:
        content = json.loads(text)
        differences = _figures(content.pop(DIFFERENCES))
        return _figures(content), differences
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not the figures of an evaluation: {error!r}") from None


def flat(metrics: Metrics) -> dict[str, float]:
    """Return the figures as one mapping with names such as MLflow takes.

    >>> flat({"cyclegan": {"kid": Figure(0.5, 9, 0.25, 0.75)}})
    {'cyclegan/kid': 0.5, 'cyclegan/kid/low': 0.25, 'cyclegan/kid/high': 0.75}
    """
    values: dict[str, float] = {}
    for method, figures in _plain(metrics).items():
        for key, figure in figures.items():
            values[f"{method}/{key}"] = figure["value"]
            values |= {
                f"{method}/{key}/{bound}": figure[bound] for bound in ("low", "high") if bound in figure
            }
    return values


def _plain(metrics: Metrics) -> dict[str, dict[str, dict[str, float]]]:
    return {
        method: {
            key: _fields(figure) for key, figure in sorted(figures.items()) if math.isfinite(figure.value)
        }
        for method, figures in sorted(metrics.items())
    }


def _fields(figure: Figure) -> dict[str, float]:
    known = {"value": figure.value, "low": figure.low, "high": figure.high}
    finite = {name: value for name, value in known.items() if value is not None and math.isfinite(value)}
    return {"n": figure.n} | {name: float(f"{value:.{DIGITS}g}") for name, value in finite.items()}


def _figures(content: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Metrics:
    return {
        method: {key: Figure(**figure) for key, figure in figures.items()}
        for method, figures in content.items()
    }
