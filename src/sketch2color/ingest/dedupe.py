"""Duplicates, pairs and groups: which images show the same subject, and which of them are kept."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import PurePosixPath
from typing import Literal

from scipy.cluster.hierarchy import DisjointSet

from sketch2color.config.source import Pairs
from sketch2color.globs import matches
from sketch2color.ingest import perceptual_hash
from sketch2color.ingest.read_images import SourceImage
from sketch2color.manifest import DOMAINS, Domain, Rejected


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Near-duplicates, sorted by domain and path, and the ids of those that are kept."""

    members: tuple[SourceImage, ...]
    kept: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Deduplicated:
    """The kept images, sorted by id, the rejected ones, and the group and pair of kept images, by id.

    ``pairs`` has only images whose counterpart is kept too; a cluster that is a pair is not in ``clusters``.
    """

    kept: list[SourceImage]
    rejected: list[Rejected]
    groups: dict[str, str]
    pairs: dict[str, str]
    clusters: list[Cluster]


Images = Sequence[SourceImage]
PairKey = Callable[[SourceImage], str]
"""What the two images of a pair have in common."""
Claims = Callable[[SourceImage], set[Hashable]]
"""What only one kept image may have: its content, and its domain in a cluster of near-duplicates."""
Owners = Mapping[Hashable, SourceImage]
PAIR_KEYS: dict[Pairs, PairKey] = {
    "name": lambda image: PurePosixPath(image.path).stem,
    "side-by-side": lambda image: image.path,
}


def deduplicate(
    images: Iterable[SourceImage],
    pairs: Pairs | None,
    duplicates: Literal["drop", "group"],
    max_distance: int,
    same: Sequence[Sequence[str]] = (),
) -> Deduplicated:
    """Group images that show the same subject, and keep of them what ``duplicates`` says.

    Identical files, the images of a pair, near-duplicates and images that match one list of ``same`` are in
    one group, transitively, named by the first of its pairs' names; without pairs or if only one image is
    left, by the first id.

    Of identical files one is kept, in whichever domain; of near-duplicates one for each domain, or all.
    Complete pairs take precedence over single images, then large ones, then the order of paths decides.

    Args:
        images: in any order.
        pairs: how pairs are recognized; None: there are none.
        duplicates: drop: of near-duplicates one for each domain is kept; group: all are.
        max_distance: of near-duplicates, in bits of 512.
        same: globs of files that show the same subject though no hash can tell: a sheet and a panel of it.
    """
    key = PAIR_KEYS[pairs] if pairs else None
    images = sorted(images, key=lambda image: (image.path, image.domain, image.sha256))
    distinct = list({image.sha256: image for image in reversed(images)}.values())
    places = perceptual_hash.clusters([image.fingerprint for image in distinct], max_distance)
    similar = [[distinct[place] for place in cluster] for cluster in places]
    number = {image.sha256: place for place, members in enumerate(similar) for image in members}

    def claims(image: SourceImage) -> set[Hashable]:
        if duplicates == "drop" and image.sha256 in number:
            return {image.sha256, (number[image.sha256], image.domain)}
        return {image.sha256}

    owners = _choose(images, key, claims)
    kept = [image for image in images if owners.get(image.sha256) is image]
    kept.sort(key=lambda image: image.id)
    linked = [
        [image for image in images if any(matches(image.path, glob) for glob in globs)] for globs in same
    ]
    return Deduplicated(
        kept=kept,
        rejected=[
            Rejected(source=image.path, domain=image.domain, reason=_reason(image, owners, claims))
            for image in images
            if owners.get(image.sha256) is not image
        ],
        groups=_groups(images, kept, similar + linked, key),
        pairs=_pairs(kept, key) if key else {},
        clusters=_clusters(similar, owners, key),
    )


def _choose(images: Iterable[SourceImage], key: PairKey | None, claims: Claims) -> Owners:
    """Keep images none of whose claims is owned by one with precedence; return the owner of each claim."""
    ranked = sorted(images, key=_rank)
    owners: dict[Hashable, SourceImage] = {}

    def is_free(image: SourceImage) -> bool:
        return owners.keys().isdisjoint(claims(image))

    for sides in _complete_pairs(ranked, key) if key else ():
        pair = [image for side in sides if (image := next(filter(is_free, side), None))]
        claimed = {claim: image for image in pair for claim in claims(image)}
        if len(pair) == len({image.sha256 for image in pair}) == len(DOMAINS):
            owners |= claimed
    for image in ranked:
        if is_free(image):
            owners |= dict.fromkeys(claims(image), image)
    return owners


def _rank(image: SourceImage) -> tuple[int, str, str, str]:
    return -image.width * image.height, image.path, image.domain, image.sha256


def _complete_pairs(ranked: Iterable[SourceImage], key: PairKey) -> list[list[list[SourceImage]]]:
    """Return the images of each key, by domain, for keys that have both domains; the largest pairs first."""
    by_key: dict[str, list[list[SourceImage]]] = defaultdict(lambda: [[] for _ in DOMAINS])
    for image in ranked:
        by_key[key(image)][DOMAINS.index(image.domain)].append(image)
    complete = [
        (sum(_rank(side[0])[0] for side in sides), name) for name, sides in by_key.items() if all(sides)
    ]
    return [by_key[name] for _, name in sorted(complete)]


def _reason(image: SourceImage, owners: Owners, claims: Claims) -> str:
    if same := owners.get(image.sha256):
        return f"duplicate of {same.id} ({same.path})"
    similar = next(owners[claim] for claim in claims(image) if claim in owners)
    bits, mirrored = perceptual_hash.distance(image.fingerprint, similar.fingerprint)
    differ = f"{bits} of {perceptual_hash.BITS} bits differ" + (" when mirrored" if mirrored else "")
    return f"near-duplicate of {similar.id} ({similar.path}), {differ}"


def _groups(images: Images, kept: Images, linked: Iterable[Images], key: PairKey | None) -> dict[str, str]:
    """Return the group of each kept image, by id."""
    sets = DisjointSet(image.id for image in images)
    for one, other in chain.from_iterable(map(pairwise, linked)):
        sets.merge(one.id, other.id)
    names: dict[str, str] = {}
    if key:
        firsts: dict[str, str] = {}
        for image in images:
            sets.merge(firsts.setdefault(key(image), image.id), image.id)
        for name in sorted(firsts, reverse=True):
            names[sets[firsts[name]]] = name
    members: dict[str, list[str]] = defaultdict(list)
    for image in kept:
        members[sets[image.id]].append(image.id)
    return {
        id: names[root] if key and len(ids) > 1 else min(ids) for root, ids in members.items() for id in ids
    }


def _pairs(kept: Iterable[SourceImage], key: PairKey) -> dict[str, str]:
    domains: dict[str, list[Domain]] = defaultdict(list)
    for image in kept:
        domains[key(image)].append(image.domain)
    return {image.id: key(image) for image in kept if sorted(domains[key(image)]) == sorted(DOMAINS)}


def _clusters(similar: Iterable[Images], owners: Owners, key: PairKey | None) -> list[Cluster]:
    clusters = []
    for images in similar:
        members = [owners.get(image.sha256, image) for image in images]  # of identical files, the kept one
        members.sort(key=lambda image: (image.domain, image.path))
        domains = {image.domain for image in members}
        if key and len({key(image) for image in members}) == 1 and len(domains) == len(members):
            continue  # a pair
        kept = frozenset(image.id for image in members if image.sha256 in owners)
        clusters.append(Cluster(members=tuple(members), kept=kept))
    return sorted(clusters, key=lambda cluster: [member.path for member in cluster.members])
