"""Assign groups of images to train, val and test."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from sketch2color.errors import UserError
from sketch2color.globs import matches
from sketch2color.manifest import DOMAINS, SPLITS, Domain, Split

Domains = frozenset[Domain]
Groups = Mapping[str, Domains]
Lowest = Mapping[str, Split | None]
"""The least held-out split that a group may be in; None: any."""


def given_split(path: str, globs: Mapping[Split, str]) -> Split | None:
    """Return the split that the source assigns to a file: of several, the most held-out one."""
    return _most_held_out([split for split, glob in globs.items() if matches(path, glob)])


def assign_splits(
    groups: Groups, val: float, test: float, seed: int, given: Mapping[str, Collection[Split]] | None = None
) -> dict[str, Split]:
    """Assign groups to splits so that every split has images of every domain.

    Groups of sketches only, of coloured images only and of both are divided separately, in the order of a
    hash of seed and name, which does not depend on the order of files: further groups change few splits.

    A group to which the source assigns a split stays there or becomes more held-out, in the order train, val,
    test; of several splits the most held-out one counts. So an image of val or test never trains. If the
    source has val but no test, val's groups are divided between val and test in the ratio of ``val`` to
    ``test``; if it has test but no val, val gets its share of train's; if it has neither, train's are divided
    like all others. Beyond that, a group leaves its given split only to fill one that lacks a domain.

    Args:
        groups: the domains of each group, by name.
        val: share of the groups for val, in [0, 1].
        test: share for test.
        seed: another seed gives another order.
        given: the splits that the source assigns to a group's images; groups without any are free.

    Returns:
        The split of each group.

    Raises:
        UserError: it is impossible to give each split an image of each domain.
    """
    if not (val > 0 and test > 0):
        raise UserError(
            f"impossible split: ingest.val is {val:g}, ingest.test {test:g}: both must be above 0"
        )
    lowest = {name: _most_held_out((given or {}).get(name, ())) for name in groups}
    used = set(lowest.values())
    shares: dict[Split | None, tuple[float, float]] = {  # for val and test, by the given split
        None: (val, test),
        "train": (0 if "val" in used else val, 0 if {"val", "test"} & used else test),
        "val": (0, 0) if "test" in used else (0, test / (val + test)),
        "test": (0, 0),
    }
    similar: dict[tuple[Split | None, Domains], list[str]] = defaultdict(list)
    for name in sorted(groups, key=lambda name: rank(name, seed)):
        similar[lowest[name], groups[name]].append(name)
    splits: dict[str, Split] = {}
    for (own, _), names in similar.items():
        to_val, to_test = (int(share * len(names) + 0.5) for share in shares[own])
        splits |= dict.fromkeys(names, own or "train")
        splits |= dict.fromkeys(names[:to_val], "val")
        splits |= dict.fromkeys(names[to_val : to_val + to_test], "test")
    _fill_gaps(splits, groups, lowest, seed)
    return splits


def training_domains(groups: Groups, seed: int) -> dict[str, Domain]:
    """Return the one domain with which each of the training's ``groups`` trains.

    Groups with both domains alternate in an order given by ``seed``, beginning with the domain that has fewer
    groups of its own, so that half of them train a sketch and half a coloured image.
    """
    chosen = {name: next(iter(domains)) for name, domains in groups.items() if len(domains) == 1}
    counts = Counter(chosen.values())
    turns = sorted(DOMAINS, key=lambda domain: (counts[domain], rank(domain, seed)))
    both = sorted(groups.keys() - chosen.keys(), key=lambda name: rank(f"half:{name}", seed))
    return chosen | {name: turns[place % len(turns)] for place, name in enumerate(both)}


def rank(name: str, seed: int) -> bytes:
    """Return the sort key of ``name`` in the order given by ``seed``."""
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()


def _most_held_out(splits: Collection[Split]) -> Split | None:
    return max(splits, key=SPLITS.index, default=None)


def _fill_gaps(splits: dict[str, Split], groups: Groups, lowest: Lowest, seed: int) -> None:
    """Move groups to splits that lack a domain, from splits that do not lose one."""
    domains = sorted(frozenset[Domain]().union(*groups.values()))
    for domain in domains:
        count = sum(domain in has for has in groups.values())
        if count < len(SPLITS):
            has = "only one" if count == 1 else f"only {count} different ones"
            need = f"train, val and test need a {domain} image each"
            raise UserError(f"impossible split: {need}, and the set has {has}")
    for to in ("val", "test", "train"):
        for domain in domains:
            while domain not in _domains_in(to, splits, groups, seed):
                _move_one(splits, groups, lowest, domain, to, seed)


def _domains_in(split: Split, splits: Mapping[str, Split], groups: Groups, seed: int) -> Domains:
    """Return the domains of a split; in train, only one image of a pair counts."""
    inside = {name: domains for name, domains in groups.items() if splits[name] == split}
    if split == "train":
        return frozenset(training_domains(inside, seed).values())
    return frozenset[Domain]().union(*inside.values())


def _move_one(
    splits: dict[str, Split], groups: Groups, lowest: Lowest, domain: Domain, to: Split, seed: int
) -> None:
    sizes = Counter(splits.values())

    def preference(name: str) -> tuple[bool, int, int, bytes]:
        # Groups with a given split move last; pairs are worth most outside of train, where both images count.
        worth = len(groups[name]) if to == "train" else -len(groups[name])
        return lowest[name] is not None, -sizes[splits[name]], worth, rank(name, seed)

    allowed = [name for name in groups if SPLITS.index(to) >= SPLITS.index(lowest[name] or "train")]
    candidates = [name for name in allowed if domain in groups[name] and splits[name] != to]
    for name in sorted(candidates, key=preference):
        origin = splits[name]
        before = _domains_in(origin, splits, groups, seed)
        splits[name] = to
        if _domains_in(origin, splits, groups, seed) == before:
            return
        splits[name] = origin
    held_out = any(lowest[name] in ("val", "test") for name in groups)
    also = "; what splits in source.yaml assigns to val or test does not train" if held_out else ""
    raise UserError(
        f"impossible split: no {domain} image is left for {to}; the set needs more of them "
        f"(of a pair, only one half trains: 4 pairs are the least{also})"
    )
