from collections import Counter

import pytest

from sketch2color.errors import UserError
from sketch2color.manifest import SPLITS
from sketch2color.sources.split import split, training_domains

SKETCH, COLOR, BOTH = frozenset({"sketch"}), frozenset({"color"}), frozenset({"sketch", "color"})


def named(sketches=0, colors=0, both=0):
    return (
        {f"s{n}": SKETCH for n in range(sketches)}
        | {f"c{n}": COLOR for n in range(colors)}
        | {f"p{n}": BOTH for n in range(both)}
    )


def trained(groups, places, seed):
    inside = {name: domains for name, domains in groups.items() if places[name] == "train"}
    return Counter(training_domains(inside, seed).values())


def test_each_domain_gets_its_share_in_each_split():
    groups = named(sketches=100, colors=40, both=60)
    places = split(groups, val=0.1, test=0.2, seed=1)
    found = Counter((name[0], place) for name, place in places.items())
    assert {key: found[key] for key in found if key[1] != "train"} == {
        ("s", "val"): 10,
        ("s", "test"): 20,
        ("c", "val"): 4,
        ("c", "test"): 8,
        ("p", "val"): 6,
        ("p", "test"): 12,
    }


def test_the_order_of_the_groups_does_not_matter_and_the_seed_does():
    groups = named(sketches=30, colors=30)
    backwards = dict(reversed(groups.items()))
    assert split(groups, 0.1, 0.1, seed=1) == split(backwards, 0.1, 0.1, seed=1)
    assert split(groups, 0.1, 0.1, seed=1) != split(groups, 0.1, 0.1, seed=2)


def test_one_more_group_moves_few_others():
    before = split(named(sketches=100, colors=100), 0.1, 0.1, seed=1)
    after = split(named(sketches=101, colors=100), 0.1, 0.1, seed=1)
    assert sum(before[name] != after[name] for name in before) <= 4


@pytest.mark.parametrize(
    ("groups", "val", "test"),
    [
        (named(sketches=3, colors=3), 0.1, 0.1),
        (named(sketches=3, colors=3), 0.5, 0.49),
        (named(sketches=3, colors=300), 0.01, 0.01),
        (named(both=4), 0.1, 0.1),
        (named(both=10), 0.45, 0.45),
        (named(both=2, sketches=1, colors=1), 0.1, 0.1),
        (named(both=1, sketches=2, colors=2), 0.1, 0.1),
        (named(both=3, sketches=1), 0.1, 0.1),
        (named(sketches=3), 0.1, 0.1),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_small_sets_still_have_something_of_each_domain_everywhere(groups, val, test, seed):
    places = split(groups, val, test, seed)
    domains = frozenset().union(*groups.values())
    assert places.keys() == groups.keys()
    for where in SPLITS[1:]:
        assert frozenset().union(*(groups[name] for name in groups if places[name] == where)) == domains
    assert frozenset(trained(groups, places, seed)) == domains


@pytest.mark.parametrize(
    ("groups", "val", "test", "message"),
    [
        (named(sketches=1, colors=9), 0.1, 0.1, "need a sketch picture each, and the set has only one"),
        (named(sketches=9, colors=2), 0.1, 0.1, "need a color picture each, and the set has only 2"),
        (named(both=3), 0.1, 0.1, "4 pairs are the least"),
        (named(both=9), 0.0, 0.1, "ingest.val is 0, ingest.test 0.1: both must be above 0"),
        (named(both=9), 0.1, 0.0, "both must be above 0"),
    ],
)
def test_an_impossible_split_is_one_line_that_says_what_is_needed(groups, val, test, message):
    with pytest.raises(UserError, match="impossible split: .*" + message):
        split(groups, val, test, seed=1)


@pytest.mark.parametrize("pairs", [2, 7, 50])
def test_half_of_the_pairs_train_their_sketch_and_half_their_colour(pairs):
    found = Counter(training_domains(named(both=pairs), seed=3).values())
    assert abs(found["sketch"] - found["color"]) <= 1
    assert sum(found.values()) == pairs


def test_which_half_trains_is_up_to_the_seed():
    groups = named(both=20)
    assert training_domains(groups, seed=1) == training_domains(dict(reversed(groups.items())), seed=1)
    assert training_domains(groups, seed=1) != training_domains(groups, seed=2)


def test_a_single_pair_trains_what_is_missing():
    assert training_domains(named(both=1, sketches=5), seed=1)["p0"] == "color"
    assert training_domains(named(both=1, colors=5), seed=1)["p0"] == "sketch"
