"""Reading and checking a data set's YAML files; all raise ValueError, naming the key and what it must be."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


def load(path: Path) -> Any:
    """Read a YAML file in which no mapping has a key twice (YAML forbids it, its readers take the last).

    Raises:
        FileNotFoundError: there is none.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from None


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ValueError(f"{key.value} stands there twice, again in line {key.start_mark.line + 1}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def known(values: Mapping[str, Any], names: Sequence[str], prefix: str = "") -> None:
    """Refuse keys that are not among ``names``."""
    for key in values:
        if key not in names:
            raise ValueError(f"unknown key {prefix}{key}; known here: {', '.join(names)}")


def mapping(value: Any, key: str) -> Mapping[str, Any]:
    """Return ``value`` if it is a mapping."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} is {value!r}: must be a mapping of keys to values")
    return value


def text(value: Any, key: str) -> str:
    """Return ``value`` if it is a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is {value!r}: must be a text that is not empty")
    return value


def texts(value: Any, key: str) -> tuple[str, ...]:
    """Return the texts of a list; a single text is a list of one."""
    many = [value] if isinstance(value, str) else value
    if not isinstance(many, list) or not many:
        raise ValueError(f"{key} is {value!r}: must be a text or a list of texts")
    return tuple(text(one, f"{key}[{place}]") for place, one in enumerate(many))


def number(values: Mapping[str, Any], key: str, default: float, low: float, high: float) -> float:
    """Return the number under ``key``, ``default`` where it is left out."""
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{key} is {value!r}: must be a number between {low:g} and {high:g}")
    return value


def count(values: Mapping[str, Any], key: str, default: int, high: int) -> int:
    """Return the whole number from 1 to ``high`` under ``key``, ``default`` where it is left out."""
    value = values.get(key, default)
    if type(value) is not int or not 1 <= value <= high:
        raise ValueError(f"{key} is {value!r}: must be a whole number between 1 and {high}")
    return value


def web_address(value: Any, key: str) -> str:
    """Return ``value`` if it is an http(s) address."""
    address = text(value, key)
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        fits = fits and not any(letter.isspace() for letter in address)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{key} is {address!r}: must begin with http:// or https://")
    return address


def path(values: Mapping[str, Any], source: Path) -> Path:
    """Return the path under ``path``, relative to the folder ``source``."""
    if "path" not in values:
        raise ValueError(f"path is missing: must be a file or folder, relative to {source}, or absolute")
    try:
        return source / Path(text(values["path"], "path")).expanduser()
    except RuntimeError:
        raise ValueError(f"path is {values['path']!r}: nobody of that name has a home folder here") from None


def glob(value: Any, key: str) -> str:
    """Return a glob over the paths inside of a source."""
    pattern = text(value, key)
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise ValueError(f"{key} is {pattern!r}: must be relative to the top of the archive or folder")
    return pattern


def globs(values: Mapping[str, Any], key: str, names: Sequence[str]) -> dict[str, str]:
    """Return the globs under ``key``: a mapping whose keys are among ``names``, in the order of these."""
    patterns = mapping(values.get(key), key)
    known(patterns, names, f"{key}.")
    return {name: glob(patterns[name], f"{key}.{name}") for name in names if name in patterns}
