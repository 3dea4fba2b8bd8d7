"""The stage that takes a source's pictures in: checked, without duplicates, shared out to the splits."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sketch2color import manifest
from sketch2color.files import empty_directory, write_bytes, write_text
from sketch2color.manifest import Picture, Rejected, Split
from sketch2color.params import Ingest
from sketch2color.sources import card, definition
from sketch2color.sources.arrivals import arrive
from sketch2color.sources.card import Card
from sketch2color.sources.details import write_details
from sketch2color.sources.intake import take
from sketch2color.sources.pictures import Found, Ordered, domains_of, order
from sketch2color.sources.split import split, training_domains
from sketch2color.sources.truth import take_truth

DOWNLOADS = Path(".scratch/downloads")
"""Where what was fetched is kept: below the folder that the pipeline runs in, outside of its outputs."""
OVERRIDES = "watermarks.yaml"
"""What a person says of the marks of single pictures: for clean to read, and passed on as it is."""


def ingest(source: Path, out: Path, report: Path, params: Ingest, seed: int) -> dict[str, float]:
    """Take in the data set that ``source/source.yaml`` defines.

    Args:
        source: the folder of the data set's definition.
        out: is emptied, then filled with ``images/<id>.<suffix>`` (original bytes; halves of a side-by-side
            picture as PNG), ``manifest.csv``, ``rejected.csv``, ``source.json`` (where the pictures come
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
            pictures of a domain.
    """
    defined = definition.read(source)
    arrived = arrive(defined.origin, DOWNLOADS)
    about = {**defined.about, **arrived.about}
    empty_directory(out)
    found, rejected = take(arrived.entries(), defined, params.min_side, out / "images")
    ordered = order(found, defined.pairs, params.duplicates, params.duplicate_distance, defined.same)
    pictures, halves = _share_out(found, ordered, defined.about, params, seed)
    rejected += [*ordered.rejected, *halves]
    if defined.truth:
        rejected += take_truth(arrived.entries(), defined.truth, pictures, out / "truth")
    files = {picture.id: out / "images" / (picture.id + picture.suffix) for picture in found}
    counts = card.write(
        report,
        Card(
            name=source.name,
            about=about,
            pictures=pictures,
            rejected=rejected,
            clusters=ordered.clusters,
            files=files,
        ),
    )
    entered = {picture.id for picture in pictures}
    for picture, file in files.items():  # only now: the card shows near-duplicates that do not enter
        if picture not in entered:
            file.unlink()
    manifest.write(out / "manifest.csv", pictures, Picture)
    manifest.write(out / "rejected.csv", rejected, Rejected)
    write_details(out / "details.csv", {kept.id: kept.facts for kept in ordered.kept if kept.id in entered})
    write_text(out / "source.json", json.dumps(about, indent=2, sort_keys=True) + "\n")
    if (source / OVERRIDES).is_file():
        write_bytes(out / OVERRIDES, (source / OVERRIDES).read_bytes())
    return counts


def _share_out(
    found: Sequence[Found], ordered: Ordered, about: Mapping[str, str], params: Ingest, seed: int
) -> tuple[list[Picture], list[Rejected]]:
    """Give each picture its split; list also the halves of pairs that must not train."""
    domains = domains_of(ordered.groups, ordered.kept)
    places = split(domains, params.val, params.test, seed, _held(found, ordered))
    training = training_domains({name: domains[name] for name in domains if places[name] == "train"}, seed)
    pictures, halves = [], []
    for picture in ordered.kept:
        group = ordered.groups[picture.id]
        if training.get(group, picture.domain) != picture.domain:
            reason = _why_not(picture, ordered)
            halves.append(Rejected(source=picture.path, domain=picture.domain, reason=reason))
            continue
        facts = {**about, **picture.facts}
        pictures.append(
            Picture(
                id=picture.id,
                domain=picture.domain,
                split=places[group],
                group=group,
                pair=ordered.pairs.get(picture.id, ""),
                source=picture.path,
                license=facts.get("license", "unknown"),
                sha256=picture.sha256,
                width=picture.width,
                height=picture.height,
                attribution=facts.get("attribution", ""),
                homepage=facts.get("homepage", ""),
            )
        )
    return pictures, halves


def _why_not(picture: Found, ordered: Ordered) -> str:
    """Say why a picture of the training does not train: the other domain shows the same thing."""
    if picture.id in ordered.pairs:
        return f"other half of pair {ordered.pairs[picture.id]} trains"
    other = "coloured picture" if picture.domain == "sketch" else "sketch"
    return f"a {other} of the same group trains ({ordered.groups[picture.id]})"


def _held(found: Sequence[Found], ordered: Ordered) -> dict[str, set[Split]]:
    """Tell which splits the source holds each group to, by any picture of it, dropped ones too."""
    held: dict[str, set[Split]] = defaultdict(set)
    for picture in found:
        if picture.split is not None and picture.id in ordered.groups:
            held[ordered.groups[picture.id]].add(picture.split)
    for cluster in ordered.clusters:
        (group,) = {ordered.groups[picture] for picture in cluster.kept}
        held[group] |= {picture.split for picture in cluster.members if picture.split is not None}
    return held
