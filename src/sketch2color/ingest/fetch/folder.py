"""A folder of files as a source."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.ingest.fetch.list_files import MAX_BYTES, Entry, EntryError, printable, size_problem


def entries(folder: Path) -> Iterator[Entry]:
    """Yield the files below ``folder`` in sorted order.

    Links to files are followed; links to folders, which can run in circles, come with a ``problem``, as do
    devices, files that are too large, and folders that cannot be looked into.

    Raises:
        UserError: the folder does not exist.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder: put the images there, or mend path in source.yaml")
    to_walk = [folder]
    while to_walk:
        where = to_walk.pop()
        try:
            with os.scandir(where) as found:
                inside = sorted(found, key=lambda item: item.name)
        except OSError as error:
            yield _entry(where, folder, f"a folder that cannot be read: {error.strerror}")
            continue
        folders = []
        for item in inside:
            path = Path(item.path)
            if item.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                yield _entry(path, folder, _problem(path))
        to_walk += reversed(folders)


def _entry(path: Path, folder: Path, problem: str) -> Entry:
    return Entry(
        path=printable(path.relative_to(folder).as_posix()), problem=problem, read=lambda: _read(path)
    )


def _problem(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:  # also where links run in a circle
        return "a link to nowhere"
    if stat.S_ISDIR(status.st_mode):
        return "a link to a folder: not followed"
    if not stat.S_ISREG(status.st_mode):
        return "a device"
    return size_problem(status.st_size)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # some files, or those still being written, have no true size
    except OSError as error:
        raise EntryError(f"cannot be read: {error.strerror}") from error
    if problem := size_problem(len(content)):
        raise EntryError(problem)
    return content
