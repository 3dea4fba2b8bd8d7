"""Images that were found, before they are shared out: which are the same, which belong together."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from scipy.cluster.hierarchy import DisjointSet

from sketch2color.config.source import Pairs
from sketch2color.ingest import dedupe as near
from sketch2color.ingest.fetch.list_files import matches
from sketch2color.manifest import DOMAINS, Domain, Rejected, Split


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A file that is an image, or one half of a file that holds two.

    ``path`` is that of the file in the source, ``sha256`` the hash of what is kept as ``<id><suffix>``;
    ``suffix`` is that of its actual format, such as ``.png``. ``facts`` is what the origin tells of this one
    image, ``split`` where the source holds it, None where that is open.
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
        """The image's id: 16 hex digits."""
        return self.sha256[:16]

    @property
    def stem(self) -> str:
        """The file's name without folders and suffix."""
        return PurePosixPath(self.path).stem


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Images that are near-duplicates, sorted by domain and path, and the ids of those that are kept."""

    members: tuple[Found, ...]
    kept: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What enters and how it belongs together.

    ``groups`` has the group of each kept image, by id, and ``pairs`` the pair of those whose other half is
    kept too. A sketch whose only near-duplicate is its own other half is no cluster.
    """

    kept: list[Found]
    rejected: list[Rejected]
    groups: dict[str, str]
    pairs: dict[str, str]
    clusters: list[Cluster]


Key = Callable[[Found], str]
Claims = Callable[[Found], set[Hashable]]
"""What only one kept image may have: its bytes, and its place among near-duplicates in its domain."""
Holders = Mapping[Hashable, Found]
KEYS: dict[Pairs, Key] = {"name": lambda image: image.stem, "side-by-side": lambda image: image.path}
"""What the two halves of a pair have in common."""


def order(
    found: Iterable[Found],
    pairs: Pairs | None,
    duplicates: Literal["drop", "group"],
    distance: int,
    same: Sequence[Sequence[str]] = (),
) -> Ordered:
    """Find what shows the same thing, and keep of that what ``duplicates`` says.

    Images of equal bytes, of one pair and near-duplicates show the same thing, and so does what they are
    tied to by others: all that is one group. A group of several images bears the first of the names of its
    pairs, or the first of its ids where there are no pairs; an image that stands alone bears its id.

    Of equal bytes one is kept, in whichever domain; of near-duplicates one for each domain, or all. Whole
    pairs go before single images, then large ones before small ones, then the order of paths decides.

    Args:
        found: all images; their order does not matter.
        pairs: how pairs are told; None: there are none.
        duplicates: drop: of near-duplicates one for each domain is kept; group: all are.
        distance: the largest distance of near-duplicates, in bits of 512.
        same: globs of what shows the same thing though no hash can tell: a sheet and a panel of it.

    Returns:
        The kept images sorted by id, the others with the reason, groups, pairs and clusters.
    """
    key = KEYS[pairs] if pairs else None
    everything = sorted(found, key=lambda image: (image.path, image.domain, image.sha256))
    alike = _alike(everything, distance)
    number = {image.sha256: place for place, members in enumerate(alike) for image in members}

    def claims(image: Found) -> set[Hashable]:
        if duplicates == "drop" and image.sha256 in number:
            return {image.sha256, (number[image.sha256], image.domain)}
        return {image.sha256}

    holders = _choose(everything, key, claims)
    kept = [image for image in everything if holders.get(image.sha256) is image]
    kept.sort(key=lambda image: image.id)
    return Ordered(
        kept=kept,
        rejected=[
            Rejected(source=image.path, domain=image.domain, reason=_reason(image, holders, claims))
            for image in everything
            if holders.get(image.sha256) is not image
        ],
        groups=_groups(everything, kept, [*alike, *_told(everything, same)], key),
        pairs=_pairs(kept, key) if key else {},
        clusters=_clusters(alike, holders, key),
    )


def domains_of(groups: Mapping[str, str], kept: Sequence[Found]) -> dict[str, frozenset[Domain]]:
    """Give the domains that each group has images of."""
    domains: dict[str, set[Domain]] = defaultdict(set)
    for image in kept:
        domains[groups[image.id]].add(image.domain)
    return {group: frozenset(held) for group, held in domains.items()}


def _alike(everything: Iterable[Found], distance: int) -> list[list[Found]]:
    """Find near-duplicates; of equal bytes the first stands for all."""
    distinct = list({image.sha256: image for image in reversed(list(everything))}.values())[::-1]
    clusters = near.clusters([image.fingerprint for image in distinct], distance)
    return [[distinct[place] for place in places] for places in clusters]


