import numpy as np
import pytest

from sketch2color.colorize.roles import assign_colors

BLUE, ORANGE, DARK, LIGHT = (0.1, 0.2, 0.8), (0.9, 0.5, 0.1), (0.15, 0.15, 0.17), (0.9, 0.9, 0.88)
PALETTE = np.array([ORANGE, DARK, LIGHT])


def assign(flats, areas, palette=PALETTE, variant=0):
    return assign_colors(np.array(flats), np.array(areas, float), palette, variant).tolist()


def test_the_main_colour_takes_the_largest_group_and_accents_their_lightness():
    assert assign([BLUE, LIGHT, DARK], [100, 30, 20]) == [0, 2, 1]


def test_parts_painted_alike_take_one_colour():
    chosen = assign([BLUE, (0.12, 0.22, 0.78), DARK, (0.17, 0.15, 0.15), LIGHT], [60, 50, 20, 20, 30])
    assert chosen[0] == chosen[1] == 0
    assert chosen[2] == chosen[3] == 1


def test_one_colour_takes_all():
    assert assign([BLUE, DARK, LIGHT], [1, 2, 3], PALETTE[:1]) == [0, 0, 0]


def test_more_colours_than_parts():
    assert assign([BLUE], [5]) == [0]


def test_parts_that_cannot_be_told_apart_are_the_main_colour():
    assert assign([BLUE] * 4, [1, 2, 3, 4]) == [0] * 4


@pytest.mark.parametrize("variant", range(1, 6))
def test_variants_give_the_colours_to_other_groups(variant):
    flats, areas = [BLUE, LIGHT, DARK], [100, 30, 20]
    chosen = assign(flats, areas, variant=variant)
    assert sorted(chosen) == [0, 1, 2]
    assert chosen != assign(flats, areas)
    assert chosen == assign(flats, areas, variant=variant + 2 * 6)


def test_two_colours_have_four_variants():
    chosen = [assign([BLUE, LIGHT, DARK], [100, 30, 20], PALETTE[:2], variant) for variant in range(5)]
    assert chosen == [[0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1]]
