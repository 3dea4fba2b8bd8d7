"""What every type of source yields: files with a path, some of which must not be opened."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from sketch2color.manifest import Domain

MAX_BYTES = 256 * 1024 * 1024
"""Upper bound of one file: a larger one is no image, a small archive that unpacks to more is a bomb."""
_NESTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")


class SourceFileError(Exception):
    """A file cannot be read; the message is the reason in rejected.csv."""


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file of a source.

    ``path`` is inside the archive or folder, with ``/``, or the URL of an image from the web. ``problem`` is
    the reason why the file must not be opened, or empty. ``read`` returns the content or raises
    :class:`SourceFileError`; it is called before the next file is iterated to. ``domain`` is None where the
    patterns of source.yaml decide. ``facts`` are metadata of this image: ``license``, ``attribution`` and
    ``homepage`` take precedence over those of the data set, other keys go into details.csv.
    """

    path: str
    problem: str
    read: Callable[[], bytes]
    domain: Domain | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchedSource:
    """A source that is available locally: its files and, for source.json, its provenance."""

    list_files: Callable[[], Iterator[SourceFile]]
    about: Mapping[str, str] = field(default_factory=dict)


def name_problem(path: str) -> str:
    """Return why an archive must not have a file of this name, or an empty text."""
    parts = path.replace("\\", "/").split("/")
    if (path and not parts[0]) or re.match("[A-Za-z]:", path) or ".." in parts:
        return "unsafe name: leaves the archive"
    if "\0" in path or not path.strip("./"):
        return "unsafe name: empty, or with a null character"
    if path.lower().endswith(_NESTED):
        return "an archive within the archive: not opened"
    return ""


def size_problem(size: int) -> str:
    """Return why a file of ``size`` bytes is not read, or an empty text."""
    return f"unpacks to more than {MAX_BYTES:,} bytes" if size > MAX_BYTES else ""


def read_bounded(file: IO[bytes], step: int = 1024 * 1024) -> bytes:
    """Return the content of ``file``, read in steps; its size can be unknown or declared falsely.

    Raises:
        SourceFileError: there are more than ``MAX_BYTES``.
    """
    content = bytearray()
    while part := file.read(step):
        content += part
        if problem := size_problem(len(content)):
            raise SourceFileError(problem)
    return bytes(content)
