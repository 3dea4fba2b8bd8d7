"""The data card: what is in a data set, in figures and images, for whoever decides about its use."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color import imaging
from sketch2color.files import empty_directory, write_json, write_text
from sketch2color.ingest import thumbnails
from sketch2color.ingest.dedupe import Cluster
from sketch2color.ingest.thumbnails import Thumbnail, sample
from sketch2color.manifest import DOMAINS, SPLITS, Domain, ImageRow, Rejected, Split, select
from sketch2color.pages.credits import credits_of
from sketch2color.pages.page import data_uri, render_page
from sketch2color.progress import progress

PLURALS: dict[Domain, str] = {"sketch": "sketches", "color": "colors"}
TITLES: dict[Domain, str] = {"sketch": "Sketches", "color": "Colour images"}
EDGES = (0, 64, 128, 256, 512, 1024, 2048, 4096)
"""Lower edges of the histogram of the longer side, pixels; the last bin is open."""
MAX_SAMPLES = 48
"""Images of a domain on its contact sheet."""
COLUMNS = 8
MAX_CLUSTERS, MAX_MEMBERS = 10, COLUMNS
"""Clusters, and members of each; with these limits the page stays below 6 MB whatever the images are."""
LEAST: dict[Split, tuple[int, str]] = {
    "train": (400, "the generator will know few shapes and colours, and repeat those it has seen"),
    "val": (4, "no checkpoint is selected, and the last weights are used"),
    "test": (20, "intervals will be wide, and few differences between methods certain"),
}
"""Images of a domain below which something cannot be expected of a split, and what: 400 is the least that
CycleGAN was published with (Zhu et al. 2017), 4 what ``cyclegan.selection`` needs."""
MAX_ROWS, EXAMPLES = 40, 3
"""Rows of a table on the page, and examples of each kind of reasons."""


@dataclass(frozen=True)
class Card:
    """The content of the card of data set ``name``.

    ``about`` is the content of source.json; ``files`` has the file of every image and of every member of a
    cluster by id; ``image_size`` is the edge of the clean images in pixels.
    """

    name: str
    about: Mapping[str, str]
    images: Sequence[ImageRow]
    rejected: Sequence[Rejected]
    clusters: Sequence[Cluster]
    files: Mapping[str, Path]
    image_size: int = 256


ClusterSample = tuple[list[tuple[Thumbnail, bool]], int]
"""Thumbnails of near-duplicates, each with whether it is in the set, and how many are not shown."""


def write(out: Path, card: Card) -> dict[str, float]:
    """Write the card; only the images on it are read.

    Args:
        out: is emptied, then filled with ``card.html``, ``metrics.json``, ``contact_sketch.png``,
            ``contact_color.png`` and, if there are near-duplicates, ``duplicates.png``.
        card: its content.

    Returns:
        The figures of metrics.json, see :func:`counts`.
    """
    empty_directory(out)
    samples = {domain: _sample_domain(card, domain) for domain in DOMAINS}
    clusters = [_sample_cluster(card, cluster) for cluster in sample(card.clusters, MAX_CLUSTERS)]
    for domain, images in samples.items():
        rows = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
        title = f"{TITLES[domain]}: {len(images)} of {len(select(card.images, domain=domain)):,}"
        imaging.write_png(out / f"contact_{domain}.png", thumbnails.thumbnail_sheet(rows, title))
    if clusters:
        rows = [[thumbnail for thumbnail, _ in members] for members, _ in clusters]
        title = f"Near-duplicates: {len(clusters)} of {len(card.clusters):,} groups, one a row"
        imaging.write_png(out / "duplicates.png", thumbnails.thumbnail_sheet(rows, title))
    figures = counts(card)
    write_json(out / "metrics.json", figures)
    domains = [_domain_content(card, domain, images) for domain, images in samples.items()]
    content = {"figures": figures, "domains": domains, "clusters": clusters, **_content(card)}
    write_text(out / "card.html", render_page("sketch2color.ingest", "data_card.html", content))
    return figures


def counts(card: Card) -> dict[str, float]:
    """Return the counts of a data set.

    They are ``sketches`` and ``colors``, ``train_sketches`` …, ``pairs`` (of which both images are in the
    set), ``groups``, ``rejected``, ``near_duplicates`` (clusters), ``enlarged`` (images of less than
    ``image_size``) and ``unlicensed`` (images of unknown licence).
    """
    places = Counter((image.domain, image.split) for image in card.images)
    found: dict[str, float] = {}
    for domain, plural in PLURALS.items():
        found[plural] = sum(places[domain, split] for split in SPLITS)
        found |= {f"{split}_{plural}": places[domain, split] for split in SPLITS}
    pairs = Counter(image.pair for image in card.images if image.pair)
    return found | {
        "pairs": sum(count == 2 for count in pairs.values()),
        "groups": len({image.group for image in card.images}),
        "rejected": len(card.rejected),
        "near_duplicates": len(card.clusters),
        "enlarged": sum(max(image.width, image.height) < card.image_size for image in card.images),
        "unlicensed": sum(image.license in ("", "unknown") for image in card.images),
    }


def limits(figures: Mapping[str, float]) -> list[str]:
    """Return what cannot be expected of a data set of these counts, a sentence each; none if it is large."""
    found = []
    for split, (least, consequence) in LEAST.items():
        sketches, colors = (figures[f"{split}_{plural}"] for plural in PLURALS.values())
        if min(sketches, colors) < least:
            has = f"{sketches:g} sketch{'es' * (sketches != 1)} and {colors:g} coloured"
            found.append(f"{split} has {has}, fewer than {least} of each: {consequence}")
    return found


def kind_of(reason: str) -> str:
    """Return the kind of a reason: without names, sizes and details.

    >>> kind_of("duplicate of 0123456789abcdef (A/1: old.jpg)"), kind_of("too small: 9x9, and 64 are needed")
    ('duplicate of …', 'too small')
    """
    unnamed = re.sub("^other half of pair .* trains$", "other half of pair … trains", reason, flags=re.DOTALL)
    head = re.split(r": | \(", unnamed)[0]
    return re.sub(r"\b([0-9a-f]{16}|\d+[x×]\d+|\d{4,}|\d{1,3}(,\d{3})+)\b", "…", head)


def reasons(rejected: Iterable[Rejected]) -> list[dict[str, Any]]:
    """Return kind, count and examples (source, full reason) of reasons, the most frequent first."""
    kinds: dict[str, list[Rejected]] = defaultdict(list)
    for row in sorted(rejected, key=lambda row: (row.source, row.domain, row.reason)):
        kinds[kind_of(row.reason)].append(row)
    return [
        {"kind": kind, "count": len(rows), "examples": [(row.source, row.reason) for row in rows[:EXAMPLES]]}
        for kind, rows in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def bins(images: Sequence[ImageRow], image_size: int = 256) -> list[dict[str, Any]]:
    """Return the histogram of the longer side; ``share`` is relative to the fullest bin."""
    found = Counter(max(edge for edge in EDGES if edge <= max(image.width, image.height)) for image in images)
    most = max(found.values(), default=1)
    return [
        {"edge": edge, "count": found[edge], "share": found[edge] / most, "enlarged": edge < image_size}
        for edge in EDGES
    ]


def _sample_domain(card: Card, domain: Domain) -> list[Thumbnail]:
    rows = sorted(select(card.images, domain=domain), key=lambda image: image.id)
    return [
        thumbnails.read(card.files[row.id], (f"{row.split}  {row.width}×{row.height}", row.source))
        for row in progress(sample(rows, MAX_SAMPLES), f"card: {PLURALS[domain]}")
    ]


def _sample_cluster(card: Card, cluster: Cluster) -> ClusterSample:
    """Read members of a cluster, those in the set first."""
    splits = {image.id: image.split for image in card.images}
    members = sorted(cluster.members, key=lambda member: member.id not in splits)
    shown = []
    for member in members[:MAX_MEMBERS]:
        lines = f"{member.domain}: {splits.get(member.id, 'left out')}", member.path
        shown.append((thumbnails.read(card.files[member.id], lines), member.id in splits))
    return shown, len(members) - len(shown)


def _content(card: Card) -> dict[str, Any]:
    """Return the template's variables that are not images."""
    credits, kinds = credits_of(card.images), reasons(card.rejected)
    ids = {image.id for image in card.images}
    similar = [member.id in ids for cluster in card.clusters for member in cluster.members]
    return {
        "name": card.name,
        "about": card.about,
        "total": len(card.images),
        "limits": limits(counts(card)),
        "splits": SPLITS,
        "plurals": PLURALS,
        "side": card.image_size,
        "credits": credits[:MAX_ROWS],
        "more_credits": len(credits[MAX_ROWS:]),
        "reasons": kinds[:MAX_ROWS],
        "more_reasons": len(kinds[MAX_ROWS:]),
        "similar": len(similar),
        "similar_kept": sum(similar),
        "data_uri": data_uri,
    }


def _domain_content(card: Card, domain: Domain, shown: Sequence[Thumbnail]) -> dict[str, Any]:
    images = select(card.images, domain=domain)
    images.sort(key=lambda image: (image.width * image.height, image.width))
    places = {"smallest": 0, "median": (len(images) - 1) // 2, "largest": -1}
    formats = Counter(card.files[image.id].suffix.lstrip(".") for image in images)
    return {
        "domain": domain,
        "title": TITLES[domain],
        "count": len(images),
        "sizes": {name: f"{images[at].width}×{images[at].height}" for name, at in places.items() if images},
        "bins": bins(images, card.image_size),
        "formats": sorted(formats.items(), key=lambda item: (-item[1], item[0])),
        "shown": shown,
    }
