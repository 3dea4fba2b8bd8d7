"""Pictures that were found, before they are shared out: which are the same, which belong together."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from scipy.cluster.hierarchy import DisjointSet

from sketch2color.manifest import DOMAINS, Domain, Rejected, Split
from sketch2color.sources import duplicates as near
from sketch2color.sources.definition import Pairs
from sketch2color.sources.entries import matches


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A file that is a picture, or one half of a file that holds two.

    ``path`` is that of the file in the source, ``sha256`` the hash of what is kept as ``<id><suffix>``;
    ``suffix`` is that of its actual format, such as ``.png``. ``facts`` is what the origin tells of this one
    picture, ``split`` where the source holds it, None where that is open.
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
        """The picture's id: 16 hex digits."""
        return self.sha256[:16]

    @property
    def stem(self) -> str:
        """The file's name without folders and suffix."""
        return PurePosixPath(self.path).stem


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Pictures that are near-duplicates, sorted by domain and path, and the ids of those that are kept."""

    members: tuple[Found, ...]
    kept: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What enters and how it belongs together.

    ``groups`` has the group of each kept picture, by id, and ``pairs`` the pair of those whose other half is
    kept too. A sketch whose only near-duplicate is its own other half is no cluster.
    """

    kept: list[Found]
    rejected: list[Rejected]
    groups: dict[str, str]
    pairs: dict[str, str]
    clusters: list[Cluster]


Key = Callable[[Found], str]
Claims = Callable[[Found], set[Hashable]]
"""What only one kept picture may have: its bytes, and its place among near-duplicates in its domain."""
Holders = Mapping[Hashable, Found]
KEYS: dict[Pairs, Key] = {"name": lambda picture: picture.stem, "side-by-side": lambda picture: picture.path}
"""What the two halves of a pair have in common."""


def order(
    found: Iterable[Found],
    pairs: Pairs | None,
    duplicates: Literal["drop", "group"],
    distance: int,
    same: Sequence[Sequence[str]] = (),
) -> Ordered:
    """Find what shows the same thing, and keep of that what ``duplicates`` says.

    Pictures of equal bytes, of one pair and near-duplicates show the same thing, and so does what they are
    tied to by others: all that is one group. A group of several pictures bears the first of the names of its
    pairs, or the first of its ids where there are no pairs; a picture that stands alone bears its id.

    Of equal bytes one is kept, in whichever domain; of near-duplicates one for each domain, or all. Whole
    pairs go before single pictures, then large ones before small ones, then the order of paths decides.

    Args:
        found: all pictures; their order does not matter.
        pairs: how pairs are told; None: there are none.
        duplicates: drop: of near-duplicates one for each domain is kept; group: all are.
        distance: the largest distance of near-duplicates, in bits of 512.
        same: globs of what shows the same thing though no hash can tell: a sheet and a panel of it.

    Returns:
        The kept pictures sorted by id, the others with the reason, groups, pairs and clusters.
    """
    key = KEYS[pairs] if pairs else None
    everything = sorted(found, key=lambda picture: (picture.path, picture.domain, picture.sha256))
    alike = _alike(everything, distance)
    number = {picture.sha256: place for place, members in enumerate(alike) for picture in members}

    def claims(picture: Found) -> set[Hashable]:
        if duplicates == "drop" and picture.sha256 in number:
            return {picture.sha256, (number[picture.sha256], picture.domain)}
        return {picture.sha256}

    holders = _choose(everything, key, claims)
    kept = [picture for picture in everything if holders.get(picture.sha256) is picture]
    kept.sort(key=lambda picture: picture.id)
    return Ordered(
        kept=kept,
        rejected=[
            Rejected(source=picture.path, domain=picture.domain, reason=_reason(picture, holders, claims))
            for picture in everything
            if holders.get(picture.sha256) is not picture
        ],
        groups=_groups(everything, kept, [*alike, *_told(everything, same)], key),
        pairs=_pairs(kept, key) if key else {},
        clusters=_clusters(alike, holders, key),
    )


def domains_of(groups: Mapping[str, str], kept: Sequence[Found]) -> dict[str, frozenset[Domain]]:
    """Give the domains that each group has pictures of."""
    domains: dict[str, set[Domain]] = defaultdict(set)
    for picture in kept:
        domains[groups[picture.id]].add(picture.domain)
    return {group: frozenset(held) for group, held in domains.items()}


def _alike(everything: Iterable[Found], distance: int) -> list[list[Found]]:
    """Find near-duplicates; of equal bytes the first stands for all."""
    distinct = list({picture.sha256: picture for picture in reversed(list(everything))}.values())[::-1]
    clusters = near.clusters([picture.fingerprint for picture in distinct], distance)
    return [[distinct[place] for place in places] for places in clusters]


