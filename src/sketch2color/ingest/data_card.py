"""The data card: what is in a data set, in figures and images, for whoever must judge it."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color import imaging
from sketch2color.files import empty_directory, write_text
from sketch2color.ingest import thumbnails
from sketch2color.ingest.groups import Cluster
from sketch2color.ingest.thumbnails import Specimen, spread
from sketch2color.manifest import DOMAINS, SPLITS, Domain, ImageRow, Rejected, Split, select
from sketch2color.pages.credits import credits_of
from sketch2color.pages.page import data_uri, render_page
from sketch2color.progress import progress

PLURALS: dict[Domain, str] = {"sketch": "sketches", "color": "colors"}
TITLES: dict[Domain, str] = {"sketch": "Sketches", "color": "Coloured drawings"}
SIDE = 256
"""What clean brings every image to, pixels."""
EDGES = (0, 64, 128, 256, 512, 1024, 2048, 4096)
"""Where the bins of the longer side begin, pixels; the last has no end."""
MOST_SHOWN = 48
"""Images of a domain on its contact sheet."""
COLUMNS = 8
MOST_CLUSTERS = 10
MOST_MEMBERS = COLUMNS
"""Of a cluster; with these numbers the page stays below 6 MB whatever the images are."""
MOST_ROWS = 40
"""Of a table on the page."""
EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the card tells of the data set ``name``.

    ``about`` is the content of source.json, ``clusters`` are the near-duplicates that were found, and
    ``files`` has the file of every image and of every member of a cluster, by id.
    """

    name: str
    about: Mapping[str, str]
    images: Sequence[ImageRow]
    rejected: Sequence[Rejected]
    clusters: Sequence[Cluster]
    files: Mapping[str, Path]


@dataclass(frozen=True)
class Bin:
    """So many images have a longer side from ``edge`` to the next one; ``share`` is of the fullest bin."""

    edge: int
    count: int
    share: float
    enlarged: bool


@dataclass(frozen=True)
class Reason:
    """So many files were left out for reasons of one kind; ``examples`` are (source, whole reason)."""

    kind: str
    count: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    """Near-duplicates on the page: specimens, each with whether it entered; ``more`` are not shown."""

    members: tuple[tuple[Specimen, bool], ...]
    more: int


def write(out: Path, card: Card) -> dict[str, float]:
    """Write the card; of the images only those that it shows are read.

    Args:
        out: is emptied, then filled with ``card.html``, ``metrics.json``, ``contact_sketch.png``,
            ``contact_color.png`` and, where there are near-duplicates, ``duplicates.png``.
        card: what it tells.

    Returns:
        The figures of metrics.json, see :func:`counts`.
    """
    empty_directory(out)
    shown = {domain: _sample(card, domain) for domain in DOMAINS}
    splits = {image.id: image.split for image in card.images}
    clusters = [_shown(card, cluster, splits) for cluster in spread(card.clusters, MOST_CLUSTERS)]
    for domain, images in shown.items():
        rows = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
        title = f"{TITLES[domain]}: {len(images)} of {len(select(card.images, domain=domain)):,}"
        imaging.write_png(out / f"contact_{domain}.png", thumbnails.sheet(rows, title))
    if clusters:
        rows = [[specimen for specimen, _ in cluster.members] for cluster in clusters]
        title = f"Near-duplicates: {len(clusters)} of {len(card.clusters):,} groups, one a row"
        imaging.write_png(out / "duplicates.png", thumbnails.sheet(rows, title))
    figures = counts(card)
    write_text(out / "metrics.json", json.dumps(figures, indent=2, sort_keys=True) + "\n")
    content = _content(card, figures, shown, clusters)
    write_text(out / "card.html", render_page("sketch2color.ingest", "data_card.html", content))
    return figures


