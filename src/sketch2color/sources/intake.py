"""Taking files in: each is decoded and checked, the good ones are written, the others listed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sketch2color import images, manifest
from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.images import PictureArray, PictureError
from sketch2color.manifest import DOMAINS, Domain, Rejected, Split
from sketch2color.parallel import in_threads
from sketch2color.progress import progress
from sketch2color.sources.definition import Definition
from sketch2color.sources.duplicates import fingerprint
from sketch2color.sources.entries import Entry, EntryError, matches
from sketch2color.sources.halves import Side, cut, odd_ones
from sketch2color.sources.pictures import Found
from sketch2color.sources.split import own_split


@dataclass(frozen=True)
class _File:
    """A file that should be a picture, read: what it holds, or the reason why it could not be read."""

    entry: Entry
    domain: Domain | None
    content: bytes = b""
    reason: str = ""


@dataclass(frozen=True)
class _Seen:
    """What a file turned out to be: pictures with their bytes, or the reason why it cannot be used."""

    file: _File
    pictures: tuple[tuple[Found, bytes], ...] = ()
    sketch_side: Side | None = None
    reason: str = ""


def take(
    entries: Iterable[Entry], defined: Definition, min_side: int, out: Path
) -> tuple[list[Found], list[Rejected]]:
    """Decode and check every file that should be a picture; write the good ones.

    Files are decoded in as many threads as there are processors, and only a few are in memory at a time.
    What comes out depends on neither.

    Args:
        entries: the files of the source.
        defined: tells which of them are pictures, and of which domain and split.
        min_side: pixels; a picture with a shorter side is rejected.
        out: a folder, filled with ``<id>.<suffix>``.

    Returns:
        The pictures, and the files that cannot be used, with the reason why.

    Raises:
        UserError: a file fits the patterns of both domains, or there is no picture of a domain.
    """
    found: list[Found] = []
    rejected: list[Rejected] = []
    sides: dict[str, Side] = {}
    passed_by: list[str] = []
    wanted = _wanted(progress(entries, "ingest", unit="file"), defined, passed_by)
    for seen in in_threads(partial(_look, defined=defined, min_side=min_side), wanted):
        file = seen.file
        if seen.reason:
            rejected.append(Rejected(source=file.entry.path, domain=file.domain or "", reason=seen.reason))
        for picture, content in seen.pictures:
            write_bytes(out / _name(picture), content)
            found.append(picture)
        if seen.sketch_side is not None:
            sides[file.entry.path] = seen.sketch_side
    odd = odd_ones(sides)
    rejected += [Rejected(source=path, domain="", reason=reason) for path, reason in odd.items()]
    found, taken = [picture for picture in found if picture.path not in odd], found
    for name in {_name(picture) for picture in taken} - {_name(picture) for picture in found}:
        (out / name).unlink()
    _expect_some(found, rejected, defined.pictures, passed_by)
    for split, glob in defined.splits.items():
        if not any(matches(picture.path, glob) for picture in found):
            raise UserError(f"splits.{split} in source.yaml: no picture matches {glob!r}")
    return found, rejected


def _name(picture: Found) -> str:
    return picture.id + picture.suffix


def _wanted(entries: Iterable[Entry], defined: Definition, passed_by: list[str]) -> Iterator[_File]:
    """Read the files that should be pictures; the first paths of others go to ``passed_by``."""
    for entry in entries:
        file = _read(entry, defined)
        if file is not None:
            yield file
        elif len(passed_by) < 3:
            passed_by.append(entry.path)


def _expect_some(
    found: Iterable[Found],
    rejected: Iterable[Rejected],
    pictures: Mapping[Domain | None, str],
    passed_by: Sequence[str],
) -> None:
    present = {picture.domain for picture in found}
    for domain in DOMAINS:
        if domain in present:
            continue
        refused = sorted((row for row in rejected if row.domain in (domain, "")), key=lambda row: row.source)
        if refused:
            raise UserError(f"no {domain} picture can be used; {refused[0].source}: {refused[0].reason}")
        glob = pictures.get(domain) or pictures.get(None)
        if glob is None:
            raise UserError(f"no {domain} picture was found: check the addresses in source.yaml")
        others = f"; paths there are like these: {', '.join(passed_by)}" if passed_by else ""
        raise UserError(f"no {domain} picture: no file matches {glob!r} in source.yaml{others}")


def _read(entry: Entry, defined: Definition) -> _File | None:
    """Read a file that should be a picture, or say why it cannot be read; None: it is no concern of ours."""
    fitting = [domain for domain, glob in defined.pictures.items() if matches(entry.path, glob)]
    if len(fitting) > 1:
        raise UserError(
            f"source.yaml: {entry.path} matches domains.sketch and domains.color: make them exclusive"
        )
    domain = entry.domain or next(iter(fitting), None)
    if entry.problem:
        return _File(entry, domain, reason=entry.problem)
    if not fitting and entry.domain is None:
        return None
    try:
        return _File(entry, domain, content=entry.read())
    except EntryError as error:
        return _File(entry, domain, reason=str(error))


def _look(file: _File, defined: Definition, min_side: int) -> _Seen:
    if file.reason:
        return _Seen(file, reason=file.reason)
    found = partial(_found, file, own_split(file.entry.path, defined.splits), min_side)
    try:
        decoded = images.decode(file.content)
        if file.domain is not None:
            picture = found(file.domain, decoded.picture, file.content, decoded.suffix, file.entry.facts)
            return _Seen(file, (picture,))
        halves = cut(decoded.picture)
        sketch, color = images.encode_png(halves.sketch), images.encode_png(halves.color)
        pictures = (
            found("sketch", halves.sketch, sketch, ".png", {"half": halves.sketch_side}),
            found("color", halves.color, color, ".png", {"half": halves.color_side}),
        )
        return _Seen(file, pictures, halves.sketch_side)
    except PictureError as error:
        return _Seen(file, reason=str(error))


def _found(
    file: _File,
    split: Split | None,
    min_side: int,
    domain: Domain,
    picture: PictureArray,
    content: bytes,
    suffix: str,
    facts: Mapping[str, str],
) -> tuple[Found, bytes]:
    height, width = picture.shape[:2]
    if min(height, width) < min_side:
        raise PictureError(f"too small: {width}x{height}, and {min_side} pixels a side are needed")
    if images.is_single_colored(picture):
        raise PictureError("blank: a single colour")
    row = Found(
        path=file.entry.path,
        domain=domain,
        sha256=manifest.sha256(content),
        suffix=suffix,
        width=width,
        height=height,
        fingerprint=fingerprint(picture),
        facts=facts,
        split=split,
    )
    return row, content
