"""What hangs together, and what is enclosed."""

import numpy as np
import pytest

from sketch2color.imaging.morphology import components_touching, fill_holes

IMAGE = """
    ##..#...
    .#.#..##
    ........
    .####.#.
    .#..#.#.
    .####.#.
    """


def mask(text):
    return np.array([[character == "#" for character in line.strip()] for line in text.strip().splitlines()])


@pytest.mark.parametrize(("connectivity", "pixels"), [(8, 2), (4, 1)])
def test_parts_with_a_seed_are_given_whole(connectivity, pixels):
    seeds = np.zeros((6, 8), bool)
    seeds[0, 4] = seeds[2] = seeds[0, 7] = True  # beside the parts there is nothing to grow
    found = components_touching(mask(IMAGE), seeds, connectivity)
    assert found.sum() == pixels
    assert (found <= mask(IMAGE)).all()
    seeds[4, 1] = True
    assert components_touching(mask(IMAGE), seeds, connectivity).sum() == pixels + 10


def test_nothing_touches_where_there_is_no_seed():
    assert not components_touching(mask(IMAGE), np.zeros((6, 8), bool)).any()


def test_what_is_enclosed_belongs_to_a_mask_and_what_is_open_does_not():
    added = fill_holes(mask(IMAGE)) & ~mask(IMAGE)
    assert np.argwhere(added).tolist() == [[4, 2], [4, 3]]
    assert fill_holes(np.ones((3, 3), bool)).all()
    assert not fill_holes(np.zeros((3, 3), bool)).any()
