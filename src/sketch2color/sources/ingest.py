"""The stage that takes a source's pictures in: checked, without duplicates, shared out to the splits."""

import io
import json
import logging
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from sketch2color import images, manifest
from sketch2color.errors import UserError
from sketch2color.files import empty_directory, write_bytes, write_text
from sketch2color.manifest import SPLITS, Domain, Picture, Rejected
from sketch2color.params import Ingest
from sketch2color.progress import progress
from sketch2color.sources import archive, definition, download, folder
from sketch2color.sources.definition import Archive, Definition, Folder
from sketch2color.sources.entries import Entry, EntryError, matches
from sketch2color.sources.pictures import Found, domains_of, drop_duplicates, groups_by_name, pairs_by_name
from sketch2color.sources.split import split, training_domains
from sketch2color.sources.truth import take_truth

DOWNLOADS = Path(".scratch/downloads")
"""Where fetched archives are kept: below the folder that the pipeline runs in, outside of its outputs."""
SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}
"""Suffixes of formats whose name is not their suffix."""

_log = logging.getLogger(__name__)


def ingest(source: Path, out: Path, params: Ingest, seed: int) -> dict[str, float]:
    """Take in the data set that ``source/source.yaml`` defines.

    Args:
        source: the folder of the data set's definition.
        out: is emptied, then filled with ``images/<id>.<suffix>`` (original bytes), ``manifest.csv``,
            ``rejected.csv``, ``source.json`` (where the pictures come from, under which licence) and, where
            the source has it, ``truth/``.
        params: the shares of val and test.
        seed: decides the split.

    Returns:
        Counts: ``sketches`` and ``colors``, ``train_sketches`` and its like, ``pairs``, ``rejected``.

    Raises:
        UserError: the definition, the download, the archive or the split is impossible, or there are no
            pictures of a domain.
    """
    defined = definition.read(source)
    about, place = _fetch(defined)
    empty_directory(out)
    found, rejected = _take(_entries(defined, place), defined.domains, out / "images")
    kept, duplicates = drop_duplicates(found)
    pictures, halves = _share_out(kept, found, defined, params, seed)
    for picture in kept:
        if picture.id in halves:
            (out / "images" / (picture.id + picture.suffix)).unlink()
    rejected += [*duplicates, *halves.values()]
    if defined.truth:
        rejected += take_truth(_entries(defined, place), defined.truth, pictures, out / "truth")
    manifest.write(out / "manifest.csv", pictures, Picture)
    manifest.write(out / "rejected.csv", rejected, Rejected)
    write_text(out / "source.json", json.dumps(about, indent=2, sort_keys=True) + "\n")
    return _counts(pictures, rejected)


def _fetch(defined: Definition) -> tuple[dict[str, str], Path]:
    """Return what is known of the source, and where it lies now."""
    about, origin = dict(defined.about), defined.origin
    if isinstance(origin, Folder):
        return about, origin.path
    place = _archive(origin)
    about["sha256"] = download.hash_file(place)
    if origin.sha256 not in (None, about["sha256"]):
        raise UserError(
            f"{place} has the SHA-256 {about['sha256']}, not that in source.yaml: get it anew, or mend sha256"
        )
    if origin.url is not None:
        about["url"] = origin.url
        if origin.sha256 is None:
            _log.warning("%s: no sha256 in source.yaml; what came has %s", origin.url, about["sha256"])
    return about, place


def _archive(origin: Archive) -> Path:
    if origin.url is not None:
        return download.fetch(origin.url, origin.sha256, DOWNLOADS)
    assert origin.path is not None, "an archive has a path or a url"
    if not origin.path.is_file():
        raise UserError(f"{origin.path} is no file: put the archive there, or mend path in source.yaml")
    return origin.path


def _entries(defined: Definition, place: Path) -> Iterator[Entry]:
    return archive.entries(place) if isinstance(defined.origin, Archive) else folder.entries(place)