def _choose(everything: Iterable[Found], key: Key | None, claims: Claims) -> Holders:
    """Keep images none of whose claims is held by one that goes before; return who holds what."""
    ranked = sorted(everything, key=_rank)
    holders: dict[Hashable, Found] = {}

    def is_free(image: Found) -> bool:
        return holders.keys().isdisjoint(claims(image))

    for sides in _whole(ranked, key) if key else ():
        halves = [half for side in sides if (half := next(filter(is_free, side), None))]
        held = {claim: half for half in halves for claim in claims(half)}
        if len(halves) == len(DOMAINS) and len({half.sha256 for half in halves}) == len(halves):
            holders |= held
    for image in ranked:
        if is_free(image):
            holders |= dict.fromkeys(claims(image), image)
    return holders


def _rank(image: Found) -> tuple[int, str, str, str]:
    return -image.width * image.height, image.path, image.domain, image.sha256


def _whole(ranked: Iterable[Found], key: Key) -> Iterator[list[list[Found]]]:
    """Yield for each key with images of both domains these of each domain, the largest pairs first."""
    holders: dict[str, dict[Domain, list[Found]]] = defaultdict(lambda: {domain: [] for domain in DOMAINS})
    for image in ranked:
        holders[key(image)][image.domain].append(image)
    whole = [(name, list(held.values())) for name, held in holders.items() if all(held.values())]
    whole.sort(key=lambda item: (sum(_rank(side[0])[0] for side in item[1]), item[0]))
    return (sides for _, sides in whole)


def _reason(image: Found, holders: Holders, claims: Claims) -> str:
    if same := holders.get(image.sha256):
        return f"duplicate of {same.id} ({same.path})"
    alike = next(holders[claim] for claim in claims(image) if claim in holders)
    bits, mirrored = near.distance(image.fingerprint, alike.fingerprint)
    differ = f"{bits} of {near.BITS} bits differ" + (" when mirrored" if mirrored else "")
    return f"near-duplicate of {alike.id} ({alike.path}), {differ}"


def _told(everything: Iterable[Found], same: Sequence[Sequence[str]]) -> list[list[Found]]:
    if not same:
        return []
    told: list[list[Found]] = [[] for _ in same]
    for image in everything:
        for globs, members in zip(same, told, strict=True):
            if any(matches(image.path, glob) for glob in globs):
                members.append(image)
    return [members for members in told if members]


def _groups(
    everything: Sequence[Found], kept: Sequence[Found], alike: Iterable[Sequence[Found]], key: Key | None
) -> dict[str, str]:
    ties = DisjointSet(image.id for image in everything)
    for first, *others in alike:
        for other in others:
            ties.merge(first.id, other.id)
    names: dict[str, str] = {}
    if key:
        firsts: dict[str, str] = {}
        for image in everything:
            ties.merge(firsts.setdefault(key(image), image.id), image.id)
        for name in sorted(firsts, reverse=True):
            names[ties[firsts[name]]] = name
    members: dict[str, list[str]] = defaultdict(list)
    for image in kept:
        members[ties[image.id]].append(image.id)
    return {
        id: min(ids) if len(ids) == 1 or not key else names[root]
        for root, ids in members.items()
        for id in ids
    }


def _pairs(kept: Iterable[Found], key: Key) -> dict[str, str]:
    holders: dict[str, list[Found]] = defaultdict(list)
    for image in kept:
        holders[key(image)].append(image)
    return {
        image.id: name
        for name, images in holders.items()
        if sorted(image.domain for image in images) == sorted(DOMAINS)
        for image in images
    }


def _clusters(alike: Iterable[Sequence[Found]], holders: Holders, key: Key | None) -> list[Cluster]:
    clusters = []
    for images in alike:
        shown = [holders.get(image.sha256, image) for image in images]
        if key and _are_one_pair(shown, key):
            continue
        members = tuple(sorted(shown, key=lambda image: (image.domain, image.path)))
        kept = frozenset(image.id for image in members if image.sha256 in holders)
        clusters.append(Cluster(members=members, kept=kept))
    return sorted(clusters, key=lambda cluster: [member.path for member in cluster.members])


def _are_one_pair(images: Sequence[Found], key: Key) -> bool:
    keys, domains = {key(image) for image in images}, {image.domain for image in images}
    return len(keys) == 1 and len(domains) == len(images)
