"""Pictures that were found, before they are shared out: which are the same, which belong together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sketch2color.manifest import DOMAINS, Domain, Rejected


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that is a picture. ``suffix`` is that of its actual format, such as ``.png``."""

    path: str
    domain: Domain
    sha256: str
    suffix: str
    width: int
    height: int

    @property
    def id(self) -> str:
        """The picture's id: 16 hex digits."""
        return self.sha256[:16]

    @property
    def stem(self) -> str:
        """The file's name without folders and suffix."""
        return PurePosixPath(self.path).stem


def drop_duplicates(found: Iterable[Found]) -> tuple[list[Found], list[Rejected]]:
    """Keep of files with the same bytes the first by path, in whichever domain; list the others."""
    kept: dict[str, Found] = {}
    dropped = []
    for picture in sorted(found, key=lambda picture: (picture.path, picture.sha256)):
        first = kept.setdefault(picture.sha256, picture)
        if first is not picture:
            reason = f"duplicate of {first.id} ({first.path})"
            dropped.append(Rejected(source=picture.path, domain=picture.domain, reason=reason))
    return list(kept.values()), dropped


def groups_by_name(found: Iterable[Found], kept: Sequence[Found]) -> dict[str, str]:
    """Give the group of each picture of ``kept``, by id, where files of equal stem show the same thing.

    Files of equal bytes show the same thing too, so that dropped duplicates tie the groups of their stems
    together. A group bears its first stem; a picture that stands alone bears its id.
    """
    parents: dict[str, str] = {}

    def root(stem: str) -> str:
        while (parent := parents.setdefault(stem, stem)) != stem:
            stem = parent
        return stem

    stems: dict[str, str] = {}
    for picture in found:
        one, other = sorted((root(picture.stem), root(stems.setdefault(picture.sha256, picture.stem))))
        parents[other] = one
    sizes = Counter(root(picture.stem) for picture in kept)
    return {picture.id: group if sizes[group := root(picture.stem)] > 1 else picture.id for picture in kept}


def pairs_by_name(kept: Sequence[Found]) -> dict[str, str]:
    """Give the pair of each picture of ``kept`` that has one, by id: the stem that its two halves share."""
    holders: dict[str, list[Found]] = defaultdict(list)
    for picture in kept:
        holders[picture.stem].append(picture)
    return {
        picture.id: stem
        for stem, pictures in holders.items()
        if sorted(picture.domain for picture in pictures) == sorted(DOMAINS)
        for picture in pictures
    }


def domains_of(groups: Mapping[str, str], kept: Sequence[Found]) -> dict[str, frozenset[Domain]]:
    """Give the domains that each group has pictures of."""
    domains: dict[str, set[Domain]] = defaultdict(set)
    for picture in kept:
        domains[groups[picture.id]].add(picture.domain)
    return {group: frozenset(held) for group, held in domains.items()}
