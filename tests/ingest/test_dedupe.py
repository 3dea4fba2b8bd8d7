import random

import numpy as np
import pytest

from sketch2color.ingest.dedupe import deduplicate
from sketch2color.ingest.perceptual_hash import BITS
from sketch2color.ingest.read_images import SourceImage


def fingerprint(show, bits=0, mirrored=False):
    """The fingerprint of an image of ``show`` (any number), with some bits changed."""
    values = np.random.default_rng(show).integers(0, 2, 2 * BITS).astype(np.uint8)
    values[:bits] ^= 1
    halves = values[:BITS], values[BITS:]
    return np.packbits(halves[::-1] if mirrored else halves).tobytes()


def found(path, content, show=None, bits=0, size=10, mirrored=False):
    """An image of the bytes ``content`` (a hex digit), which shows ``show``."""
    return SourceImage(
        path=path,
        domain="sketch" if path.startswith("sketch") else "color",
        sha256=content * 64,
        suffix=".png",
        width=size,
        height=size,
        fingerprint=fingerprint(int(content, 16) + 100 if show is None else show, bits, mirrored),
        facts={},
        split=None,
    )


def paths(images):
    return sorted(image.path for image in images)


def by_path(unique, values):
    return {image.path: values[image.id] for image in unique.kept if image.id in values}


def reasons(unique):
    return {row.source: row.reason for row in unique.rejected}


@pytest.mark.parametrize("duplicates", ["drop", "group"])
def test_of_equal_files_the_first_by_path_stays_whatever_its_domain(duplicates):
    images = [found("sketch/a.png", "1"), found("color/z.png", "1"), found("color/b.png", "2")]
    for given in (images, images[::-1]):
        unique = deduplicate(given, None, duplicates, 100)
        assert paths(unique.kept) == ["color/b.png", "color/z.png"]
        ((source, domain, reason),) = [(row.source, row.domain, row.reason) for row in unique.rejected]
        assert (source, domain) == ("sketch/a.png", "sketch")
        assert reason == "duplicate of 1111111111111111 (color/z.png)"
        assert unique.clusters == []
        assert unique.groups == {"1" * 16: "1" * 16, "2" * 16: "2" * 16}


def test_equal_stems_are_a_pair_and_a_group():
    images = [found("sketch/a.png", "1"), found("color/a.jpg", "2"), found("color/b.png", "3")]
    unique = deduplicate(images, "name", "drop", 100)
    assert unique.pairs == {"1" * 16: "a", "2" * 16: "a"}
    assert unique.groups == {"1" * 16: "a", "2" * 16: "a", "3" * 16: "3" * 16}
    domains = {(unique.groups[image.id], image.domain) for image in unique.kept}
    assert domains == {("a", "sketch"), ("a", "color"), ("3" * 16, "color")}


def test_without_pairs_equal_stems_mean_nothing():
    unique = deduplicate([found("sketch/a.png", "1"), found("color/a.png", "2")], None, "drop", 100)
    assert unique.pairs == {}
    assert unique.groups == {"1" * 16: "1" * 16, "2" * 16: "2" * 16}


def test_side_by_side_halves_are_tied_by_their_file_not_by_its_name():
    halves = [("train/1.png", "sketch", "1"), ("train/1.png", "color", "2"),
              ("val/1.png", "sketch", "3"), ("val/1.png", "color", "4")]  # fmt: skip
    images = [
        SourceImage(path=path, domain=domain, sha256=content * 64, suffix=".png", width=9, height=9,
              fingerprint=fingerprint(int(content)), facts={}, split=None)
        for path, domain, content in halves
    ]  # fmt: skip
    unique = deduplicate(images, "side-by-side", "drop", 100)
    assert unique.pairs == unique.groups
    assert unique.pairs["1" * 16] == unique.pairs["2" * 16] == "train/1.png"
    assert unique.pairs["3" * 16] == unique.pairs["4" * 16] == "val/1.png"


def test_a_stem_with_two_images_in_a_domain_is_a_group_and_no_pair():
    images = [found("sketch/a.png", "1"), found("color/a.jpg", "2"), found("color/a.png", "3")]
    unique = deduplicate(images, "name", "drop", 100)
    assert unique.pairs == {}
    assert set(unique.groups.values()) == {"a"}


