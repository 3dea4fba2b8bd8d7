"""Zip and tar archives, read entry by entry; nothing in them is ever unpacked to a path it names."""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import IO, cast

from sketch2color.errors import UserError
from sketch2color.imaging.errors import describe_error
from sketch2color.ingest.fetch.list_files import (
    MAX_BYTES,
    Entry,
    EntryError,
    name_problem,
    printable,
    size_problem,
)

MAX_ENTRIES = 1_000_000
MAX_SWELLING = 1000
"""Images hardly shrink when packed: what swells more is a bomb."""
MAX_HEADERS = 64 * 1024
"""Bytes of headers (long names, further attributes) that one entry of a tar may have."""
_SMALL = 1024 * 1024
"""Up to here an entry may swell as it likes."""
_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\x08", b"PK00")
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def entries(path: Path) -> Iterator[Entry]:
    """Yield the files of a zip, tar, tar.gz, tar.bz2 or tar.xz archive, in the archive's order.

    Links, devices, names that lead out of the archive, second entries of a name, archives within it, entries
    that are encrypted, overlap or are too large come with a ``problem``; folders do not come at all. An entry
    whose content is damaged costs only itself. Where the damage hides what else there is (the directory of a
    zip, the headers or the end of a tar), the archive is refused: a part of a set must not pass for the set.

    Raises:
        UserError: the file does not exist, is no such archive, is damaged, swells to more than
            ``MAX_SWELLING`` times its size or has more than ``MAX_ENTRIES``.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) in _ZIP  # a tar begins with a name, which may begin with PK
        yield from _counted(_zip_entries(path) if is_zip else _tar_entries(path), path)
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist: put the archive there, or mend path in source.yaml"
        ) from None
    except Exception as error:  # broken archives raise nearly anything
        raise UserError(
            f"{path} is no zip or tar archive, or is damaged ({describe_error(error)}): get it anew"
        ) from error


def _counted(walk: Iterable[Entry], path: Path) -> Iterator[Entry]:
    seen = set[str]()
    for count, entry in enumerate(walk):
        if count == MAX_ENTRIES:
            raise UserError(f"{path} has more than {MAX_ENTRIES:,} entries: part it")
        if entry.path in seen and not entry.problem:
            yield replace(entry, problem="a second entry of this name")
        else:
            yield entry
        seen.add(entry.path)


def _zip_entries(path: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        overlapping = _overlapping(archive.infolist())
        for info in archive.infolist():
            name = info.orig_filename.replace("\\", "/")  # as some Windows packers write them
            if not name.endswith("/"):
                problem = (
                    "overlaps another entry" if info.header_offset in overlapping else _zip_problem(info)
                )
                yield Entry(
                    path=printable(name.removeprefix("./")),
                    problem=problem or name_problem(name) or size_problem(info.file_size),
                    read=lambda info=info: _read_zipped(archive, info),  # type: ignore[misc]
                )


def _overlapping(infos: Iterable[zipfile.ZipInfo]) -> set[int]:
    """Give the places of entries that reach into the next one: a small zip can hold one bomb many times."""
    places = sorted((info.header_offset, info.compress_size) for info in infos)
    return {place for (place, size), (following, _) in pairwise(places) if place + 30 + size > following}


def _zip_problem(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16  # Unix mode, or 0 from other systems
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or device"
    if info.flag_bits & 1:
        return "encrypted"
    if info.compress_type not in _PACKED:
        return f"packed with method {info.compress_type}, which cannot be unpacked"
    if info.file_size > max(_SMALL, MAX_SWELLING * info.compress_size):
        return f"swells to more than {MAX_SWELLING:,} times its packed size"
    return ""


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # zipfile unpacks these methods without a bound: what it is given at once must be little.
    step = 4096 if info.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA) else MAX_BYTES + 1
    try:
        with archive.open(info) as file:
            return _bounded(file, step)
    except EntryError:
        raise
    except Exception as error:  # broken archives raise nearly anything
        raise EntryError(f"damaged in the archive: {describe_error(error)}") from error


def _bounded(file: IO[bytes], step: int) -> bytes:
    # The sizes that archives declare can lie: count what really comes out.
    parts, size = [], 0
    while part := file.read(step):
        size += len(part)
        if size > MAX_BYTES:
            raise EntryError(size_problem(size))
        parts.append(part)
    return b"".join(parts)


class _Headers:
    """What tarfile reads of an archive, its headers, within bounds; tarfile itself trusts any length."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._end = max(MAX_BYTES, MAX_SWELLING * path.stat().st_size)
        self.allowed = MAX_HEADERS
        self.last = b""

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.allowed:
            raise tarfile.ReadError("a header of impossible length")
        self.allowed -= size
        self.last = self._file.read(size)
        return self.last

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int) -> None:
        if offset > self._end:
            bound = f"{MAX_SWELLING:,} times its size"
            raise UserError(f"{self._path} is damaged, or swells to more than {bound}: get it anew")
        self._file.seek(offset)

    def finish(self) -> None:
        """Read on to the end, where checksums lie; what has ended before its end is damaged."""
        if self.last.strip(b"\0"):
            raise tarfile.ReadError("a header cannot be read")
        while self._file.read(_SMALL):
            self.seek(self._file.tell())


def _tar_entries(path: Path) -> Iterator[Entry]:
    with closing(_unpacked(path)) as file:
        headers = _Headers(file, path)
        archive = tarfile.TarFile(fileobj=cast(IO[bytes], headers), encoding="utf-8")
        while (member := archive.next()) is not None:
            if member.size < 0:  # tarfile would walk back, and in a circle
                raise tarfile.ReadError("a negative size")
            if not member.isdir():
                unusual = "" if member.isreg() and not member.issparse() else "a link or device"
                yield Entry(
                    path=printable(member.name.removeprefix("./")),
                    problem=unusual or name_problem(member.name) or size_problem(member.size),
                    read=lambda member=member: _read_tarred(file, member),  # type: ignore[misc]
                )
            archive.members.clear()  # type: ignore[attr-defined]  # it would remember them all
            headers.allowed = MAX_HEADERS
        headers.finish()


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        beginning = file.read(6)
    if beginning.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.open(path))
    if beginning.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(path))
    return cast(IO[bytes], lzma.open(path)) if beginning == b"\xfd7zXZ\0" else path.open("rb")


def _read_tarred(file: IO[bytes], member: tarfile.TarInfo) -> bytes:
    try:
        file.seek(member.offset_data)
        content = file.read(member.size)
    except Exception as error:  # broken archives raise nearly anything
        raise EntryError(f"damaged in the archive: {describe_error(error)}") from error
    if len(content) < member.size:
        raise EntryError("damaged in the archive: it ends too early")
    return content