def _choose(everything: Iterable[Found], key: Key | None, claims: Claims) -> Holders:
    """Keep pictures none of whose claims is held by one that goes before; return who holds what."""
    ranked = sorted(everything, key=_rank)
    holders: dict[Hashable, Found] = {}

    def is_free(picture: Found) -> bool:
        return holders.keys().isdisjoint(claims(picture))

    for sides in _whole(ranked, key) if key else ():
        halves = [half for side in sides if (half := next(filter(is_free, side), None))]
        held = {claim: half for half in halves for claim in claims(half)}
        if len(halves) == len(DOMAINS) and len({half.sha256 for half in halves}) == len(halves):
            holders |= held
    for picture in ranked:
        if is_free(picture):
            holders |= dict.fromkeys(claims(picture), picture)
    return holders


def _rank(picture: Found) -> tuple[int, str, str, str]:
    return -picture.width * picture.height, picture.path, picture.domain, picture.sha256


def _whole(ranked: Iterable[Found], key: Key) -> Iterator[list[list[Found]]]:
    """Yield for each key with pictures of both domains these of each domain, the largest pairs first."""
    holders: dict[str, dict[Domain, list[Found]]] = defaultdict(lambda: {domain: [] for domain in DOMAINS})
    for picture in ranked:
        holders[key(picture)][picture.domain].append(picture)
    whole = [(name, list(held.values())) for name, held in holders.items() if all(held.values())]
    whole.sort(key=lambda item: (sum(_rank(side[0])[0] for side in item[1]), item[0]))
    return (sides for _, sides in whole)


def _reason(picture: Found, holders: Holders, claims: Claims) -> str:
    if same := holders.get(picture.sha256):
        return f"duplicate of {same.id} ({same.path})"
    alike = next(holders[claim] for claim in claims(picture) if claim in holders)
    bits, mirrored = near.distance(picture.fingerprint, alike.fingerprint)
    differ = f"{bits} of {near.BITS} bits differ" + (" when mirrored" if mirrored else "")
    return f"near-duplicate of {alike.id} ({alike.path}), {differ}"


def _told(everything: Iterable[Found], same: Sequence[Sequence[str]]) -> list[list[Found]]:
    if not same:
        return []
    told: list[list[Found]] = [[] for _ in same]
    for picture in everything:
        for globs, members in zip(same, told, strict=True):
            if any(matches(picture.path, glob) for glob in globs):
                members.append(picture)
    return [members for members in told if members]


def _groups(
    everything: Sequence[Found], kept: Sequence[Found], alike: Iterable[Sequence[Found]], key: Key | None
) -> dict[str, str]:
    ties = DisjointSet(picture.id for picture in everything)
    for first, *others in alike:
        for other in others:
            ties.merge(first.id, other.id)
    names: dict[str, str] = {}
    if key:
        firsts: dict[str, str] = {}
        for picture in everything:
            ties.merge(firsts.setdefault(key(picture), picture.id), picture.id)
        for name in sorted(firsts, reverse=True):
            names[ties[firsts[name]]] = name
    members: dict[str, list[str]] = defaultdict(list)
    for picture in kept:
        members[ties[picture.id]].append(picture.id)
    return {
        id: min(ids) if len(ids) == 1 or not key else names[root]
        for root, ids in members.items()
        for id in ids
    }


def _pairs(kept: Iterable[Found], key: Key) -> dict[str, str]:
    holders: dict[str, list[Found]] = defaultdict(list)
    for picture in kept:
        holders[key(picture)].append(picture)
    return {
        picture.id: name
        for name, pictures in holders.items()
        if sorted(picture.domain for picture in pictures) == sorted(DOMAINS)
        for picture in pictures
    }


def _clusters(alike: Iterable[Sequence[Found]], holders: Holders, key: Key | None) -> list[Cluster]:
    clusters = []
    for pictures in alike:
        shown = [holders.get(picture.sha256, picture) for picture in pictures]
        if key and _are_one_pair(shown, key):
            continue
        members = tuple(sorted(shown, key=lambda picture: (picture.domain, picture.path)))
        kept = frozenset(picture.id for picture in members if picture.sha256 in holders)
        clusters.append(Cluster(members=members, kept=kept))
    return sorted(clusters, key=lambda cluster: [member.path for member in cluster.members])


def _are_one_pair(pictures: Sequence[Found], key: Key) -> bool:
    keys, domains = {key(picture) for picture in pictures}, {picture.domain for picture in pictures}
    return len(keys) == 1 and len(domains) == len(pictures)