def test_a_dropped_duplicate_ties_the_groups_of_its_twins_together():
    images = [
        found("sketch/b.png", "1"),
        found("sketch/c.png", "1"),
        found("color/b.png", "2"),
        found("color/c.png", "3"),
    ]
    unique = deduplicate(images, "name", "drop", 100)
    assert set(unique.groups.values()) == {"b"}
    assert unique.pairs == {"1" * 16: "b", "2" * 16: "b"}


def test_equal_bytes_do_not_break_a_pair():
    images = [found("sketch/a.png", "1"), found("sketch/b.png", "1"), found("color/b.png", "2")]
    unique = deduplicate(images, "name", "group", 100)
    assert paths(unique.kept) == ["color/b.png", "sketch/b.png"]
    assert set(unique.pairs.values()) == {"b"}
    assert set(unique.groups.values()) == {"a"}


def test_both_halves_of_equal_bytes_are_one_image():
    unique = deduplicate([found("sketch/a.png", "1"), found("color/a.png", "1")], "name", "drop", 100)
    assert paths(unique.kept) == ["color/a.png"]
    assert unique.pairs == {}
    assert unique.groups == {"1" * 16: "1" * 16}


def test_halves_of_equal_bytes_take_no_place_from_another_sketch():
    images = [
        found("sketch/a.png", "1", show=1),
        found("color/a.png", "1", show=1),
        found("sketch/b.png", "2", show=1, bits=4),
    ]
    unique = deduplicate(images, "name", "drop", 100)
    assert paths(unique.kept) == ["color/a.png", "sketch/b.png"]


def test_of_near_duplicates_the_largest_stays_in_each_domain():
    images = [
        found("sketch/a.png", "a", show=1),
        found("sketch/b.png", "b", show=1, bits=12, size=20),
        found("sketch/c.png", "c", show=1, bits=12, size=20),
        found("color/d.png", "d", show=1, bits=3),
        found("color/e.png", "e", show=2),
    ]
    unique = deduplicate(images, None, "drop", 100)
    assert paths(unique.kept) == ["color/d.png", "color/e.png", "sketch/b.png"]
    name = "b" * 16
    assert reasons(unique) == {
        "sketch/a.png": f"near-duplicate of {name} (sketch/b.png), 12 of 512 bits differ",
        "sketch/c.png": f"near-duplicate of {name} (sketch/b.png), 0 of 512 bits differ",
    }
    assert unique.groups == {"b" * 16: "b" * 16, "d" * 16: "b" * 16, "e" * 16: "e" * 16}
    (cluster,) = unique.clusters
    assert [member.path for member in cluster.members] == [
        "color/d.png", "sketch/a.png", "sketch/b.png", "sketch/c.png"]  # fmt: skip
    assert cluster.kept == {"b" * 16, "d" * 16}


def test_a_mirrored_copy_is_a_near_duplicate_and_the_reason_says_so():
    images = [found("sketch/a.png", "a", show=1), found("sketch/b.png", "b", show=1, mirrored=True)]
    unique = deduplicate(images, None, "drop", 100)
    assert reasons(unique)["sketch/b.png"].endswith("(sketch/a.png), 0 of 512 bits differ when mirrored")


def test_grouping_keeps_all_near_duplicates_in_one_group():
    images = [found("sketch/a.png", "a", show=1), found("sketch/b.png", "b", show=1, bits=100)]
    unique = deduplicate(images, None, "group", 100)
    assert unique.rejected == []
    assert set(unique.groups.values()) == {"a" * 16}
    assert [cluster.kept for cluster in unique.clusters] == [{"a" * 16, "b" * 16}]
    assert deduplicate(images, None, "group", 99).clusters == []


def test_a_whole_pair_goes_before_a_larger_single_image():
    images = [
        found("sketch/a.png", "a", show=1, size=50),
        found("sketch/b.png", "b", show=1),
        found("color/b.png", "c", show=2),
    ]
    unique = deduplicate(images, "name", "drop", 100)
    assert by_path(unique, unique.pairs) == {"sketch/b.png": "b", "color/b.png": "b"}
    assert list(reasons(unique)) == ["sketch/a.png"]


