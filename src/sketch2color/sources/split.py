"""Sharing groups of pictures out to train, val and test."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping

from sketch2color.errors import UserError
from sketch2color.manifest import DOMAINS, SPLITS, Domain, Split

Domains = frozenset[Domain]


def split(groups: Mapping[str, Domains], val: float, test: float, seed: int) -> dict[str, Split]:
    """Share ``groups`` out so that every split has pictures of every domain.

    Groups that hold sketches only, coloured pictures only and both are shared out separately, so that val
    and test get their part of each. Within these, the order is that of a hash of seed and name: it does not
    depend on the order of files, and a few more groups change the place of few others.

    Args:
        groups: each group's name with the domains that it has pictures of.
        val: the share of the groups that goes to val, in [0, 1].
        test: the share that goes to test.
        seed: another seed gives another order.

    Returns:
        Each group's split.

    Raises:
        UserError: there is no way to give each split a picture of each domain.
    """
    if not (val > 0 and test > 0):
        raise UserError(
            f"impossible split: ingest.val is {val:g}, ingest.test {test:g}: both must be above 0"
        )
    alike: dict[Domains, list[str]] = defaultdict(list)
    for name in sorted(groups, key=lambda name: rank(name, seed)):
        alike[groups[name]].append(name)
    places: dict[str, Split] = {}
    for names in alike.values():
        first, second = int(val * len(names) + 0.5), int(test * len(names) + 0.5)
        places |= dict.fromkeys(names, "train")
        places |= dict.fromkeys(names[:first], "val")
        places |= dict.fromkeys(names[first : first + second], "test")
    _fill_gaps(places, groups, seed)
    return places


def training_domains(groups: Mapping[str, Domains], seed: int) -> dict[str, Domain]:
    """Choose for each of the training's ``groups`` the one domain that trains.

    Groups with both domains take turns in an order made by ``seed``, so that half of them train a sketch and
    half a coloured picture; the domain that has fewer groups of its own begins.

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


def _fill_gaps(places: dict[str, Split], groups: Mapping[str, Domains], seed: int) -> None:
    """Move groups to splits that lack a domain, from splits that can do without them."""
    domains = sorted(frozenset[Domain]().union(*groups.values()))
    for domain in domains:
        holders = sum(domain in held for held in groups.values())
        if holders < len(SPLITS):
            raise UserError(
                f"impossible split: train, val and test need a {domain} picture each, and the set has "
                f"{'only one' if holders == 1 else f'only {holders} different ones'}"
            )
    for to in ("val", "test", "train"):
        for domain in domains:
            while domain not in _present(places, groups, to, seed):
                _move_one(places, groups, domain, to, seed)


def _present(places: Mapping[str, Split], groups: Mapping[str, Domains], where: Split, seed: int) -> Domains:
    """Tell which domains a split has; in train, only one half of a pair counts."""
    inside = {name: domains for name, domains in groups.items() if places[name] == where}
    if where == "train":
        return frozenset(training_domains(inside, seed).values())
    return frozenset[Domain]().union(*inside.values())


def _move_one(
    places: dict[str, Split], groups: Mapping[str, Domains], domain: Domain, to: Split, seed: int
) -> None:
    sizes = Counter(places.values())

    def preference(name: str) -> tuple[int, int, bytes]:
        # Pairs are worth most outside of train, where both halves count.
        worth = len(groups[name]) if to == "train" else -len(groups[name])
        return -sizes[places[name]], worth, rank(name, seed)

    holders = [name for name in groups if domain in groups[name] and places[name] != to]
    for name in sorted(holders, key=preference):
        origin = places[name]
        before = _present(places, groups, origin, seed)
        places[name] = to
        if _present(places, groups, origin, seed) == before:
            return
        places[name] = origin
    raise UserError(
        f"impossible split: no {domain} picture is left for {to}; the set needs more of them "
        "(of a pair, only one half trains: 4 pairs are the least)"
    )
