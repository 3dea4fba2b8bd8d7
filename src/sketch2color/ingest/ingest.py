"""The stage that takes a source's images in: checked, without duplicates, shared out to the splits."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sketch2color import manifest
from sketch2color.config import source as definition
from sketch2color.config.params import Ingest
from sketch2color.files import empty_directory, write_bytes, write_text
from sketch2color.ingest import data_card
from sketch2color.ingest.data_card import Card
from sketch2color.ingest.details import write_details
from sketch2color.ingest.fetch.fetch import arrive
from sketch2color.ingest.groups import Found, Ordered, domains_of, order
from sketch2color.ingest.read_images import take
from sketch2color.ingest.split import split, training_domains
from sketch2color.ingest.truth import take_truth
from sketch2color.manifest import ImageRow, Rejected, Split

DOWNLOADS = Path(".scratch/downloads")
"""Where what was fetched is kept: below the folder that the pipeline runs in, outside of its outputs."""
OVERRIDES = "watermarks.yaml"
"""What a person says of the marks of single images: for clean to read, and passed on as it is."""


def ingest(source: Path, out: Path, report: Path, params: Ingest, seed: int) -> dict[str, float]:
    """Take in the data set that ``source/source.yaml`` defines.

    Args:
        source: the folder of the data set's definition.
        out: is emptied, then filled with ``images/<id>.<suffix>`` (original bytes; halves of a side-by-side
            image as PNG), ``manifest.csv``, ``rejected.csv``, ``source.json`` (where the images come
            from, under which licence) and, where the source has them, ``details.csv``, ``truth/`` and
            ``watermarks.yaml``.
        report: is emptied, then filled with the data card.
        params: what enters, and the shares of val and test.
        seed: decides the split.

    Returns:
        The counts of the data card: ``sketches`` and ``colors``, ``train_sketches`` and its like, ``pairs``,
        ``rejected`` and others.

    Raises:
        UserError: the definition, the download, the archive or the split is impossible, or there are no
            images of a domain.
    """
    defined = definition.read(source)
    arrived = arrive(defined.origin, DOWNLOADS)
    about = {**defined.about, **arrived.about}
    empty_directory(out)
    found, rejected = take(arrived.entries(), defined, params.min_side, out / "images")
    ordered = order(found, defined.pairs, params.duplicates, params.duplicate_distance, defined.same)
    images, halves = _share_out(found, ordered, defined.about, params, seed)
    rejected += [*ordered.rejected, *halves]
    if defined.truth:
        rejected += take_truth(arrived.entries(), defined.truth, images, out / "truth")
    files = {image.id: out / "images" / (image.id + image.suffix) for image in found}
    counts = data_card.write(
        report,
        Card(
            name=source.name,
            about=about,
            images=images,
            rejected=rejected,
            clusters=ordered.clusters,
            files=files,
        ),
    )
    entered = {image.id for image in images}
    for image, file in files.items():  # only now: the card shows near-duplicates that do not enter
        if image not in entered:
            file.unlink()
    manifest.write(out / "manifest.csv", images, ImageRow)
    manifest.write(out / "rejected.csv", rejected, Rejected)
    write_details(out / "details.csv", {kept.id: kept.facts for kept in ordered.kept if kept.id in entered})
    write_text(out / "source.json", json.dumps(about, indent=2, sort_keys=True) + "\n")
    if (source / OVERRIDES).is_file():
        write_bytes(out / OVERRIDES, (source / OVERRIDES).read_bytes())
    return counts


def _share_out(
    found: Sequence[Found], ordered: Ordered, about: Mapping[str, str], params: Ingest, seed: int
) -> tuple[list[ImageRow], list[Rejected]]:
    """Give each image its split; list also the halves of pairs that must not train."""
    domains = domains_of(ordered.groups, ordered.kept)
    places = split(domains, params.val, params.test, seed, _held(found, ordered))
    training = training_domains({name: domains[name] for name in domains if places[name] == "train"}, seed)
    images, halves = [], []
    for image in ordered.kept:
        group = ordered.groups[image.id]
        if training.get(group, image.domain) != image.domain:
            reason = _why_not(image, ordered)
            halves.append(Rejected(source=image.path, domain=image.domain, reason=reason))
            continue
        facts = {**about, **image.facts}
        images.append(
            ImageRow(
                id=image.id,
                domain=image.domain,
                split=places[group],
                group=group,
                pair=ordered.pairs.get(image.id, ""),
                source=image.path,
                license=facts.get("license", "unknown"),
                sha256=image.sha256,
                width=image.width,
                height=image.height,
                attribution=facts.get("attribution", ""),
                homepage=facts.get("homepage", ""),
            )
        )
    return images, halves


def _why_not(image: Found, ordered: Ordered) -> str:
    """Say why an image of the training does not train: the other domain shows the same thing."""
    if image.id in ordered.pairs:
        return f"other half of pair {ordered.pairs[image.id]} trains"
    other = "coloured image" if image.domain == "sketch" else "sketch"
    return f"a {other} of the same group trains ({ordered.groups[image.id]})"


def _held(found: Sequence[Found], ordered: Ordered) -> dict[str, set[Split]]:
    """Tell which splits the source holds each group to, by any image of it, dropped ones too."""
    held: dict[str, set[Split]] = defaultdict(set)
    for image in found:
        if image.split is not None and image.id in ordered.groups:
            held[ordered.groups[image.id]].add(image.split)
    for cluster in ordered.clusters:
        (group,) = {ordered.groups[image] for image in cluster.kept}
        held[group] |= {image.split for image in cluster.members if image.split is not None}
    return held
