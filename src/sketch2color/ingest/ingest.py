"""The ingest stage: images of a source are checked, deduplicated and assigned to splits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sketch2color import manifest
from sketch2color.config import source as source_config
from sketch2color.config.params import Ingest
from sketch2color.errors import UserError
from sketch2color.files import empty_directory, read_csv, write_bytes, write_csv, write_json
from sketch2color.ingest import data_card
from sketch2color.ingest.data_card import Card
from sketch2color.ingest.dedupe import Deduplicated, deduplicate
from sketch2color.ingest.fetch.registry import fetch
from sketch2color.ingest.ground_truth import write_ground_truth
from sketch2color.ingest.read_images import SourceImage, read_images
from sketch2color.ingest.split import assign_splits, training_domains
from sketch2color.manifest import DOMAINS, Domain, ImageRow, Rejected, Split
from sketch2color.terminal import print_line

DOWNLOADS = Path(".scratch/downloads")
"""Folder of downloads, relative to the folder of the pipeline and outside of its outputs."""
MIN_TRAINING = 2
"""Images of a domain without which nothing can be trained."""
MANIFEST_FACTS = ("license", "attribution", "homepage")
"""Facts of an image that are columns of the manifest; all others go into details.csv."""


def ingest(
    source: Path, out: Path, report: Path, params: Ingest, seed: int, image_size: int = 256
) -> dict[str, float]:
    """Ingest the data set that ``source/source.yaml`` defines.

    Args:
        source: folder of the data set's definition.
        out: is emptied, then filled with ``images/<id>.<suffix>`` (original bytes; halves of side-by-side
            images as PNG), ``manifest.csv``, ``rejected.csv``, ``source.json`` (origin and licence) and,
            where the source has them, ``details.csv``, ``truth/`` and ``watermarks.yaml``.
        report: is emptied, then filled with the data card.
        params: limits, deduplication, and the shares of val and test.
        seed: of the split.
        image_size: edge of the clean images in pixels, which the card compares sizes with.

    Returns:
        The counts of the data card, see :func:`data_card.counts`.

    Raises:
        UserError: a part of the source is invalid or missing, the split is impossible, or a domain is empty.
    """
    definition = source_config.read(source)
    fetched = fetch(definition, DOWNLOADS)
    about = {**definition.about, **fetched.about}
    empty_directory(out)
    details = _read_details(source / "details.csv")
    found, rejected = read_images(fetched.list_files(), definition, params.min_side, out / "images")
    found = [
        replace(image, facts={**image.facts, **details.get(PurePosixPath(image.path).stem, {})})
        for image in found
    ]
    limit = params.duplicate_distance
    unique = deduplicate(found, definition.pairs, params.duplicates, limit, definition.same)
    rejected += unique.rejected
    _expect_both_domains(unique)
    images, counterparts = _assign_splits(found, unique, definition.about, params, seed)
    rejected += counterparts
    _expect_training(images)
    if definition.truth:
        rejected += write_ground_truth(fetched.list_files(), definition.truth, images, out / "truth")
    files = {image.id: out / "images" / image.file_name for image in found}
    card = Card(source.name, about, images, rejected, unique.clusters, files, image_size)
    counts = data_card.write(report, card)
    for each in data_card.limits(counts):
        print_line(f"{source.name}: {each}")
    kept = {image.id for image in images}
    for id in files.keys() - kept:  # only now: the card shows near-duplicates that are not kept
        files[id].unlink()
    manifest.write(out / "manifest.csv", images, ImageRow)
    manifest.write(out / "rejected.csv", rejected, Rejected)
    _write_details(out / "details.csv", [image for image in unique.kept if image.id in kept])
    write_json(out / "source.json", about)
    if (overrides := source / "watermarks.yaml").is_file():  # corrections of detection, for the clean stage
        write_bytes(out / overrides.name, overrides.read_bytes())
    kept_text = f"{counts['sketches']:,} sketches and {counts['colors']:,} colour images"
    print(f"{kept_text}; {counts['rejected']:,} rejected, see {out / 'rejected.csv'}", flush=True)
    return counts


def _expect_both_domains(unique: Deduplicated) -> None:
    for domain in DOMAINS:
        if not any(image.domain == domain for image in unique.kept):
            first = min((row for row in unique.rejected if row.domain == domain), key=lambda row: row.source)
            what = f"{first.source} is a {first.reason}; check the domains in source.yaml"
            raise UserError(f"no {domain} image is left without duplicates: {what}")


def _expect_training(images: Sequence[ImageRow]) -> None:
    for domain in DOMAINS:
        if (found := len(manifest.select(images, split="train", domain=domain))) < MIN_TRAINING:
            raise UserError(
                f"{found} {domain} image of the set is left to train, and {MIN_TRAINING} are needed: "
                "add more, or lower ingest.val and ingest.test"
            )


def _assign_splits(
    found: Sequence[SourceImage], unique: Deduplicated, about: Mapping[str, str], params: Ingest, seed: int
) -> tuple[list[ImageRow], list[Rejected]]:
    """Return the manifest's rows, and the images that are left out because their counterpart trains."""
    domains: dict[str, frozenset[Domain]] = defaultdict(frozenset)
    for image in unique.kept:
        domains[unique.groups[image.id]] |= {image.domain}
    splits = assign_splits(domains, params.val, params.test, seed, _given_splits(found, unique))
    training = training_domains({name: domains[name] for name in domains if splits[name] == "train"}, seed)
    images, counterparts = [], []
    for image in unique.kept:
        group = unique.groups[image.id]
        if training.get(group, image.domain) != image.domain:
            other = "coloured image" if image.domain == "sketch" else "sketch"
            reason = f"a {other} of the same group trains ({group})"
            if image.id in unique.pairs:
                reason = f"other half of pair {unique.pairs[image.id]} trains"
            counterparts.append(Rejected(source=image.path, domain=image.domain, reason=reason))
            continue
        facts = {"license": "unknown"} | {**about, **image.facts}
        row = ImageRow(
            id=image.id,
            domain=image.domain,
            split=splits[group],
            group=group,
            pair=unique.pairs.get(image.id, ""),
            source=image.path,
            sha256=image.sha256,
            width=image.width,
            height=image.height,
            **{key: facts.get(key, "") for key in MANIFEST_FACTS},
        )
        images.append(row)
    return images, counterparts


