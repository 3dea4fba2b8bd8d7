import cv2
import numpy as np
import pytest

from sketch2color.watermarks import remains
from sketch2color.watermarks.decisions import decide
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.remains import look_again

GREY, PAPER = 217, 255


def box(*corners, shape=(256, 256)):
    """A mask of a box: left, top, right, bottom."""
    mask = np.zeros(shape, np.uint8)
    mask[corners[1] : corners[3], corners[0] : corners[2]] = 255
    return mask


def mark(*corners):
    return Mark("logo", 0.9, box(*corners), box(*corners))


@pytest.fixture
def tiles():
    """A page with 16 grey tiles, 20 × 10 each, their boxes, and a line of the drawing across."""
    page = np.full((256, 256, 3), PAPER, np.uint8)
    boxes = [(x, y, x + 20, y + 10) for y in range(20, 140, 30) for x in range(20, 140, 30)]
    for corners in boxes:
        page[box(*corners) > 0] = GREY
    cv2.line(page, (0, 0), (255, 200), (30, 30, 30), 3, cv2.LINE_AA)
    return page, boxes


@pytest.fixture(autouse=True)
def second_look(monkeypatch):
    """Set what the network detects the second time: nothing, until a test adds boxes."""
    ground = np.zeros((256, 256), np.float32)
    monkeypatch.setattr(remains, "predict", lambda image: (ground, ground))
    return ground


def looked(page, removed, doubtful=()):
    decisions = decide(Detections(removed, doubtful), *page.shape[:2])
    after = page.copy()
    after[decisions.mask > 0] = PAPER
    return look_again(page, after, decisions)


@pytest.mark.parametrize(("count", "share"), [(16, 0), (15, 1 / 16), (12, 0.25)])
def test_tiles_in_the_color_of_the_removed_ones_remain(tiles, count, share):
    page, boxes = tiles
    result = looked(page, [mark(*corners) for corners in boxes[:count]])
    assert result.remains == pytest.approx(share, abs=0.04)
    assert result.action == ("partly removed" if share else "removed")
    assert result.mask.sum() == 255 * count * 200  # what is filled stays as decided


def test_what_the_network_detects_again_near_a_mark_remains(tiles, second_look):
    page, boxes = tiles
    marks = [mark(*corners) for corners in boxes]
    second_look[20:30, 20:40] = 0.9
    result = looked(page, marks)
    assert result.remains == pytest.approx(1 / 17)
    assert {one.action for one in result.marks} == {"removed", "partly removed"}  # only those near it
    second_look[20:30, 20:40] = 0.4
    assert looked(page, marks).remains == 0


def test_a_mark_that_is_left_or_was_decided_by_hand_is_no_rest(tiles, second_look):
    page, boxes = tiles
    second_look[20:30, 20:40] = 0.9
    result = looked(page, [mark(*corners) for corners in boxes[1:]], [mark(*boxes[0])])
    assert (result.remains, result.action) == (0, "removed")


def test_a_drawing_in_another_color_is_no_rest():
    page = np.full((256, 256, 3), PAPER, np.uint8)
    page[100:120, 100:140] = GREY
    page[90:130, 150:200] = GREY - 20
    cv2.circle(page, (120, 140), 18, (30, 30, 30), 2, cv2.LINE_AA)
    assert looked(page, [mark(98, 98, 142, 122)]).remains == 0


def test_without_a_removed_mark_nothing_is_looked_at(tiles, monkeypatch):
    monkeypatch.setattr(remains, "predict", None)
    page, boxes = tiles
    decisions = decide(Detections([], [mark(*boxes[0])]), 256, 256)
    assert look_again(page, page, decisions) is decisions


@pytest.mark.parametrize("shape", [(24, 24), (3, 900), (2000, 700)])
def test_images_of_any_size_are_looked_at(monkeypatch, shape):
    monkeypatch.setattr(remains, "predict", lambda image: None)
    page = np.full((*shape, 3), PAPER, np.uint8)
    mask = box(0, 0, shape[1] // 2, shape[0] // 2, shape=shape)
    page[mask > 0] = GREY
    decisions = decide(Detections([Mark("logo", 0.9, mask, mask)], []), *shape)
    assert look_again(page, np.full_like(page, PAPER), decisions).action == "removed"