def test_pairs_that_are_alike_on_both_halves_leave_one_whole_pair():
    # The larger sketch is a's, the larger coloured image b's: chosen one by one, both pairs would break.
    images = [
        found("sketch/a.png", "a", show=1, size=16),
        found("sketch/b.png", "b", show=1, bits=9, size=13),
        found("color/a.png", "c", show=2, size=5),
        found("color/b.png", "d", show=2, bits=9, size=12),
    ]
    unique = deduplicate(images, "name", "drop", 100)
    assert by_path(unique, unique.pairs) == {"sketch/b.png": "b", "color/b.png": "b"}
    assert sorted(reasons(unique)) == ["color/a.png", "sketch/a.png"]
    assert set(unique.groups.values()) == {"a"}


def test_two_colourings_of_one_sketch_both_stay_in_one_group():
    images = [
        found("sketch/a.png", "a", show=1),
        found("sketch/b.png", "b", show=1, bits=9),
        found("color/a.png", "c", show=2),
        found("color/b.png", "d", show=3),
    ]
    unique = deduplicate(images, "name", "drop", 100)
    assert paths(unique.kept) == ["color/a.png", "color/b.png", "sketch/a.png"]
    assert by_path(unique, unique.pairs) == {"sketch/a.png": "a", "color/a.png": "a"}
    assert set(unique.groups.values()) == {"a"}


def test_the_halves_of_a_pair_are_no_cluster_for_being_alike():
    halves = [found("sketch/a.png", "a", show=1), found("color/a.png", "b", show=1, bits=5)]
    unique = deduplicate(halves, "name", "drop", 100)
    assert unique.clusters == unique.rejected == []
    assert deduplicate(halves, None, "drop", 100).clusters != []
    unique = deduplicate([*halves, found("color/a.jpg", "c", show=1, bits=7)], "name", "drop", 100)
    assert [len(cluster.members) for cluster in unique.clusters] == [3]
    assert unique.pairs == {"a" * 16: "a", "c" * 16: "a"}


def test_a_sketch_and_the_colouring_of_another_name_are_a_cluster():
    images = [found("sketch/a.png", "a", show=1), found("color/b.png", "b", show=1, bits=5)]
    (cluster,) = deduplicate(images, "name", "drop", 100).clusters
    assert cluster.kept == {"a" * 16, "b" * 16}


def test_a_cluster_shows_the_copy_that_is_kept():
    images = [
        found("sketch/a.png", "1", show=1),
        found("sketch/b.png", "1", show=1),
        found("color/b.png", "2"),
        found("sketch/c.png", "3", show=1, bits=5),
    ]
    (cluster,) = deduplicate(images, "name", "drop", 100).clusters
    assert [member.path for member in cluster.members] == ["sketch/b.png", "sketch/c.png"]
    assert cluster.kept == {"1" * 16}


def test_bytes_names_and_looks_tie_one_group_together_in_any_order():
    images = [
        found("sketch/p.png", "1"),
        found("color/p.png", "2", show=1),
        found("color/q.png", "3", show=1, bits=20),
        found("sketch/q.png", "4"),
        found("sketch/r.png", "4"),
        found("color/r.png", "5"),
        found("color/alone.png", "6"),
    ]
    first = deduplicate(images, "name", "drop", 100)
    assert {path: group for path, group in by_path(first, first.groups).items() if group != "6" * 16} == (
        dict.fromkeys(["sketch/p.png", "color/p.png", "sketch/r.png", "color/r.png"], "p")
    )
    assert first.groups["6" * 16] == "6" * 16
    assert [image.id[0] for image in first.kept] == ["1", "2", "4", "5", "6"]
    for seed in range(5):
        shuffled = random.Random(seed).sample(images, len(images))
        assert deduplicate(shuffled, "name", "drop", 100) == first


def test_nothing_found_is_nothing_unique():
    unique = deduplicate([], "name", "drop", 100)
    assert (unique.kept, unique.rejected, unique.groups, unique.clusters) == ([], [], {}, [])
