import random
from collections import Counter

import pytest

from sketch2color.errors import UserError
from sketch2color.ingest.split import assign_splits, given_split, training_domains
from sketch2color.manifest import SPLITS

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
    places = assign_splits(groups, val=0.1, test=0.2, seed=1)
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
    assert assign_splits(groups, 0.1, 0.1, seed=1) == assign_splits(backwards, 0.1, 0.1, seed=1)
    assert assign_splits(groups, 0.1, 0.1, seed=1) != assign_splits(groups, 0.1, 0.1, seed=2)


def test_one_more_group_moves_few_others():
    before = assign_splits(named(sketches=100, colors=100), 0.1, 0.1, seed=1)
    after = assign_splits(named(sketches=101, colors=100), 0.1, 0.1, seed=1)
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
    places = assign_splits(groups, val, test, seed)
    domains = frozenset().union(*groups.values())
    assert places.keys() == groups.keys()
    for where in SPLITS[1:]:
        assert frozenset().union(*(groups[name] for name in groups if places[name] == where)) == domains
    assert frozenset(trained(groups, places, seed)) == domains


@pytest.mark.parametrize(
    ("groups", "val", "test", "message"),
    [
        (named(sketches=1, colors=9), 0.1, 0.1, "need a sketch image each, and the set has only one"),
        (named(sketches=9, colors=2), 0.1, 0.1, "need a color image each, and the set has only 2"),
        (named(both=3), 0.1, 0.1, "4 pairs are the least"),
        (named(both=9), 0.0, 0.1, "ingest.val is 0, ingest.test 0.1: both must be above 0"),
        (named(both=9), 0.1, 0.0, "both must be above 0"),
    ],
)
def test_an_impossible_split_is_one_line_that_says_what_is_needed(groups, val, test, message):
    with pytest.raises(UserError, match="impossible split: .*" + message):
        assign_splits(groups, val, test, seed=1)


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


def held_in(groups, **splits):
    """Hold the first so many groups in the named splits, in turn; a list of splits holds in all of them."""
    names, held = iter(groups), {}
    for key, count in splits.items():
        held |= {next(names): key.split("_") for _ in range(count)}
    return held


def counts(places, names):
    return Counter(places[name] for name in names)


def test_a_file_is_held_where_its_path_says():
    globs = {"train": "data/train/*", "val": "data/val/*"}
    assert given_split("data/train/1.png", globs) == "train"
    assert given_split("data/val/1.png", globs) == "val"
    assert given_split("data/extra/1.png", globs) is None
    assert given_split("data/val/1.png", {}) is None


def test_of_several_patterns_the_most_held_out_counts():
    for globs in ({"test": "*", "val": "*", "train": "*"}, {"train": "*", "val": "*", "test": "*"}):
        assert given_split("1.png", globs) == "test"
    assert given_split("1.png", {"val": "*", "train": "*"}) == "val"


def test_val_is_shared_out_between_val_and_test_where_there_is_no_test():
    groups = named(both=150)
    held = held_in(groups, train=110, val=40)
    places = assign_splits(groups, 0.1, 0.3, seed=1, given=held)
    assert counts(places, list(groups)[:110]) == {"train": 110}
    assert counts(places, list(groups)[110:]) == {"val": 10, "test": 30}


def test_val_is_taken_from_train_where_there_is_no_val():
    groups = named(sketches=70, colors=50)
    beginning = {"s": 60, "c": 40}
    held = {name: ["train" if int(name[1:]) < beginning[name[0]] else "test"] for name in groups}
    places = assign_splits(groups, 0.2, 0.5, seed=1, given=held)
    assert counts(places, [f"s{n}" for n in range(60)]) == {"train": 48, "val": 12}
    assert counts(places, [f"c{n}" for n in range(40)]) == {"train": 32, "val": 8}
    assert counts(places, [name for name in held if held[name] == ["test"]]) == {"test": 20}


def test_where_all_three_are_held_nothing_moves_but_what_is_free():
    groups = named(both=80)
    held = held_in(groups, train=20, val=15, test=5)
    places = assign_splits(groups, 0.1, 0.3, seed=1, given=held)
    assert all([places[name]] == held[name] for name in held)
    assert counts(places, list(groups)[40:]) == {"train": 24, "val": 4, "test": 12}


def test_train_alone_is_shared_out_as_if_it_were_free():
    groups = named(both=50)
    held = held_in(groups, train=50)
    splits = assign_splits(groups, 0.1, 0.2, seed=1, given=held)
    assert counts(splits, groups) == {
        "train": 35,
        "val": 5,
        "test": 10,
    }


def test_nothing_held_is_as_if_nobody_had_asked():
    groups = named(sketches=20, colors=30, both=10)
    assert assign_splits(groups, 0.1, 0.2, seed=1) == assign_splits(
        groups, 0.1, 0.2, seed=1, given={"s1": [], "c3": []}
    )


def test_a_group_that_spans_folders_goes_to_the_most_held_out_one():
    groups = named(both=60)
    held = held_in(groups, train=20, train_val=7, val_train_test=6, val=5, test_val=4, test=3)
    places = assign_splits(groups, 0.2, 0.1, seed=1, given=held)
    found = {"_".join(held[name]): places[name] for name in held}
    assert found == {
        "train": "train",
        "train_val": "val",
        "val_train_test": "test",
        "val": "val",
        "test_val": "test",
        "test": "test",
    }


