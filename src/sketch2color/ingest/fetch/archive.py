"""Zip and tar archives, read entry by entry; nothing is ever unpacked to a path that an archive names."""

import bz2
import gzip
import logging
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, cast

from sketch2color.config.source import Archive
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import download, source_file
from sketch2color.ingest.fetch.source_file import MAX_BYTES, FetchedSource, SourceFile, SourceFileError
from sketch2color.text import describe_error, printable

MAX_ENTRIES = 1_000_000
MAX_RATIO = 1000
"""Upper bound of unpacked to packed size: images hardly compress, so more is a decompression bomb."""
MAX_HEADERS = 64 * 1024
"""Bytes of headers (long names, extended attributes) of one entry of a tar."""
_SMALL = 1024 * 1024
"""Bytes up to which the ratio of an entry is not checked."""
_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\x08", b"PK00")
_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

_log = logging.getLogger(__name__)


def fetch(source: Archive, downloads: Path) -> FetchedSource:
    """Return the archive as a source, downloaded if it is at a URL, with its hash verified.

    Raises:
        UserError: it is missing, cannot be downloaded, or has another hash than source.yaml says.
    """
    if source.url is not None:
        path = download.download_file(source.url, source.sha256, downloads)
    else:
        assert source.path is not None, "an archive has a path or a url"
        path = source.path
        if not path.is_file():
            raise UserError(f"{path} is not a file: put the archive there, or correct path in source.yaml")
    sha256 = download.hash_file(path)
    if source.sha256 not in (None, sha256):
        raise UserError(f"{path} has the SHA-256 {sha256}, not that in source.yaml: correct one of them")
    if source.url is None:
        return FetchedSource(lambda: list_files(path), {"sha256": sha256})
    if source.sha256 is None:
        _log.warning("%s: no sha256 in source.yaml; the downloaded archive has %s", source.url, sha256)
    return FetchedSource(lambda: list_files(path), {"sha256": sha256, "url": source.url})


def list_files(path: Path) -> Iterator[SourceFile]:
    """Yield the files of a zip, tar, tar.gz, tar.bz2 or tar.xz archive, in the archive's order.

    Links, devices, names that lead out of the archive, repeated names, nested archives, entries that are
    encrypted, overlap or are too large have a ``problem``; folders are left out. Damage that hides which
    further entries there are (a zip's directory, a tar's headers or end) is an error: a part of a data set
    must not pass for the whole.

    Raises:
        UserError: the file is no such archive, is damaged, unpacks to more than ``MAX_RATIO``
            times its size or has more than ``MAX_ENTRIES``.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) in _ZIP  # a tar begins with a name, which may begin with PK
        yield from _counted(_zip_entries(path) if is_zip else _tar_entries(path), path)
    except UserError:
        raise
    except Exception as error:  # zipfile and tarfile raise nearly anything
        raise UserError(
            f"{path} is no zip or tar archive, or is damaged ({describe_error(error)}): download it again"
        ) from error


def _counted(walk: Iterable[SourceFile], path: Path) -> Iterator[SourceFile]:
    seen = set[str]()
    for count, entry in enumerate(walk):
        if count == MAX_ENTRIES:
            raise UserError(f"{path} has more than {MAX_ENTRIES:,} entries: split it")
        repeated = "a second file of this name" if entry.path in seen else ""
        yield replace(entry, problem=entry.problem or repeated)
        seen.add(entry.path)


def _entry(name: str, problem: str, size: int, read: Callable[[], bytes]) -> SourceFile:
    problem = problem or source_file.name_problem(name) or source_file.size_problem(size)
    return SourceFile(path=printable(name.removeprefix("./")), problem=problem, read=read)


def _zip_entries(path: Path) -> Iterator[SourceFile]:
    with zipfile.ZipFile(path) as archive:
        overlapping = _overlapping(archive.infolist())
        for info in archive.infolist():
            name = info.orig_filename.replace("\\", "/")  # as some programs on Windows write them
            if not name.endswith("/"):
                overlaps = "overlaps another entry" if info.header_offset in overlapping else ""
                problem = overlaps or _zip_problem(info)
                yield _entry(name, problem, info.file_size, partial(_read_zipped, archive, info))


def _overlapping(infos: Iterable[zipfile.ZipInfo]) -> set[int]:
    """Return the offsets of entries that overlap the next one: a small zip can hold one bomb many times."""
    places = sorted((info.header_offset, info.compress_size) for info in infos)
    return {place for (place, size), (following, _) in pairwise(places) if place + 30 + size > following}


def _zip_problem(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16  # Unix mode, or 0 from other systems
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or device"
    if info.flag_bits & 1:
        return "encrypted"
    if info.compress_type not in _COMPRESSIONS:
        return f"compressed with method {info.compress_type}, which is not supported"
    if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
        return f"unpacks to more than {MAX_RATIO:,} times its packed size"
    return ""


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # zipfile decompresses these methods without a bound, so each step gets little input.
    step = 4096 if info.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA) else _SMALL
    try:
        with archive.open(info) as file:
            return source_file.read_bounded(file, step)
    except SourceFileError:
        raise
    except Exception as error:  # zipfile and tarfile raise nearly anything
        raise SourceFileError(f"damaged in the archive: {describe_error(error)}") from error


class _Headers:
    """File object that bounds the headers which tarfile reads; tarfile itself trusts any length."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._end = max(MAX_BYTES, MAX_RATIO * path.stat().st_size)
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
            bound = f"{MAX_RATIO:,} times its size"
            raise UserError(f"{self._path} is damaged, or unpacks to more than {bound}: download it again")
        self._file.seek(offset)

    def finish(self) -> None:
        """Read to the end, where checksums are; raise for an archive that is truncated."""
        if self.last.strip(b"\0"):
            raise tarfile.ReadError("a header cannot be read")
        while self._file.read(_SMALL):
            self.seek(self._file.tell())


def _tar_entries(path: Path) -> Iterator[SourceFile]:
    with closing(_unpacked(path)) as file:
        headers = _Headers(file, path)
        archive = tarfile.TarFile(fileobj=cast(IO[bytes], headers), encoding="utf-8")
        while (member := archive.next()) is not None:
            if member.size < 0:  # tarfile would seek back, into an endless loop
                raise tarfile.ReadError("a negative size")
            if not member.isdir():
                unusual = "" if member.isreg() and not member.issparse() else "a link or device"
                yield _entry(member.name, unusual, member.size, partial(_read_tarred, file, member))
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
            headers.allowed = MAX_HEADERS
        headers.finish()


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        beginning = file.read(6)
    opener = next((opener for magic, opener in _OPENERS.items() if beginning.startswith(magic)), open)
    return cast(IO[bytes], opener(path, "rb"))


def _read_tarred(file: IO[bytes], member: tarfile.TarInfo) -> bytes:
    try:
        file.seek(member.offset_data)
        content = file.read(member.size)
    except Exception as error:  # zipfile and tarfile raise nearly anything
        raise SourceFileError(f"damaged in the archive: {describe_error(error)}") from error
    if len(content) < member.size:
        raise SourceFileError("damaged in the archive: it is truncated")
    return content
