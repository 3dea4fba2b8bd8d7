"""Nested mappings as flat ones."""

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(nested: Mapping[str, Any], separator: str) -> dict[str, Any]:
    """Return the leaves under the joined names of the way to them; an empty mapping has none.

    >>> flatten({"a": {"b": 1, "c": {}}, "d": 2}, ".")
    {'a.b': 1, 'd': 2}
    """
    return dict(_leaves(nested, separator))


def _leaves(nested: Mapping[str, Any], separator: str) -> Iterator[tuple[str, Any]]:
    for key, value in nested.items():
        if isinstance(value, Mapping):
            for name, leaf in _leaves(value, separator):
                yield f"{key}{separator}{name}", leaf
        else:
            yield str(key), value


def differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return by name the pairs of values that are not equal; None stands for one that is missing.

    >>> differences({"a": 1, "b": 2}, {"b": 3, "c": 4})
    {'a': (1, None), 'b': (2, 3), 'c': (None, 4)}
    """
    pairs = {name: (left.get(name), right.get(name)) for name in sorted({*left, *right})}
    return {name: (one, other) for name, (one, other) in pairs.items() if one != other}
