import numpy as np
import pytest

from sketch2color.watermarks.colors import MAX_LOG_ODDS, color_log_odds

RED, BLUE, GREY, GREEN = (230, 20, 20), (20, 20, 230), (130, 130, 130), (20, 230, 20)


@pytest.fixture
def halves():
    """A page whose left half is inside and whose right half is outside, grey in both."""
    page = np.full((40, 40, 3), GREY, np.uint8)
    page[:20, :20], page[:20, 20:] = RED, BLUE
    inside = np.zeros((40, 40), bool)
    inside[:, :20] = True
    return page, inside


def test_what_is_commoner_inside_is_above_nought_and_what_is_alike_in_both_is_nought(halves):
    page, inside = halves
    found = color_log_odds(page, inside, ~inside)
    assert found[0, 0] == MAX_LOG_ODDS
    assert found[0, 39] == -MAX_LOG_ODDS
    assert found[39, 0] == found[39, 39] == pytest.approx(0)


def test_a_colour_that_nobody_has_says_nothing(halves):
    page, inside = halves
    aside = np.zeros_like(inside)
    aside[0] = True
    page[aside] = GREEN
    assert (color_log_odds(page, inside & ~aside, ~inside & ~aside)[aside] == 0).all()


def test_neighbouring_colours_count_as_nearly_the_same(halves):
    page, inside = halves
    page[1, 1] = (230, 20, 40)
    assert color_log_odds(page, inside, ~inside)[1, 1] == MAX_LOG_ODDS


def test_one_pixel_in_many_says_little(halves):
    page, inside = halves
    page[39, 0] = GREEN
    assert 0 < color_log_odds(page, inside, ~inside)[39, 0] < 0.5