def _take(
    entries: Iterable[Entry], domains: Mapping[Domain, str], out: Path
) -> tuple[list[Found], list[Rejected]]:
    """Check every file of a domain, write the good ones to ``out``, and list the others."""
    found: list[Found] = []
    rejected: list[Rejected] = []
    some_paths: list[str] = []
    for entry in progress(entries, "ingest", unit="file"):
        some_paths += [entry.path] if len(some_paths) < 3 else []
        domain = _domain(entry.path, domains)
        try:
            if entry.problem:
                raise EntryError(entry.problem)
            if domain is not None:
                found.append(_take_one(entry, domain, out))
        except (EntryError, images.PictureError) as error:
            rejected.append(Rejected(source=entry.path, domain=domain or "", reason=str(error)))
    for domain, glob in domains.items():
        _expect_some(domain, glob, found, rejected, some_paths)
    return found, rejected


def _domain(path: str, domains: Mapping[Domain, str]) -> Domain | None:
    fitting = [domain for domain, glob in domains.items() if matches(path, glob)]
    if len(fitting) > 1:
        raise UserError(f"source.yaml: {path} matches domains.sketch and domains.color: make them exclusive")
    return fitting[0] if fitting else None


def _take_one(entry: Entry, domain: Domain, out: Path) -> Found:
    content = entry.read()
    height, width = images.read(content).shape[:2]
    picture = Found(
        path=entry.path,
        domain=domain,
        sha256=manifest.sha256(content),
        suffix=_suffix(content),
        width=width,
        height=height,
    )
    write_bytes(out / (picture.id + picture.suffix), content)
    return picture


def _suffix(content: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of large pictures and odd metadata: this one has been decoded before
        with Image.open(io.BytesIO(content)) as picture:
            name = picture.format or "bin"
    return SUFFIXES.get(name, f".{name.lower()}")


def _expect_some(
    domain: Domain, glob: str, found: Iterable[Found], rejected: Iterable[Rejected], some_paths: Sequence[str]
) -> None:
    if any(picture.domain == domain for picture in found):
        return
    refused = sorted((row for row in rejected if row.domain == domain), key=lambda row: row.source)
    if refused:
        raise UserError(
            f"no file that matches domains.{domain} can be used; {refused[0].source}: {refused[0].reason}"
        )
    paths = ", ".join(some_paths) or "none at all"
    raise UserError(f"no file matches domains.{domain} ({glob!r}); paths there are like these: {paths}")


def _share_out(
    kept: Sequence[Found], found: Iterable[Found], defined: Definition, params: Ingest, seed: int
) -> tuple[list[Picture], dict[str, Rejected]]:
    """Give each picture its split; return also, by id, the halves of pairs that must not train."""
    groups, pairs = {picture.id: picture.id for picture in kept}, dict[str, str]()
    if defined.pairs_by_name:
        groups, pairs = groups_by_name(found, kept), pairs_by_name(kept)
    domains = domains_of(groups, kept)
    places = split(domains, params.val, params.test, seed)
    training = training_domains({name: domains[name] for name in domains if places[name] == "train"}, seed)
    pictures, halves = [], {}
    for picture in sorted(kept, key=lambda picture: picture.id):
        group = groups[picture.id]
        if training.get(group, picture.domain) != picture.domain:
            reason = f"other half of pair {group} trains"
            halves[picture.id] = Rejected(source=picture.path, domain=picture.domain, reason=reason)
            continue
        pictures.append(
            Picture(
                id=picture.id,
                domain=picture.domain,
                split=places[group],
                group=group,
                pair=pairs.get(picture.id, ""),
                source=picture.path,
                license=defined.about.get("license", "unknown"),
                sha256=picture.sha256,
                width=picture.width,
                height=picture.height,
            )
        )
    return pictures, halves


def _counts(pictures: Sequence[Picture], rejected: Sequence[Rejected]) -> dict[str, float]:
    plurals: dict[Domain, str] = {"sketch": "sketches", "color": "colors"}
    places = Counter((picture.domain, picture.split) for picture in pictures)
    pairs = Counter(picture.pair for picture in pictures if picture.pair)
    found: dict[str, float] = {}
    for domain, plural in plurals.items():
        found[plural] = sum(places[domain, where] for where in SPLITS)
        found |= {f"{where}_{plural}": places[domain, where] for where in SPLITS}
    return found | {"pairs": sum(count == 2 for count in pairs.values()), "rejected": len(rejected)}
