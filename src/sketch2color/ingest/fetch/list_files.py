"""What archives and folders have in common: named entries, some of which must not be opened."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

from sketch2color.manifest import Domain

MAX_BYTES = 256 * 1024 * 1024
"""An entry beyond this is no image; a small archive that swells beyond it is a bomb."""
NESTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


class EntryError(Exception):
    """An entry cannot be read; the message is the one reason, fit for a table."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a source.

    ``path`` is its path inside the archive or folder, with ``/``, or its address on the web. ``problem``
    says why it must not be opened; empty where nothing speaks against it. ``read`` gives its bytes or raises
    :class:`EntryError`; it must be called before the next entry is asked for. ``domain`` is None where the
    globs of source.yaml decide it. ``facts`` is what the origin tells of this one image: ``license``,
    ``attribution`` and ``homepage`` go before those of the whole set, other keys are kept as they are.
    """

    path: str
    problem: str
    read: Callable[[], bytes]
    domain: Domain | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The file's name without folders and without suffix."""
        return PurePosixPath(self.path).stem


def printable(path: str) -> str:
    r"""Escape what tables and terminals cannot take.

    That is control letters, line ends, turns of the direction of writing, and what UTF-8 cannot write (names
    in a legacy encoding).

    >>> printable("a\udcff\n.png")
    'a\\udcff\\n.png'
    """
    return path if path.isprintable() else "".join(map(_printable, path))


def _printable(letter: str) -> str:
    harmful = unicodedata.category(letter) in _UNPRINTABLE or unicodedata.bidirectional(letter) in _TURNING
    return letter.encode("unicode_escape").decode() if harmful else letter


def name_problem(path: str) -> str:
    r"""Say why an archive should not hold an entry of this name; empty where nothing is wrong.

    >>> name_problem("../../etc/passwd"), name_problem("..\\etc")
    ('unsafe name: leaves the archive', 'unsafe name: leaves the archive')
    >>> name_problem("A/1.png")
    ''
    """
    parts = path.replace("\\", "/").split("/")
    if (path and not parts[0]) or re.match("[A-Za-z]:", path) or ".." in parts:
        return "unsafe name: leaves the archive"
    if "\0" in path or not path.strip("./"):
        return "unsafe name: empty, or with an end in the middle"
    if path.lower().endswith(NESTED):
        return "an archive within the archive: not opened"
    return ""


def size_problem(size: int) -> str:
    """Say that an entry of ``size`` bytes is too large to be an image; empty where it is not."""
    return f"unpacks to more than {MAX_BYTES:,} bytes" if size > MAX_BYTES else ""


def matches(path: str, glob: str) -> bool:
    """Tell whether ``path`` fits ``glob``; ``*`` and ``?`` stay within a folder, ``**/`` is any depth.

    >>> matches("top/Dataset/A/1.jpg", "*/Dataset/A/*"), matches("top/Dataset/A/old/1.jpg", "*/Dataset/A/*")
    (True, False)
    >>> matches("a/b/c.png", "**/*.png"), matches("c.png", "**/*.png")
    (True, True)
    """
    return _compiled(glob).fullmatch(path) is not None


@lru_cache
def _compiled(glob: str) -> re.Pattern[str]:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts), re.DOTALL)
