import cv2
import numpy as np
import pytest

from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.rectangle import fit_rectangle

TOP, BOTTOM, LEFT, RIGHT = 120, 150, 60, 190


@pytest.fixture
def page():
    """Dense line art on paper with the grain of JPEG."""
    page = np.full((256, 256, 3), 250, np.uint8)
    for x in range(-80, 300, 32):
        cv2.line(page, (x, 20), (x + 70, 240), (20, 22, 28), 2, cv2.LINE_AA)
    grain = np.random.default_rng(0).normal(0, 2, page.shape)
    return np.rint((page + grain).clip(0, 255)).astype(np.uint8)


def barred(page, opacity=0.4, color=(30, 60, 120), times=1):
    """Lay a bar with pale letters over a page, and tell where."""
    large = cv2.resize(page, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    truth = np.zeros(large.shape[:2], bool)
    truth[TOP * times : BOTTOM * times, LEFT * times : RIGHT * times] = True
    marked = large.copy()
    marked[truth] = np.rint(large[truth] * (1 - opacity) + np.array(color) * opacity)
    cv2.putText(
        marked, "STUDIO", ((LEFT + 40) * times, (BOTTOM - 8) * times), 0, 0.6 * times, (255, 255, 255), times
    )
    return marked, truth


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def spanning(top, bottom, left, right):
    rough = np.zeros((256, 256), bool)
    rough[top:bottom, left:right] = True
    return rough


def half_seen(truth, times=1):
    """What a network might see of a bar: its left end, some of its right one, and a stroke beyond."""
    rough = truth.copy()
    rough[:, 140 * times : 175 * times] = False
    rough[(TOP - 6) * times : TOP * times, 80 * times : 100 * times] = True
    return rough


@pytest.mark.parametrize("opacity", [0.1, 0.4, 1.0])
@pytest.mark.parametrize("times", [1, 3])
def test_a_bar_is_found_to_the_pixel_where_half_of_it_was_seen(page, opacity, times):
    marked, truth = barred(page, opacity, times=times)
    found = fit_rectangle(marked, half_seen(truth, times), float(times))
    assert found[truth].all()
    assert iou(found, truth) > 0.85  # with its soft edge


def test_a_bar_that_leaves_the_page_is_found(page):
    marked, truth = barred(page)
    found = fit_rectangle(np.ascontiguousarray(marked[:, LEFT + 20 :]), half_seen(truth)[:, LEFT + 20 :], 1.0)
    assert iou(found, truth[:, LEFT + 20 :]) > 0.85


def test_what_was_seen_far_beyond_an_end_is_left(page):
    marked, truth = barred(page)
    rough = truth.copy()
    rough[TOP - 5 : BOTTOM, RIGHT : RIGHT + 30] = True
    assert iou(fit_rectangle(marked, rough, 1.0), truth) > 0.85


def test_writing_ellipses_and_drawing_are_no_bars(page):
    rough = spanning(TOP, BOTTOM, LEFT, RIGHT)
    assert fit_rectangle(page, rough, 1.0) is None
    written = np.full_like(page, 250)
    for y in (TOP + 14, BOTTOM - 2):
        cv2.putText(written, "WWMMHHEEBB", (LEFT, y), 0, 0.55, (90, 90, 90), 1)
    assert fit_rectangle(written, rough, 1.0) is None
    oval = np.full_like(page, 250)
    cv2.ellipse(oval, (125, 135), (65, 15), 0, 0, 360, (90, 90, 90), -1)
    assert fit_rectangle(oval, rough, 1.0) is None
    assert fit_rectangle(np.full_like(page, 250), rough, 1.0) is None


def test_edges_that_step_otherwise_are_none():
    page = np.full((256, 256, 3), 250, np.uint8)
    rough = spanning(TOP, BOTTOM, LEFT, RIGHT)
    fading = np.linspace(240, 40, BOTTOM - TOP)[:, None, None]
    page[TOP:BOTTOM, LEFT:RIGHT] = fading
    assert fit_rectangle(page, rough, 1.0) is None
    page[TOP:BOTTOM, LEFT:RIGHT] = 140
    assert fit_rectangle(page, rough, 1.0) is not None


def test_a_find_that_hardly_meets_the_bar_is_another(page):
    marked, _ = barred(page)
    rough = spanning(TOP - 6, TOP + 8, LEFT - 6, LEFT + 40)
    assert fit_rectangle(marked, rough, 1.0) is None


def test_the_finder_takes_the_bar_for_what_it_saw_half_of(page, monkeypatch):
    marked, truth = barred(page)
    seen = half_seen(truth) * np.float32(0.95)
    monkeypatch.setattr("sketch2color.watermarks.detect.predict", lambda image, weights: (seen, seen))
    marks = detect(marked).sure
    assert [mark.kind for mark in marks] == ["bar", "bar"] or [mark.kind for mark in marks] == ["bar"]
    assert iou(detect(marked).mask(256, 256) > 0, truth) > 0.8


def test_a_frame_round_paper_is_no_bar():
    page = np.full((256, 256, 3), 250, np.uint8)
    cv2.rectangle(page, (LEFT, TOP), (RIGHT - 1, BOTTOM - 1), (90, 90, 90), 4)
    rough = spanning(TOP, BOTTOM, LEFT, RIGHT)
    assert fit_rectangle(page, rough, 1.0) is None
    cv2.rectangle(page, (LEFT, TOP), (RIGHT - 1, BOTTOM - 1), (90, 90, 90), -1)
    assert fit_rectangle(page, rough, 1.0) is not None


def test_a_bar_that_is_a_small_part_of_what_was_seen_is_not_all_of_it(page):
    marked, truth = barred(page)
    rough = spanning(TOP - 14, BOTTOM + 14, LEFT - 38, RIGHT + 38)
    assert fit_rectangle(marked, rough, 1.0) is None
    near = cv2.dilate(truth.astype(np.uint8), np.ones((29, 29))) > 0
    assert fit_rectangle(marked, rough & near, 1.0) is not None


@pytest.mark.parametrize(
    "where", [np.s_[:, 0:1], np.s_[:, 255:], np.s_[0:1], np.s_[255:], np.s_[:], np.s_[9:10, 9:10]]
)
def test_slivers_at_the_pages_edge_and_whole_pages_are_no_bars(page, where):
    rough = np.zeros((256, 256), bool)
    rough[where] = True
    assert fit_rectangle(page, rough, 1.0) is None