def _given_splits(found: Sequence[SourceImage], unique: Deduplicated) -> Mapping[str, Collection[Split]]:
    """Return the splits that the source assigns to images of each group, dropped images included."""
    given: dict[str, set[Split]] = defaultdict(set)
    for image in found:
        if image.split is not None and image.id in unique.groups:
            given[unique.groups[image.id]].add(image.split)
    for cluster in unique.clusters:
        (group,) = {unique.groups[id] for id in cluster.kept}
        given[group] |= {image.split for image in cluster.members if image.split is not None}
    return given


def _read_details(path: Path) -> dict[str, dict[str, str]]:
    """Return the facts in ``details.csv`` beside source.yaml by image's name; none where it does not exist.

    Raises:
        UserError: it is no table in UTF-8 with the column ``name``, or has no row.
    """
    try:
        rows = read_csv(path, "name") if path.exists() else []
        return {row.pop("name"): {key: value for key, value in row.items() if value} for row in rows}
    except (ValueError, OSError) as error:
        raise UserError(f"{path}: {error}; it names images by their files, without suffix") from None


def _write_details(path: Path, images: Sequence[SourceImage]) -> None:
    """Write the further facts of images, sorted by id; no file if there are none."""
    columns = sorted({key for image in images for key in image.facts}.difference(("id", *MANIFEST_FACTS)))
    details = [
        {"id": image.id} | {key: image.facts[key] for key in columns if key in image.facts}
        for image in images
    ]
    if columns:
        write_csv(path, ["id", *columns], (row for row in details if len(row) > 1))
