"""Taking files in: each is decoded and checked, the good ones are written, the others listed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sketch2color import imaging, manifest
from sketch2color.config.source import Definition
from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.ingest.dedupe import fingerprint
from sketch2color.ingest.fetch.list_files import Entry, EntryError, matches
from sketch2color.ingest.groups import Found
from sketch2color.ingest.halves import Side, cut, odd_ones
from sketch2color.ingest.split import own_split
from sketch2color.manifest import DOMAINS, Domain, Rejected, Split
from sketch2color.parallel import thread_map
from sketch2color.progress import progress


@dataclass(frozen=True)
class _File:
    """A file that should be an image, read: what it holds, or the reason why it could not be read."""

    entry: Entry
    domain: Domain | None
    content: bytes = b""
    reason: str = ""


@dataclass(frozen=True)
class _Seen:
    """What a file turned out to be: images with their bytes, or the reason why it cannot be used."""

    file: _File
    images: tuple[tuple[Found, bytes], ...] = ()
    sketch_side: Side | None = None
    reason: str = ""


def take(
    entries: Iterable[Entry], defined: Definition, min_side: int, out: Path
) -> tuple[list[Found], list[Rejected]]:
    """Decode and check every file that should be an image; write the good ones.

    Files are decoded in as many threads as there are processors, and only a few are in memory at a time.
    What comes out depends on neither.

    Args:
        entries: the files of the source.
        defined: tells which of them are images, and of which domain and split.
        min_side: pixels; an image with a shorter side is rejected.
        out: a folder, filled with ``<id>.<suffix>``.

    Returns:
        The images, and the files that cannot be used, with the reason why.

    Raises:
        UserError: a file fits the patterns of both domains, or there is no image of a domain.
    """
    found: list[Found] = []
    rejected: list[Rejected] = []
    sides: dict[str, Side] = {}
    passed_by: list[str] = []
    wanted = _wanted(progress(entries, "ingest", unit="file"), defined, passed_by)
    for seen in thread_map(partial(_look, defined=defined, min_side=min_side), wanted):
        file = seen.file
        if seen.reason:
            rejected.append(Rejected(source=file.entry.path, domain=file.domain or "", reason=seen.reason))
        for image, content in seen.images:
            write_bytes(out / _name(image), content)
            found.append(image)
        if seen.sketch_side is not None:
            sides[file.entry.path] = seen.sketch_side
    odd = odd_ones(sides)
    rejected += [Rejected(source=path, domain="", reason=reason) for path, reason in odd.items()]
    found, taken = [image for image in found if image.path not in odd], found
    for name in {_name(image) for image in taken} - {_name(image) for image in found}:
        (out / name).unlink()
    _expect_some(found, rejected, defined.images, passed_by)
    for split, glob in defined.splits.items():
        if not any(matches(image.path, glob) for image in found):
            raise UserError(f"splits.{split} in source.yaml: no image matches {glob!r}")
    return found, rejected


def _name(image: Found) -> str:
    return image.id + image.suffix


def _wanted(entries: Iterable[Entry], defined: Definition, passed_by: list[str]) -> Iterator[_File]:
    """Read the files that should be images; the first paths of others go to ``passed_by``."""
    for entry in entries:
        file = _read(entry, defined)
        if file is not None:
            yield file
        elif len(passed_by) < 3:
            passed_by.append(entry.path)


def _expect_some(
    found: Iterable[Found],
    rejected: Iterable[Rejected],
    images: Mapping[Domain | None, str],
    passed_by: Sequence[str],
) -> None:
    present = {image.domain for image in found}
    for domain in DOMAINS:
        if domain in present:
            continue
        refused = sorted((row for row in rejected if row.domain in (domain, "")), key=lambda row: row.source)
        if refused:
            raise UserError(f"no {domain} image can be used; {refused[0].source}: {refused[0].reason}")
        glob = images.get(domain) or images.get(None)
        if glob is None:
            raise UserError(f"no {domain} image was found: check the addresses in source.yaml")
        others = f"; paths there are like these: {', '.join(passed_by)}" if passed_by else ""
        raise UserError(f"no {domain} image: no file matches {glob!r} in source.yaml{others}")


def _read(entry: Entry, defined: Definition) -> _File | None:
    """Read a file that should be an image, or say why it cannot be read; None: it is no concern of ours."""
    fitting = [domain for domain, glob in defined.images.items() if matches(entry.path, glob)]
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
        decoded = imaging.decode(file.content)
        if file.domain is not None:
            image = found(file.domain, decoded.image, file.content, decoded.suffix, file.entry.facts)
            return _Seen(file, (image,))
        halves = cut(decoded.image)
        sketch, color = imaging.encode_png(halves.sketch), imaging.encode_png(halves.color)
        images = (
            found("sketch", halves.sketch, sketch, ".png", {"half": halves.sketch_side}),
            found("color", halves.color, color, ".png", {"half": halves.color_side}),
        )
        return _Seen(file, images, halves.sketch_side)
    except ImageError as error:
        return _Seen(file, reason=str(error))


def _found(
    file: _File,
    split: Split | None,
    min_side: int,
    domain: Domain,
    image: ImageArray,
    content: bytes,
    suffix: str,
    facts: Mapping[str, str],
) -> tuple[Found, bytes]:
    height, width = image.shape[:2]
    if min(height, width) < min_side:
        raise ImageError(f"too small: {width}x{height}, and {min_side} pixels a side are needed")
    if imaging.is_single_colored(image):
        raise ImageError("blank: a single colour")
    row = Found(
        path=file.entry.path,
        domain=domain,
        sha256=manifest.sha256(content),
        suffix=suffix,
        width=width,
        height=height,
        fingerprint=fingerprint(image),
        facts=facts,
        split=split,
    )
    return row, content
