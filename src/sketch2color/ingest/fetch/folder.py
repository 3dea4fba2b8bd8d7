"""A folder of files as a source."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sketch2color.config.source import Folder
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import source_file
from sketch2color.ingest.fetch.source_file import FetchedSource, SourceFile, SourceFileError
from sketch2color.text import printable


def fetch(source: Folder, downloads: Path) -> FetchedSource:
    """Return the folder as a source."""
    return FetchedSource(lambda: list_files(source.path))


def list_files(folder: Path) -> Iterator[SourceFile]:
    """Yield the files below ``folder`` in sorted order.

    Links to files are followed. Links to folders, which can be circular, devices, too large files and folders
    that cannot be read have a ``problem``.

    Raises:
        UserError: the folder does not exist.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: put the images there, or correct path in source.yaml")
    to_walk = [folder]
    while to_walk:
        current = to_walk.pop()
        try:
            with os.scandir(current) as found:
                items = sorted(found, key=lambda item: item.name)
        except OSError as error:
            yield _file(current, folder, f"a folder that cannot be read: {error.strerror}")
            continue
        folders = []
        for item in items:
            path = Path(item.path)
            if item.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                yield _file(path, folder, _problem(path))
        to_walk += reversed(folders)


def _file(path: Path, folder: Path, problem: str) -> SourceFile:
    name = printable(path.relative_to(folder).as_posix())
    return SourceFile(path=name, problem=problem, read=lambda: _read(path))


def _problem(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:  # also of circular links
        return "a broken link"
    if stat.S_ISDIR(status.st_mode):
        return "a link to a folder: not followed"
    return source_file.size_problem(status.st_size) if stat.S_ISREG(status.st_mode) else "a device"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return source_file.read_bounded(file)
    except OSError as error:
        raise SourceFileError(f"cannot be read: {error.strerror}") from error
