import cv2
import numpy as np
import pytest

from sketch2color.watermarks.shapes import classify_shape, outline


@pytest.fixture
def page():
    return np.full((200, 300, 3), 255, np.uint8)


def test_an_oval_is_a_badge_though_its_letters_were_missed(page):
    component = np.zeros((200, 300), np.uint8)
    cv2.ellipse(component, (100, 90), (30, 45), 0, 0, 360, 1, -1)
    component[85:90, 95:105] = 0
    assert classify_shape(component > 0, page, has_plate=True) == "badge"
    assert (outline(component > 0, "badge", 1)[85:90, 95:105] == 255).all()


def test_rectangles_are_bars_and_along_an_edge_banners(page):
    component = np.zeros((200, 300), bool)
    component[50:70, 80:200] = True
    assert classify_shape(component, page, has_plate=True) == "bar"
    component[:] = False
    component[180:, 60:300] = True
    assert classify_shape(component, page, has_plate=True) == "banner"


def test_writing_without_a_plate_is_a_caption_or_a_logo(page):
    component = np.zeros((200, 300), bool)
    component[50:70, 80:200] = True
    assert classify_shape(component, page, has_plate=False) == "caption"
    component[50:110, 80:200] = True
    assert classify_shape(component, page, has_plate=False) == "logo"


def test_a_square_of_black_and_white_is_a_qr_code(page):
    component = np.zeros((200, 300), bool)
    component[50:100, 60:110] = True
    page[50:100, 60:110][np.random.default_rng(0).random((50, 50)) < 0.5] = 0
    assert classify_shape(component, page, has_plate=True) == "qr"


def letters(gap):
    component = np.zeros((200, 300), bool)
    for x in range(40, 160, 12):
        component[100:112, x : x + 12 - gap] = True
    component[104:107, 40:160] = True
    return component


def test_a_line_of_letters_is_a_caption_that_spans_its_box(page):
    assert classify_shape(letters(gap=5), page, has_plate=False) == "caption"
    assert (outline(letters(gap=5), "caption", 1)[99:113, 39:160] == 255).all()


def test_what_is_scattered_keeps_its_gaps():
    assert not outline(letters(gap=9), "caption", 1)[100:102, 49].any()


def test_a_plate_found_with_a_ragged_edge_is_a_plate_of_its_own_outline():
    component = np.zeros((100, 200), bool)
    component[40:60, 30:150] = True
    component[60:68, 40:90] = True  # beyond the plate, so that it fills neither box nor hull
    page = np.full((100, 200, 3), 250, np.uint8)
    kind = classify_shape(component, page, has_plate=True)
    assert kind == "bar"
    assert not outline(component, kind, 1)[64, 110]  # in the hull, not in the plate
    assert classify_shape(component, page, has_plate=False) == "caption"
