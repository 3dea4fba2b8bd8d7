"""Zip and tar archives, read entry by entry; nothing in them is ever unpacked to a path it names."""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sketch2color.errors import UserError
from sketch2color.sources.entries import MAX_BYTES, Entry, EntryError, name_problem, printable, size_problem

_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


def entries(path: Path) -> Iterator[Entry]:
    """Yield the files of a zip, tar, tar.gz, tar.bz2 or tar.xz archive, in the archive's order.

    Links, devices, names that lead out of the archive, archives within it and entries that are too large
    come with a ``problem``; folders do not come at all.

    Raises:
        UserError: the file does not exist, is no such archive, or is damaged.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(2) == b"PK"
        yield from _zip_entries(path) if is_zip else _tar_entries(path)
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist: put the archive there, or mend path in source.yaml"
        ) from None
    except _DAMAGE as error:
        raise UserError(f"{path} is no zip or tar archive, or is damaged ({error}): get it anew") from error


def _zip_entries(path: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = info.filename.replace("\\", "/")  # as some Windows packers write them
            if not name.endswith("/"):
                yield Entry(
                    path=printable(name.removeprefix("./")),
                    problem=_zip_problem(info) or name_problem(name) or size_problem(info.file_size),
                    read=lambda info=info: _read_zipped(archive, info),  # type: ignore[misc]
                )


def _zip_problem(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16  # Unix mode, or 0 from other systems
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or device"
    return "encrypted" if info.flag_bits & 1 else ""


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            return _bounded(file)
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        raise EntryError(f"damaged in the archive: {error}") from error


def _tar_entries(path: Path) -> Iterator[Entry]:
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isdir():
                unusual = "" if member.isreg() else "a link or device"
                yield Entry(
                    path=printable(member.name.removeprefix("./")),
                    problem=unusual or name_problem(member.name) or size_problem(member.size),
                    read=lambda member=member: _read_tarred(archive, member),  # type: ignore[misc]
                )


def _read_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    try:
        file = archive.extractfile(member)
        assert file is not None, "a regular member has content"
        return _bounded(file)
    except _DAMAGE as error:
        raise EntryError(f"damaged in the archive: {error}") from error


def _bounded(file: IO[bytes]) -> bytes:
    # The sizes that archives declare can lie: count what really comes out.
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise EntryError(size_problem(len(content)))
    return content
