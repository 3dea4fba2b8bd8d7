import numpy as np
import pytest

from sketch2color.watermarks.decisions import decide
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.overrides import Area, Override

HEIGHT, WIDTH = 60, 100


def mark(box, confidence=0.9, kind="badge"):
    left, top, right, bottom = box
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[top:bottom, left:right] = 255
    return Mark(kind, confidence, pixels, pixels)


def decided(sure=(), doubtful=(), scale=(1.0, 1.0), **said):
    areas = {
        key: [Area(box) for box in boxes] if isinstance(boxes, list) else boxes for key, boxes in said.items()
    }
    return decide(Detections(list(sure), list(doubtful)), HEIGHT, WIDTH, Override(**areas), scale)


def actions(decisions):
    return [(one.kind, one.action, one.box) for one in decisions.marks]


def masked(decisions):
    rows, columns = np.nonzero(decisions.mask)
    return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1, len(rows)) if len(rows) else None


def test_without_a_word_the_detector_decides():
    both = decided(
        [mark((10, 10, 20, 20), 0.95), mark((30, 10, 40, 20), 0.9, "qr")],
        [mark((50, 10, 60, 20), 0.7, "logo")],
    )
    assert [one.action for one in both.marks] == ["removed", "removed", "left"]
    assert (both.action, both.kinds, both.certainty, both.are_by_hand) == ("removed", "badge+qr", 0.9, False)
    assert both.area == pytest.approx(200 / 6000)
    doubtful = decided([], [mark((50, 10, 60, 20), 0.7, "logo")])
    assert (doubtful.action, doubtful.kinds, doubtful.mask.any()) == ("left", "logo", False)
    assert doubtful.certainty == pytest.approx(0.3)
    nothing = decided()
    assert (nothing.action, nothing.kinds, nothing.certainty, nothing.area) == ("none", "", 1, 0)


def test_what_is_outlined_is_removed_and_stands_for_a_doubt_there():
    one = decided([], [mark((10, 10, 20, 20)), mark((70, 10, 80, 20))], remove=[(5, 5, 25, 25)])
    assert actions(one) == [("hand", "removed by hand", (5, 5, 25, 25)), ("badge", "left", (70, 10, 80, 20))]
    assert masked(one) == (5, 5, 25, 25, 400)
    assert (one.action, one.kinds, one.certainty, one.are_by_hand) == ("removed", "hand", 1, True)


def test_a_find_in_a_box_to_keep_stays_whole():
    one = decided(
        [mark((10, 10, 20, 20)), mark((60, 10, 70, 20))], [mark((10, 40, 20, 50))], keep=[(8, 8, 17, 55)]
    )
    assert [each.action for each in one.marks] == ["kept by hand", "removed", "kept by hand"]
    assert masked(one) == (60, 10, 70, 20, 100)


def test_no_pixel_of_a_box_to_keep_is_touched():
    one = decided(
        [mark((10, 10, 20, 20))], remove=[(40, 10, 60, 20)], keep=[(10, 10, 13, 20), (40, 10, 50, 15)]
    )
    assert [each.action for each in one.marks] == ["removed by hand", "removed"]
    assert not one.mask[10:20, 10:13].any()
    assert not one.mask[10:15, 40:50].any()
    assert (one.mask > 0).sum() == 70 + 150


def test_an_image_to_leave_is_left_and_what_was_found_is_told():
    one = decided([mark((10, 10, 20, 20))], leave=True)
    assert (one.action, one.mask.any(), one.certainty) == ("left", False, 1)
    assert [each.action for each in one.marks] == ["kept by hand"]
    assert decided(leave=True).action == "none"


def test_boxes_are_told_in_pixels_of_the_original():
    one = decided(
        [mark((10, 10, 20, 20)), mark((90, 50, 100, 60))], remove=[(121, 40, 131, 51)], scale=(0.25, 0.2)
    )
    assert [each.box for each in one.marks] == [(121, 40, 131, 51), (40, 50, 80, 100), (360, 250, 400, 300)]
    assert one.mask[8:11, 30:33].all()
    assert not one.mask[:8].any()
