"""Sharing groups of images out to train, val and test."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from sketch2color.errors import UserError
from sketch2color.ingest.fetch.list_files import matches
from sketch2color.manifest import DOMAINS, SPLITS, Domain, Split

Domains = frozenset[Domain]
_LADDER = SPLITS  # from the least held-out to the most


def own_split(path: str, globs: Mapping[Split, str]) -> Split | None:
    """Tell in which split a source itself holds the file ``path``: the most held-out one that fits.

    >>> own_split("data/val/1.png", {"train": "data/**", "val": "data/val/*"})
    'val'
    """
    return next(
        (split for split in reversed(_LADDER) if split in globs and matches(path, globs[split])), None
    )


def split(
    groups: Mapping[str, Domains],
    val: float,
    test: float,
    seed: int,
    held: Mapping[str, Collection[Split]] | None = None,
) -> dict[str, Split]:
    """Share ``groups`` out so that every split has images of every domain.

    Groups that hold sketches only, coloured images only and both are shared out separately, so that val
    and test get their part of each. Within these, the order is that of a hash of seed and name: it does not
    depend on the order of files, and a few more groups change the place of few others.

    A group that the source itself holds in a split stays there, or goes to a more held-out one: of train,
    val and test each is more held-out than the one before, and of several splits that a group is held in,
    the last counts. So what is held in val or test never trains. Where val is held but test is not, val's
    groups are shared out between val and test in the ratio of ``val`` to ``test``; where test is held but
    val is not, val gets its share of train's; where neither is, train's are shared out like all others.
    Beyond that, a group leaves the split that it is held in only to fill one that lacks a domain.

    Args:
        groups: each group's name with the domains that it has images of.
        val: the share of the groups that goes to val, in [0, 1].
        test: the share that goes to test.
        seed: another seed gives another order.
        held: the splits that the source itself holds a group's images in; groups that it leaves out, and
            those without any, are free.

    Returns:
        Each group's split.

    Raises:
        UserError: there is no way to give each split an image of each domain.
    """
    if not (val > 0 and test > 0):
        raise UserError(
            f"impossible split: ingest.val is {val:g}, ingest.test {test:g}: both must be above 0"
        )
    lowest = {name: _most_held_out((held or {}).get(name, ())) for name in groups}
    shares = _shares(frozenset(lowest.values()), val, test)
    alike: dict[tuple[Split | None, Domains], list[str]] = defaultdict(list)
    for name in sorted(groups, key=lambda name: rank(name, seed)):
        alike[lowest[name], groups[name]].append(name)
    places: dict[str, Split] = {}
    for (own, _), names in alike.items():
        to_val, to_test = (int(share * len(names) + 0.5) for share in shares[own])
        places |= dict.fromkeys(names, own or "train")
        places |= dict.fromkeys(names[:to_val], "val")
        places |= dict.fromkeys(names[to_val : to_val + to_test], "test")
    _fill_gaps(places, groups, lowest, seed)
    return places


def training_domains(groups: Mapping[str, Domains], seed: int) -> dict[str, Domain]:
    """Choose for each of the training's ``groups`` the one domain that trains.

    Groups with both domains take turns in an order made by ``seed``, so that half of them train a sketch and
    half a coloured image; the domain that has fewer groups of its own begins.

    >>> both: Domains = frozenset(DOMAINS)
    >>> sorted(training_domains({"car": both, "hat": both}, seed=1).values())
    ['color', 'sketch']
    """
    chosen = {name: next(iter(domains)) for name, domains in groups.items() if len(domains) == 1}
    alone = Counter(chosen.values())
    turns = sorted(DOMAINS, key=lambda domain: (alone[domain], rank(domain, seed)))
    both = sorted(
        (name for name in groups if name not in chosen), key=lambda name: rank(f"half:{name}", seed)
    )
    return chosen | {name: turns[place % len(turns)] for place, name in enumerate(both)}


def rank(name: str, seed: int) -> bytes:
    """Give ``name`` its place in the order that ``seed`` makes."""
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()


def _most_held_out(splits: Collection[Split]) -> Split | None:
    return max(splits, key=_LADDER.index, default=None)


def _shares(
    held: Collection[Split | None], val: float, test: float
) -> dict[Split | None, tuple[float, float]]:
    """Give the shares that go to val and to test of the free groups and of those held in each split."""
    return {
        None: (val, test),
        "train": (0 if "val" in held else val, 0 if {"val", "test"} & {*held} else test),
        "val": (0, 0) if "test" in held else (0, test / (val + test)),
        "test": (0, 0),
    }


def _fill_gaps(
    places: dict[str, Split],
    groups: Mapping[str, Domains],
    lowest: Mapping[str, Split | None],
    seed: int,
) -> None:
    """Move groups to splits that lack a domain, from splits that can do without them."""
    domains = sorted(frozenset[Domain]().union(*groups.values()))
    for domain in domains:
        holders = sum(domain in has for has in groups.values())
        if holders < len(SPLITS):
            raise UserError(
                f"impossible split: train, val and test need a {domain} image each, and the set has "
                f"{'only one' if holders == 1 else f'only {holders} different ones'}"
            )
    for to in ("val", "test", "train"):
        for domain in domains:
            while domain not in _present(places, groups, to, seed):
                _move_one(places, groups, lowest, domain, to, seed)


def _present(places: Mapping[str, Split], groups: Mapping[str, Domains], where: Split, seed: int) -> Domains:
    """Tell which domains a split has; in train, only one half of a pair counts."""
    inside = {name: domains for name, domains in groups.items() if places[name] == where}
    if where == "train":
        return frozenset(training_domains(inside, seed).values())
    return frozenset[Domain]().union(*inside.values())


def _move_one(
    places: dict[str, Split],
    groups: Mapping[str, Domains],
    lowest: Mapping[str, Split | None],
    domain: Domain,
    to: Split,
    seed: int,
) -> None:
    sizes = Counter(places.values())

    def preference(name: str) -> tuple[bool, int, int, bytes]:
        # What the source holds somewhere moves last; pairs are worth most outside of train, where both
        # halves count.
        worth = len(groups[name]) if to == "train" else -len(groups[name])
        return lowest[name] is not None, -sizes[places[name]], worth, rank(name, seed)

    holders = [
        name
        for name in groups
        if domain in groups[name]
        and places[name] != to
        and _LADDER.index(to) >= _LADDER.index(lowest[name] or "train")
    ]
    for name in sorted(holders, key=preference):
        origin = places[name]
        before = _present(places, groups, origin, seed)
        places[name] = to
        if _present(places, groups, origin, seed) == before:
            return
        places[name] = origin
    kept_back = any(lowest[name] in ("val", "test") for name in groups)
    raise UserError(
        f"impossible split: no {domain} image is left for {to}; the set needs more of them "
        "(of a pair, only one half trains: 4 pairs are the least"
        + ("; what splits in source.yaml holds in val or test does not train)" if kept_back else ")")
    )
