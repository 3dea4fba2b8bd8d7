"""A folder of files as a source."""

import os
from collections.abc import Iterator
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.sources.entries import Entry, EntryError, printable, size_problem


def entries(folder: Path) -> Iterator[Entry]:
    """Yield the files below ``folder`` in sorted order.

    Links to files are followed; links to folders, which can run in circles, come with a ``problem``, as do
    devices and files that are too large.

    Raises:
        UserError: the folder does not exist.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder: put the pictures there, or mend path in source.yaml")
    for where, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(where, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(where, name)
            yield Entry(
                path=printable(path.relative_to(folder).as_posix()),
                problem=_problem(path),
                read=lambda path=path: _read(path),  # type: ignore[misc]
            )


def _problem(path: Path) -> str:
    if path.is_dir():
        return "a link to a folder: not followed"
    if not path.is_file():
        return "a device, or a link to nowhere"
    return size_problem(path.stat().st_size)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EntryError(f"cannot be read: {error.strerror}") from error
