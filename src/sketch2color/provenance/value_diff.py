"""Values of metrics.json, params.yaml and dvc.lock: flattened, compared, shown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sketch2color.files import parse_json

SHOWN_CHARACTERS = 60
SHOWN_NAMES = 3
PRESET = "presets."

Pairs = Mapping[str, tuple[Any, Any]]
"""The values that two mappings have for a name; None where one has none."""


@dataclass(frozen=True)
class Metric:
    """A number of metrics.json and, where the file has them, its 95 % interval and number of images."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def __str__(self) -> str:
        """Return the value with six significant digits, such as ``0.5 [0.25, 1] n=9``."""
        interval = "" if self.low is None or self.high is None else f" [{self.low:.6g}, {self.high:.6g}]"
        return f"{self.value:.6g}{interval}" + ("" if self.n is None else f" n={self.n}")


def read_metrics(content: bytes) -> dict[str, Metric]:
    """Return the numbers of a metrics.json by their keys joined with slashes; a ValueError if it is none.

    >>> read_metrics(b'{"cyclegan": {"kid": {"value": 0.5, "low": 0.25, "high": 1.0, "n": 9}}}')
    {'cyclegan/kid': Metric(value=0.5, low=0.25, high=1.0, n=9)}
    """
    nested = parse_json(content)
    if not isinstance(nested, dict):
        raise ValueError("not a JSON object")
    return dict(_metrics(nested, ""))


def _metrics(nested: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Metric]]:
    for key, value in nested.items():
        if isinstance(value, Mapping) and _is_number(value.get("value")):
            yield f"{prefix}{key}", Metric(value["value"], *map(value.get, ("low", "high", "n")))
        elif isinstance(value, Mapping):
            yield from _metrics(value, f"{prefix}{key}/")
        elif _is_number(value):
            yield f"{prefix}{key}", Metric(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def logged_values(metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Return values and bounds under the names by which a run logs them.

    >>> logged_values({"kid": Metric(0.5, 0.25, 1.0)})
    {'kid': 0.5, 'kid/low': 0.25, 'kid/high': 1.0}
    """
    values: dict[str, float | None] = {}
    for name, metric in metrics.items():
        values |= {name: metric.value, f"{name}/low": metric.low, f"{name}/high": metric.high}
    return {name: value for name, value in values.items() if value is not None}


def flatten(nested: Mapping[str, Any]) -> dict[str, Any]:
    """Return the leaves of nested mappings by their keys joined with dots; an empty mapping has none.

    >>> flatten({"a": {"b": 1, "c": {}}, "d": 2})
    {'a.b': 1, 'd': 2}
    """
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{name}": leaf for name, leaf in flatten(value).items()}
        else:
            flat[str(key)] = value
    return flat


def effective_params(params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters in dvc.lock of a stage, by dotted name; a section's own value beats the preset.

    >>> quick = {"presets.quick.train": {"steps": 80, "width": 24}}
    >>> effective_params({"params.yaml": {**quick, "train": {"steps": 9}, "seed": 1}})
    {'train.steps': 9, 'train.width': 24, 'seed': 1}
    """
    flat = {name: value for nested in params.values() for name, value in flatten(nested).items()}
    presets = {name.split(".", 2)[2]: value for name, value in flat.items() if name.startswith(PRESET)}
    return presets | {name: value for name, value in flat.items() if not name.startswith(PRESET)}


def differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return by name the pairs of values that are not equal; None stands for a missing one.

    >>> differences({"a": 1, "b": 2}, {"b": 3, "c": 4})
    {'a': (1, None), 'b': (2, 3), 'c': (None, 4)}
    """
    pairs = {name: (left.get(name), right.get(name)) for name in sorted({*left, *right})}
    return {name: (one, other) for name, (one, other) in pairs.items() if one != other}


def short(value: Any) -> str:
    """Return a value in one line of limited length; None is shown as missing."""
    text = "missing" if value is None else " ".join(str(value).split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def first_few(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are.

    >>> first_few(["a"]), first_few(["a", "b", "c", "d", "e"])
    ('a', 'a, b, c and 2 more')
    """
    rest = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def to_json(content: Any) -> str:
    """Return ``content`` as indented JSON with a final newline."""
    return json.dumps(content, indent=2, default=str) + "\n"