def test_a_split_that_lacks_a_domain_takes_it_from_train_not_from_what_is_more_held_out():
    groups = named(sketches=30, colors=30)
    held = {name: ["val" if name[0] == "s" and int(name[1:]) < 9 else "train"] for name in groups}
    places = assign_splits(groups, 0.1, 0.1, seed=1, given=held)
    moved = {name for name in groups if places[name] not in (held[name][0], "test")}
    assert len(moved) == 1
    assert moved.pop().startswith("c")  # val held sketches only
    assert counts(places, [f"c{n}" for n in range(30)]) == {"train": 28, "val": 1, "test": 1}


def test_free_groups_fill_a_gap_before_those_that_are_held_elsewhere():
    groups = named(sketches=40, colors=45)
    held = {name: ["train"] for name in groups if int(name[1:]) < 35}
    held |= {"s37": ["test"], "s38": ["val"], "s39": ["val"], "c39": ["val"]}
    for seed in range(9):
        places = assign_splits(groups, 0.01, 0.01, seed=seed, given=held)
        assert all(places[name] == held[name][0] for name in held)
        assert "test" in {places[name] for name in groups if name[0] == "c" and name not in held}


def test_a_gap_is_not_filled_by_tearing_another():
    groups = named(sketches=20, colors=4)
    folders = ["val"] * 10 + ["test"] * 3 + ["train"] * 7 + ["val"] + ["train"] * 3
    held = {name: [folder] for name, folder in zip(groups, folders, strict=True)}
    for seed in range(9):
        places = assign_splits(groups, 0.1, 0.1, seed=seed, given=held)
        moved = {name: place for name, place in places.items() if held[name] != [place]}
        assert list(moved.values()) == ["test"]
        assert moved.keys() < {"c1", "c2", "c3"}  # c0 is all the colour that val has


@pytest.mark.parametrize(
    ("groups", "held", "message"),
    [
        (
            named(both=30),
            {f"p{n}": ["val"] for n in range(30)},
            "no (color|sketch) image is left for",
        ),
        (
            named(both=30),
            {f"p{n}": ["val"] for n in range(29)},
            "splits in source.yaml assigns to val or test",
        ),
        (
            named(sketches=9, colors=9),
            {f"c{n}": ["test"] for n in range(9)},
            "no color image is left for val",
        ),
        (named(both=30), {f"p{n}": ["test"] for n in range(30)}, "image is left for val"),
    ],
)
def test_what_is_held_out_is_never_bent_even_if_no_split_is_possible(groups, held, message):
    with pytest.raises(UserError, match=f"impossible split: .*{message}"):
        assign_splits(groups, 0.1, 0.1, seed=1, given=held)


RUNGS = {"train": 0, "val": 1, "test": 2}


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_held_the_promises_hold(seed):
    chance = random.Random(seed)
    groups = named(*(chance.choice([4, 9, 31]) for _ in range(3)))
    some = [["train"], ["val"], ["test"], ["val", "train"], ["test", "train"], []]
    weights = [chance.choice([0, 1, 5]) for _ in some[:-1]] + [1]
    held = {name: chance.choices(some, weights)[0] for name in groups if chance.random() < 0.9}
    val, test = chance.choice([0.05, 0.1, 0.3]), chance.choice([0.02, 0.2])
    try:
        places = assign_splits(groups, val, test, seed, held)
    except UserError as error:
        assert str(error).startswith("impossible split: ")
        out = sum(bool({"val", "test"} & {*held.get(name, [])}) for name in groups)
        assert out > len(groups) / 3  # only where a lot is held out
        return
    assert places.keys() == groups.keys()
    for name, place in places.items():
        assert RUNGS[place] >= max((RUNGS[own] for own in held.get(name, [])), default=0)
    for where in ("val", "test"):
        assert frozenset().union(*(groups[name] for name in groups if places[name] == where)) == BOTH
    assert frozenset(trained(groups, places, seed)) == BOTH
    backwards = dict(reversed(groups.items()))
    assert assign_splits(backwards, val, test, seed, dict(reversed(held.items()))) == places


@pytest.mark.parametrize("more", ["train", "val", "free"])
def test_one_more_group_moves_few_of_the_held_ones(more):
    groups = named(both=200)
    held = held_in(groups, train=100, val=60)
    before = assign_splits(groups, 0.1, 0.2, seed=4, given=held)
    larger = groups | {"one more": BOTH}
    after = assign_splits(
        larger, 0.1, 0.2, seed=4, given=held if more == "free" else held | {"one more": [more]}
    )
    assert sum(before[name] != after[name] for name in before) <= 2


def test_many_groups_cost_no_square_of_their_number():
    groups = named(sketches=5000, colors=5000)
    held = {name: ["val" if name[0] == "s" and int(name[1:]) < 800 else "train"] for name in groups}
    places = assign_splits(groups, 0.1, 0.1, seed=1, given=held)
    assert counts(places, groups)["train"] == 10_000 - 800 - 2
