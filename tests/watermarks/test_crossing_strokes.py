import cv2
import numpy as np
import pytest

from sketch2color.watermarks.crossing_strokes import crossing_strokes

PAPER, INK, BLUE, GREY = (250, 248, 244), (30, 30, 34), (90, 170, 230), (170, 170, 172)


@pytest.fixture
def page():
    return np.full((120, 200, 3), PAPER, np.uint8)


@pytest.fixture
def writing():
    """Where the writing is taken to lie, with a margin round its letters."""
    mask = np.zeros((120, 200), bool)
    mask[50:70, 40:160] = True
    return mask


def lettered(page):
    cv2.putText(page, "Studio", (50, 66), cv2.FONT_HERSHEY_DUPLEX, 0.6, GREY, 1, cv2.LINE_AA)
    return page


def test_a_stroke_that_crosses_is_the_drawings_and_the_letters_are_not(page, writing):
    cv2.line(page, (100, 10), (100, 110), INK, 4)
    through = crossing_strokes(lettered(page), writing, 1)
    assert through[52:56, 99:102].all()
    assert not through[:, :96].any()
    assert not (through & ~writing).any()


def test_a_fill_under_the_letters_is_the_drawings(page, writing):
    page[20:100, 20:100] = BLUE
    through = crossing_strokes(lettered(page), writing, 1)
    away = np.abs(page.astype(int) - BLUE).max(2)
    assert through[writing & (away == 0)].mean() > 0.9  # but for what letters enclose
    assert not through[away > 40].any()


def test_the_rim_of_a_plate_that_the_mask_lacks_is_of_the_mark(page, writing):
    page[47:73, 37:163] = BLUE
    assert not crossing_strokes(lettered(page), writing, 1).any()


def test_paper_between_letters_is_nobodys_stroke(page, writing):
    assert not crossing_strokes(lettered(page), writing, 1).any()


def test_what_does_not_come_out_of_the_writing_is_of_it(page, writing):
    cv2.line(page, (60, 60), (140, 60), INK, 4)
    assert not crossing_strokes(page, writing, 1).any()


def test_writing_over_the_whole_page_has_nothing_round_it(page):
    assert not crossing_strokes(page, np.ones((120, 200), bool), 1).any()


def test_nothing_runs_through_no_writing(page):
    assert not crossing_strokes(page, np.zeros((120, 200), bool), 1).any()
