import cv2
import numpy as np
import pytest

from sketch2color.watermarks.lettering import segment_lettering

PAPER, INK, RED = (250, 248, 244), (24, 26, 30), (220, 60, 50)


@pytest.fixture
def drawn():
    """Line art that runs through where the writing will be."""
    page = np.full((160, 256, 3), PAPER, np.uint8)
    for x in range(10, 256, 40):
        cv2.line(page, (x, 0), (x + 30, 159), INK, 4)
    return page


def word(color, text="Studio"):
    """The pixels of a word, and the box round it."""
    letters = np.zeros((160, 256), np.uint8)
    cv2.putText(letters, text, (60, 90), cv2.FONT_HERSHEY_DUPLEX, 1.1, 1, 2)
    span = np.zeros((160, 256), bool)
    ys, xs = np.nonzero(letters)
    span[ys.min() - 2 : ys.max() + 3, xs.min() - 2 : xs.max() + 3] = True
    return letters > 0, span


def test_letters_over_a_drawing_are_told_by_their_colour(drawn):
    letters, span = word(RED)
    marked = drawn.copy()
    marked[letters] = RED
    blurred = cv2.dilate(letters.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0  # as the network sees them
    found = segment_lettering(marked, span, blurred, 1.0)
    assert found[letters].all()
    near = cv2.dilate(letters.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert not (found & ~near).any()


def test_letters_a_little_beyond_what_was_found_belong_to_it_and_far_strokes_do_not(drawn):
    letters, span = word(RED)
    marked = drawn.copy()
    marked[letters] = RED
    cv2.line(marked, (60, 130), (150, 130), RED, 2)
    lowest = np.flatnonzero(letters.any(1))[-1]
    span[lowest - 1 :] = False
    found = segment_lettering(marked, span, letters, 1.0)
    assert found[lowest][letters[lowest]].all()
    assert not found[125:].any()


def test_letters_in_a_commonplace_colour_are_not_told(drawn):
    letters, span = word(INK)
    drawn[~span] = INK
    drawn[letters] = INK
    assert segment_lettering(drawn, span, letters, 1.0) is None


def test_too_few_letters_tell_nothing(drawn):
    letters, span = word(RED)
    assert segment_lettering(drawn, span, np.zeros_like(letters), 1.0) is None
    assert segment_lettering(drawn, np.ones_like(span), letters, 1.0) is None


def test_a_stroke_in_that_colour_is_followed_a_little_and_one_beside_is_left(drawn):
    letters, span = word(RED)
    marked = drawn.copy()
    lowest = np.flatnonzero(span.any(1))[-1]
    cv2.line(marked, (62, 90), (62, 140), RED, 2)
    cv2.line(marked, (100, lowest + 2), (130, lowest + 2), RED, 1)
    marked[letters] = RED
    found = segment_lettering(marked, span, letters, 1.0)
    assert found[lowest + 2, 62]
    assert not found[lowest + 8 :].any()
    assert not found[lowest + 2, 110:130].any()


def test_soft_rims_belong_to_the_letters(drawn):
    letters, span = word(RED)
    soft = cv2.GaussianBlur(letters.astype(np.float32), (0, 0), 0.7)[..., None]
    marked = np.rint(drawn * (1 - soft) + np.array(RED) * soft).astype(np.uint8)
    found = segment_lettering(marked, span, letters, 1.0)
    assert found[soft[..., 0] > 0.15].mean() > 0.97
