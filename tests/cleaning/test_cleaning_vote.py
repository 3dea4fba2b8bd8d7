import numpy as np
import pytest

from sketch2color.cleaning.vote import voted

PAPER, INK = 250, 20


@pytest.fixture
def page():
    """Paper with a broad stroke, and a gap across both."""
    page = np.full((40, 60, 3), PAPER, np.uint8)
    page[:, 20:34] = INK
    gaps = np.zeros((40, 60), bool)
    gaps[18:22, 5:55] = True
    marked = page.copy()
    marked[gaps] = 128
    return page, marked, gaps


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_ink_goes_on_and_paper_stays_paper(page, scale):
    true, marked, gaps = page
    closed, open_ = voted(marked, gaps, scale)
    assert not open_.any()
    assert (closed[~gaps] == true[~gaps]).all()
    assert np.isin(closed, [PAPER, INK]).all()
    assert (closed == true).all(2)[gaps].mean() > 0.9


def test_the_middle_tone_of_those_that_are_known_wins():
    page = np.full((3, 3, 3), 10, np.uint8)
    page[0], page[1], page[2] = 10, 200, 90
    gaps = np.zeros((3, 3), bool)
    gaps[1] = True
    closed, _ = voted(page, gaps, 0.5)
    assert set(closed[1].flat) <= {10, 90}


def test_where_nobody_is_known_it_stays_open_and_as_it_was():
    page = np.full((20, 20, 3), 77, np.uint8)
    closed, open_ = voted(page, np.ones((20, 20), bool), 1.0)
    assert open_.all()
    assert (closed == 77).all()


def test_no_gap_changes_nothing(page):
    closed, open_ = voted(page[1], np.zeros((40, 60), bool), 1.0)
    assert (closed == page[1]).all()
    assert not open_.any()
