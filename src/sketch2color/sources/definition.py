"""``source.yaml``: the one file that says where a data set comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from sketch2color.errors import UserError
from sketch2color.manifest import DOMAINS, Domain

TRUTH_KINDS = ("mask", "clean")
_ABOUT = ("license", "attribution", "homepage")
_COMMON = ("type", "domains", "pairs", "truth", *_ABOUT)
_KEYS = {"archive": (*_COMMON, "path", "url", "sha256"), "folder": (*_COMMON, "path")}


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A zip or tar file: lying at ``path``, or to be fetched from ``url``.

    ``sha256`` is the hash of the whole file; None: nobody knows it beforehand, so it is only recorded.
    """

    path: Path | None
    url: str | None
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder of files."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What source.yaml says, checked.

    ``domains`` and ``truth`` hold globs over the paths inside the archive or folder. ``pairs_by_name``: a
    sketch and a coloured picture of equal stem show the same thing. ``about`` has license, attribution and
    homepage, as far as they are given.
    """

    origin: Archive | Folder
    domains: Mapping[Domain, str]
    truth: Mapping[str, str]
    pairs_by_name: bool
    about: Mapping[str, str]


def read(source: Path) -> Definition:
    """Read and check ``source.yaml`` in the folder ``source``.

    Raises:
        UserError: it is missing, is not YAML, lacks a key, has an unknown one or an impossible value.
    """
    path = source / "source.yaml"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _definition(_mapping(values, "the file"), source)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: it says where the data set comes from") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None


def _definition(values: Mapping[str, Any], source: Path) -> Definition:
    kind = values.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise ValueError(f"type is {kind!r}: must be one of {', '.join(_KEYS)}")
    _known(values, _KEYS[kind], "")
    domains = _globs(values, "domains", DOMAINS)
    for domain in DOMAINS:
        if domain not in domains:
            raise ValueError(f"domains.{domain} is missing: must be a pattern such as '{domain}/*'")
    if values.get("pairs", "name") != "name":
        raise ValueError(f"pairs is {values['pairs']!r}: must be name, or left out")
    return Definition(
        origin=_archive(values, source) if kind == "archive" else Folder(path=_path(values, source)),
        domains={domain: domains[domain] for domain in DOMAINS},
        truth=_globs(values, "truth", TRUTH_KINDS) if "truth" in values else {},
        pairs_by_name="pairs" in values,
        about={key: _text(values[key], key) for key in _ABOUT if key in values},
    )


def _archive(values: Mapping[str, Any], source: Path) -> Archive:
    if ("path" in values) == ("url" in values):
        raise ValueError("path, url: an archive needs one of them, and not both")
    checksum = values.get("sha256")
    if checksum is not None and not (isinstance(checksum, str) and re.fullmatch("[0-9a-fA-F]{64}", checksum)):
        raise ValueError(f"sha256 is {checksum!r}: must be 64 hex digits (in quotes if they are digits only)")
    checksum = checksum and checksum.lower()
    if "path" in values:
        return Archive(path=_path(values, source), url=None, sha256=checksum)
    url = _text(values["url"], "url")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError(f"url is {url!r}: must begin with http:// or https://")
    if "sha256" not in values:
        raise ValueError(
            "sha256 is missing: must be the archive's hash, or null where the address pins the content"
        )
    return Archive(path=None, url=url, sha256=checksum)


def _path(values: Mapping[str, Any], source: Path) -> Path:
    if "path" not in values:
        raise ValueError(f"path is missing: must be a folder, relative to {source}, or absolute")
    try:
        return source / Path(_text(values["path"], "path")).expanduser()
    except RuntimeError:
        raise ValueError(f"path is {values['path']!r}: nobody of that name has a home folder here") from None


def _globs(values: Mapping[str, Any], key: str, names: tuple[str, ...]) -> dict[str, str]:
    globs = _mapping(values.get(key), key)
    _known(globs, names, f"{key}.")
    for name, glob in globs.items():
        text = _text(glob, f"{key}.{name}")
        if text.startswith("/") or ".." in text.split("/"):
            raise ValueError(
                f"{key}.{name} is {text!r}: must be relative to the top of the archive or folder"
            )
    return dict(globs)


def _known(values: Mapping[str, Any], names: tuple[str, ...], prefix: str) -> None:
    for key in values:
        if key not in names:
            raise ValueError(f"unknown key {prefix}{key}; known here: {', '.join(names)}")


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} is {value!r}: must be a mapping of keys to values")
    return value


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is {value!r}: must be a text that is not empty")
    return value