def counts(card: Card) -> dict[str, float]:
    """Count what is in the data set.

    Returns:
        ``sketches`` and ``colors``, ``train_sketches`` and its like, ``pairs`` (both halves are there),
        ``groups``, ``rejected``, ``near_duplicates`` (clusters of them), ``enlarged`` (images smaller
        than 256×256), ``unlicensed`` (images of unknown licence).
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
        "enlarged": sum(_longer_side(image) < SIDE for image in card.images),
        "unlicensed": sum(image.license in ("", "unknown") for image in card.images),
    }


def kind_of(reason: str) -> str:
    """Return what reasons of one kind have in common: without names, sizes and details.

    >>> kind_of("duplicate of 0123456789abcdef (A/1: old.jpg)"), kind_of("too small: 9x9, and 64 are needed")
    ('duplicate of …', 'too small')
    >>> kind_of("other half of pair hammer trains"), kind_of("answers 404 Not Found")
    ('other half of pair … trains', 'answers 404 Not Found')
    """
    whole = re.sub("^other half of pair .* trains$", "other half of pair … trains", reason, flags=re.DOTALL)
    head = re.split(r": | \(", whole)[0]
    return re.sub(r"\b([0-9a-f]{16}|\d+[x×]\d+|\d{4,}|\d{1,3}(,\d{3})+)\b", "…", head)


def reasons(rejected: Iterable[Rejected]) -> list[Reason]:
    """Gather the rejected by the kind of their reasons, the most frequent first, then by name."""
    kinds: dict[str, list[Rejected]] = defaultdict(list)
    for row in sorted(rejected, key=lambda row: (row.source, row.domain, row.reason)):
        kinds[kind_of(row.reason)].append(row)
    return [
        Reason(kind, len(rows), tuple((row.source, row.reason) for row in rows[:EXAMPLES]))
        for kind, rows in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def bins(images: Sequence[ImageRow]) -> list[Bin]:
    """Share images out by their longer side."""
    found = Counter(max(edge for edge in EDGES if edge <= _longer_side(image)) for image in images)
    most = max(found.values(), default=1)
    return [Bin(edge, found[edge], found[edge] / most, edge < SIDE) for edge in EDGES]


def _longer_side(image: ImageRow) -> int:
    return max(image.width, image.height)


def _sample(card: Card, domain: Domain) -> list[Specimen]:
    rows = sorted(select(card.images, domain=domain), key=lambda image: image.id)
    chosen = progress(spread(rows, MOST_SHOWN), f"card: {PLURALS[domain]}")
    return [
        thumbnails.read(card.files[row.id], (f"{row.split}  {row.width}×{row.height}", row.source))
        for row in chosen
    ]


def _shown(card: Card, cluster: Cluster, splits: Mapping[str, Split]) -> Shown:
    """Read the members of a cluster, first those that entered; ``splits`` has the split of these, by id."""
    members = sorted(cluster.members, key=lambda member: member.id not in splits)
    shown = []
    for member in members[:MOST_MEMBERS]:
        lines = (f"{member.domain}: {splits.get(member.id, 'left out')}", member.path)
        shown.append((thumbnails.read(card.files[member.id], lines), member.id in splits))
    return Shown(tuple(shown), len(members) - len(shown))


def _content(
    card: Card,
    figures: Mapping[str, float],
    shown: Mapping[Domain, Sequence[Specimen]],
    clusters: Sequence[Shown],
) -> dict[str, Any]:
    """Return what the template shows."""
    credits, kinds = credits_of(card.images), reasons(card.rejected)
    entered = {image.id for image in card.images}
    alike = [member.id in entered for cluster in card.clusters for member in cluster.members]
    return {
        "name": card.name,
        "about": card.about,
        "figures": figures,
        "total": len(card.images),
        "domains": [_domain(card, domain, shown[domain]) for domain in DOMAINS],
        "splits": SPLITS,
        "plurals": PLURALS,
        "side": SIDE,
        "credits": credits[:MOST_ROWS],
        "more_credits": len(credits[MOST_ROWS:]),
        "reasons": kinds[:MOST_ROWS],
        "more_reasons": len(kinds[MOST_ROWS:]),
        "clusters": clusters,
        "alike": len(alike),
        "alike_entered": sum(alike),
        "data_uri": data_uri,
    }


def _domain(card: Card, domain: Domain, shown: Sequence[Specimen]) -> dict[str, Any]:
    """Return what the template shows of one domain."""
    images = select(card.images, domain=domain)
    sized = sorted(images, key=lambda image: (image.width * image.height, image.width))
    places = {"smallest": 0, "median": (len(sized) - 1) // 2, "largest": -1}
    formats = Counter(card.files[image.id].suffix.lstrip(".") for image in images)
    return {
        "domain": domain,
        "title": TITLES[domain],
        "count": len(images),
        "sizes": {name: f"{sized[at].width}×{sized[at].height}" for name, at in places.items() if sized},
        "bins": bins(images),
        "enlarged": sum(_longer_side(image) < SIDE for image in images),
        "formats": sorted(formats.items(), key=lambda item: (-item[1], item[0])),
        "shown": shown,
    }
