"""The folder that a crawl and whoever waits for it share."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from sketch2color.config.source_types import Gallery, Urls
from sketch2color.ingest.fetch import addresses
from sketch2color.ingest.fetch.list_files import Entry, EntryError, printable
from sketch2color.manifest import Domain

FOLDERS = tuple(f"{number:02x}" for number in range(256))
"""Files are spread over so many folders, so that none is too full."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An image that is asked for, or an address that is not because of ``problem``."""

    address: str
    domain: Domain | None
    facts: Mapping[str, str]
    problem: str = ""

    def line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class Shelf:
    """Where everything lies: what has arrived stays; ``wanted`` and ``failed`` are of the latest crawl."""

    root: Path

    @property
    def images(self) -> Path:
        """The folder of the images that arrived, whole."""
        return self.root / "images"

    @property
    def answers(self) -> Path:
        """The folder of pages and of what sites have said instead of giving an image."""
        return self.root / "answers"

    @property
    def wanted(self) -> Path:
        """Lines of :class:`Wanted`, in the order of the source."""
        return self.root / "wanted.jsonl"

    @property
    def failed(self) -> Path:
        """Lines of JSON: the key of an address that was asked for in vain, and the reason."""
        return self.root / "failed.jsonl"

    @property
    def lock(self) -> Path:
        """The file that is locked while somebody fetches into this folder."""
        return self.root / "lock"

    def image(self, address: str) -> Path:
        """Return where the image of ``address`` lies once it has arrived."""
        return self.images / place(address)

    def entry(self, wanted: Wanted) -> Entry:
        """Return the entry of an image that has arrived, or has a problem."""
        path = self.image(wanted.address)
        return Entry(
            path=printable(wanted.address),
            problem=wanted.problem,
            read=lambda: _read(path),
            domain=wanted.domain,
            facts=wanted.facts,
        )


class Tail:
    """Reads lines of JSON from a file that another process is still adding to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def next(self) -> Any:
        """Return the next line; None where there is no whole one yet."""
        place = self._file.tell()
        line = self._file.readline()
        if line.endswith(b"\n"):
            return json.loads(line)
        self._file.seek(place)
        return None


@dataclass(frozen=True)
class Job:
    """What a crawl is told: what to fetch, and where to."""

    origin: Urls | Gallery
    shelf: Shelf


def place(address: str) -> str:
    """Return the relative path for what belongs to ``address``, in one of ``FOLDERS``."""
    name = addresses.key(address)
    return f"{name[:2]}/{name[2:]}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise EntryError("has arrived, but somebody took it away") from None
    except OSError as error:
        raise EntryError(f"cannot be read: {error.strerror}") from error
