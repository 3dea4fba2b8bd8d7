"""The kinds of places that images come from: what ``type`` in source.yaml may be, and its keys."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cssselect

from sketch2color.config import values
from sketch2color.manifest import DOMAINS, Domain


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
class Kaggle:
    """A data set of Kaggle, by its handle ``owner/name`` or ``owner/name/versions/3``.

    Where ``path`` exists (an archive or a folder that somebody has put there), nothing is fetched.
    """

    dataset: str
    path: Path | None


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a web site is asked.

    ``contact`` is an e-mail or web address of whoever asks, and goes out with every request.
    ``requests_per_second`` (at most, to one host; 0: as fast as the host answers) and ``connections`` (to
    one host) are upper bounds: a host that slows down is asked more slowly. ``seconds`` and ``megabytes``
    (10^6 bytes) bound one answer. ``allow_private`` names the hosts that may have a private, link-local or
    loopback address.
    """

    contact: str
    requests_per_second: float
    connections: int
    seconds: float
    megabytes: float
    allow_private: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Urls:
    """A list of image addresses: a CSV or Parquet file with the columns ``url`` and ``domain``."""

    path: Path
    manners: Manners


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Pages to crawl: each domain has its ``start`` addresses.

    ``image``, ``next`` and ``detail`` are CSS selectors: of images, of links to the next page and of links
    to the pages of single images. Where there is ``detail``, images are taken from those pages only.
    ``pages`` and ``images`` are the most that are asked for, for each domain.
    """

    start: Mapping[Domain, tuple[str, ...]]
    image: str
    next: str | None
    detail: str | None
    pages: int
    images: int
    manners: Manners


Origin = Archive | Folder | Kaggle | Urls | Gallery
_MANNERS = ("contact", "requests_per_second", "connections", "seconds", "megabytes", "allow_private")


@dataclass(frozen=True)
class Kind:
    """A ``type`` of source.yaml: its keys, how they are read, and whether its files have paths to match."""

    keys: tuple[str, ...]
    read: Callable[[Mapping[str, Any], Path], Origin]
    has_paths: bool


def _archive(given: Mapping[str, Any], source: Path) -> Archive:
    if ("path" in given) == ("url" in given):
        raise ValueError("path, url: an archive needs one of them, and not both")
    checksum = given.get("sha256")
    if checksum is not None and not (isinstance(checksum, str) and re.fullmatch("[0-9a-fA-F]{64}", checksum)):
        raise ValueError(f"sha256 is {checksum!r}: must be 64 hex digits (in quotes if they are digits only)")
    checksum = checksum and checksum.lower()
    if "path" in given:
        return Archive(path=values.path(given, source), url=None, sha256=checksum)
    url = values.web_address(given["url"], "url")
    if "sha256" not in given:
        raise ValueError(
            "sha256 is missing: must be the archive's hash, or null where the address pins the content"
        )
    return Archive(path=None, url=url, sha256=checksum)


def _folder(given: Mapping[str, Any], source: Path) -> Folder:
    return Folder(path=values.path(given, source))


def _kaggle(given: Mapping[str, Any], source: Path) -> Kaggle:
    handle = values.text(given.get("dataset"), "dataset")
    if not re.fullmatch(r"[\w-]+/[\w-]+(/versions/[1-9]\d*)?", handle):
        raise ValueError(f"dataset is {handle!r}: must be owner/name or owner/name/versions/3")
    return Kaggle(dataset=handle, path=values.path(given, source) if "path" in given else None)


def _urls(given: Mapping[str, Any], source: Path) -> Urls:
    return Urls(path=values.path(given, source), manners=_manners(given))


def _gallery(given: Mapping[str, Any], source: Path) -> Gallery:
    starts = values.mapping(given.get("start"), "start")
    values.known(starts, DOMAINS, "start.")
    for domain in DOMAINS:
        if domain not in starts:
            raise ValueError(f"start.{domain} is missing: must be the address of a page, or a list of them")
    return Gallery(
        start={
            domain: tuple(
                values.web_address(address, f"start.{domain}")
                for address in values.texts(starts[domain], f"start.{domain}")
            )
            for domain in DOMAINS
        },
        image=_selector(given.get("image"), "image"),
        next=_selector(given["next"], "next") if "next" in given else None,
        detail=_selector(given["detail"], "detail") if "detail" in given else None,
        pages=values.count(given, "pages", default=100, high=100_000),
        images=values.count(given, "images", default=1000, high=1_000_000),
        manners=_manners(given),
    )


def _selector(value: Any, key: str) -> str:
    selector = values.text(value, key)
    try:
        cssselect.parse(selector)
    except cssselect.SelectorError as error:
        raise ValueError(f"{key} is {selector!r}: must be a CSS selector ({error})") from None
    return selector


def _contact(value: Any) -> str:
    contact = values.text(value, "contact")
    if not re.fullmatch(r"[!-~]+@[!-~]+|https?://[!-~]+", contact):
        raise ValueError(f"contact is {contact!r}: must be an e-mail or web address")
    return contact


def _manners(given: Mapping[str, Any]) -> Manners:
    if "contact" not in given:
        raise ValueError("contact is missing: must be an e-mail or web address, which the site is told")
    return Manners(
        contact=_contact(given["contact"]),
        requests_per_second=values.number(given, "requests_per_second", default=2, low=0, high=1000),
        connections=values.count(given, "connections", default=4, high=64),
        seconds=values.number(given, "seconds", default=60, low=0.1, high=3600),
        megabytes=values.number(given, "megabytes", default=50, low=0.001, high=1000),
        allow_private=values.texts(given["allow_private"], "allow_private")
        if "allow_private" in given
        else (),
    )


KINDS = {
    "archive": Kind(("path", "url", "sha256"), _archive, has_paths=True),
    "folder": Kind(("path",), _folder, has_paths=True),
    "kaggle": Kind(("dataset", "path"), _kaggle, has_paths=True),
    "urls": Kind(("path", *_MANNERS), _urls, has_paths=False),
    "gallery": Kind(
        ("start", "image", "next", "detail", "pages", "images", *_MANNERS), _gallery, has_paths=False
    ),
}
