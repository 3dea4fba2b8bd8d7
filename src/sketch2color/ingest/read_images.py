"""Read the files of a source: decode and check each, write the good ones, list the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from sketch2color import imaging, manifest
from sketch2color.config.source import SourceConfig
from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.globs import matches
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.ingest.fetch.source_file import SourceFile, SourceFileError
from sketch2color.ingest.perceptual_hash import fingerprint
from sketch2color.ingest.side_by_side import Side, split_pair, swapped_sides
from sketch2color.ingest.split import given_split
from sketch2color.manifest import DOMAINS, Domain, Rejected, Split
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.text import describe_internal_error


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceImage:
    """An image of a source: a file, or one half of a file with both images of a pair.

    ``path`` is that of the file in the source; ``sha256`` is of what is stored as ``<id><suffix>``, where
    ``suffix`` is that of the actual format, such as ``.png``; ``split`` is the one that the source assigns.
    """

    path: str
    domain: Domain
    sha256: str
    suffix: str
    width: int
    height: int
    fingerprint: bytes
    facts: Mapping[str, str]
    split: Split | None

    @property
    def id(self) -> str:
        """The first 16 hex digits of ``sha256``."""
        return self.sha256[:16]

    @property
    def file_name(self) -> str:
        """The name of the stored file."""
        return self.id + self.suffix


def read_images(
    files: Iterable[SourceFile], definition: SourceConfig, min_side: int, out: Path
) -> tuple[list[SourceImage], list[Rejected]]:
    """Decode and check every file that should be an image; write the good ones.

    Args:
        files: of the source.
        definition: says which files are images, and of which domain and split.
        min_side: pixels; an image with a shorter side is rejected.
        out: a folder, filled with ``<id>.<suffix>``.

    Returns:
        The images, and the rejected files.

    Raises:
        UserError: a file matches the patterns of both domains, or there is no image of a domain.
    """
    images: list[SourceImage] = []
    rejected: list[Rejected] = []
    sides: dict[str, Side] = {}
    ignored: list[str] = []
    contents = _read_contents(progress(files, "ingest", unit="file"), definition, ignored)
    for file, decoded in thread_map(lambda content: _decode(*content, definition, min_side), contents):
        if isinstance(decoded, str):
            rejected.append(Rejected(source=file.path, domain=file.domain or "", reason=decoded))
            continue
        for image, content in decoded:
            write_bytes(out / image.file_name, content)
            images.append(image)
            if file.domain is None and image.domain == "sketch":
                sides[file.path] = cast(Side, image.facts["half"])
    swapped = swapped_sides(sides)
    rejected += [Rejected(source=path, domain="", reason=reason) for path, reason in swapped.items()]
    written = {image.file_name for image in images}
    images = [image for image in images if image.path not in swapped]
    for name in written - {image.file_name for image in images}:
        (out / name).unlink()
    for domain in DOMAINS:
        if not any(image.domain == domain for image in images):
            raise UserError(_explain_missing(domain, rejected, definition.globs, ignored))
    for split, glob in definition.splits.items():
        if not any(matches(image.path, glob) for image in images):
            raise UserError(f"splits.{split} in source.yaml: no image matches {glob!r}")
    return images, rejected


def _read_contents(
    files: Iterable[SourceFile], definition: SourceConfig, ignored: list[str]
) -> Iterator[tuple[SourceFile, bytes]]:
    """Read the files that should be images; the first paths of the others go into ``ignored``."""
    for file in files:
        domains = [domain for domain, glob in definition.globs.items() if matches(file.path, glob)]
        if len(domains) > 1:
            raise UserError(
                f"source.yaml: {file.path} matches domains.sketch and domains.color: make them exclusive"
            )
        if not (file.problem or domains or file.domain):
            ignored += [file.path] * (len(ignored) < 3)
            continue
        candidate = replace(file, domain=file.domain or next(iter(domains), None))
        try:
            yield candidate, b"" if file.problem else file.read()
        except SourceFileError as error:
            yield replace(candidate, problem=str(error)), b""


def _explain_missing(
    domain: Domain, rejected: Iterable[Rejected], globs: Mapping[Domain | None, str], ignored: Sequence[str]
) -> str:
    """Return the error message for a source without an image of ``domain``."""
    if own := [row for row in rejected if row.domain in (domain, "")]:
        first = min(own, key=lambda row: row.source)
        return f"no {domain} image can be used; {first.source}: {first.reason}"
    glob = globs.get(domain) or globs.get(None)
    if glob is None:
        return f"no {domain} image was found: check the URLs in source.yaml"
    others = f"; paths there are like these: {', '.join(ignored)}" if ignored else ""
    return f"no {domain} image: no file matches {glob!r} in source.yaml{others}"


def _decode(
    file: SourceFile, content: bytes, definition: SourceConfig, min_side: int
) -> tuple[SourceFile, list[tuple[SourceImage, bytes]] | str]:
    """Return a file and its images, each with the content to store, or why it is rejected."""
    if file.problem:
        return file, file.problem
    try:
        decoded = imaging.decode(content)
        if file.domain is not None:
            return file, [_check(file, decoded.image, content, decoded.suffix, definition, min_side)]
        images = []
        for domain, (half, side) in split_pair(decoded.image).items():
            of_half, png = replace(file, domain=domain, facts={"half": side}), imaging.encode_png(half)
            images.append(_check(of_half, half, png, ".png", definition, min_side))
        return file, images
    except ImageError as error:
        return file, str(error)
    except Exception as error:  # one bad image never stops the others
        return file, describe_internal_error(error)


def _check(
    file: SourceFile, image: ImageArray, content: bytes, suffix: str, definition: SourceConfig, min_side: int
) -> tuple[SourceImage, bytes]:
    height, width = image.shape[:2]
    if min(height, width) < min_side:
        raise ImageError(f"too small: {width}x{height}, and {min_side} pixels a side are needed")
    if imaging.is_single_colored(image):
        raise ImageError("blank: a single colour")
    assert file.domain is not None
    found = SourceImage(
        path=file.path,
        domain=file.domain,
        sha256=manifest.sha256(content),
        suffix=suffix,
        width=width,
        height=height,
        fingerprint=fingerprint(image),
        facts=file.facts,
        split=given_split(file.path, definition.splits),
    )
    return found, content
