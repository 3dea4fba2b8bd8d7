"""The figures of a stage's metrics.json, under the names that its run gives them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VALUE, LOW, HIGH, COUNT = "value", "low", "high", "n"


@dataclass(frozen=True)
class Figure:
    """A value and, where metrics.json has them, its 95 % interval and how many images it rests on."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


def figures(content: bytes) -> dict[str, Figure]:
    """Return the figures of a metrics.json, names joined by a slash; what is no number is left out.

    Raises:
        ValueError: it is no JSON object.

    >>> figures(b'{"cyclegan": {"kid": {"value": 0.5, "low": 0.25, "high": 1.0, "n": 9}}}')
    {'cyclegan/kid': Figure(value=0.5, low=0.25, high=1.0, n=9)}
    """
    nested = json.loads(content)
    if not isinstance(nested, dict):
        raise ValueError("not a JSON object")
    return dict(_leaves(nested, ""))


def logged(found: Mapping[str, Figure]) -> dict[str, float]:
    """Return the values and bounds under the names that a run logs them by."""
    bounds = ((f"{name}/{key}", getattr(each, key)) for name, each in found.items() for key in (LOW, HIGH))
    return {name: each.value for name, each in found.items()} | {
        name: bound for name, bound in bounds if bound is not None
    }


def _leaves(nested: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Figure]]:
    for key, value in nested.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if _number(value.get(VALUE)):
                yield name, Figure(value[VALUE], value.get(LOW), value.get(HIGH), value.get(COUNT))
            else:
                yield from _leaves(value, f"{name}/")
        elif _number(value):
            yield name, Figure(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
