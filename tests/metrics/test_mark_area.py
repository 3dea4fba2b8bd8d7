import cv2
import numpy as np
import pytest

from sketch2color.metrics import mark_area
from sketch2color.metrics.mark_area import MARGIN, marks_on, without_painted_marks
from sketch2color.watermarks.detect import Detections, Mark

SIZE = 128


def box(left, top, width, height):
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[top : top + height, left : left + width] = 255
    return mask


def mark(left, top, width, height):
    """A mark whose ground is a box, and whose pixels are the upper half of it."""
    return Mark("badge", 0.95, box(left, top, width, height), box(left, top, width, height // 2))


def mark_areas(image, sketch):
    marks, sketch_marks = marks_on(image), marks_on(sketch)
    areas = mark_area.mark_area(marks), mark_area.painted_marks(marks, sketch_marks)
    return dict(zip(("mark_area", "painted_marks"), areas, strict=True))


@pytest.fixture
def found(monkeypatch):
    """Lets a test say what is found: on images, by the level that they are filled with."""
    detections = {}
    monkeypatch.setattr(mark_area, "detect", lambda image: detections[int(image[0, 0, 0])])
    return detections


def filled(level):
    return np.full((SIZE, SIZE, 3), level, np.uint8)


def test_only_what_is_sure_counts_and_of_it_the_pixels(found):
    found[1] = Detections([mark(8, 8, 32, 16)], [mark(60, 60, 40, 40)])
    found[0] = Detections([], [])
    share = 32 * 8 / SIZE**2
    assert mark_areas(filled(1), filled(0)) == {"mark_area": share, "painted_marks": share}


@pytest.mark.parametrize("doubtful", [False, True])
def test_a_mark_that_was_on_the_sketch_was_not_painted(found, doubtful):
    old, new = mark(8, 8, 32, 16), mark(70, 90, 20, 20)
    moved = mark(10, 7, 32, 16)
    found[1] = Detections([moved, new], [])
    found[0] = Detections([], [old]) if doubtful else Detections([old], [])
    areas = mark_areas(filled(1), filled(0))
    assert areas == {"mark_area": (32 * 8 + 20 * 10) / SIZE**2, "painted_marks": 20 * 10 / SIZE**2}


def test_what_reaches_further_than_the_margin_is_painted(found):
    found[1] = Detections([mark(0, 8, 100, 16)], [])
    found[0] = Detections([mark(0, 8, 40, 16)], [])
    beyond = 100 - 40 - MARGIN
    assert mark_areas(filled(1), filled(0))["painted_marks"] == pytest.approx(beyond * 8 / SIZE**2)


def drawing():
    page = np.full((256, 256, 3), 255, np.uint8)
    cv2.polylines(page, [np.array([[30, 190], [60, 60], [190, 40], [220, 150]])], True, (30, 30, 34), 2)
    return page


def badged(page):
    page = page.copy()
    cv2.circle(page, (222, 222), 26, (88, 88, 90), -1, cv2.LINE_AA)
    cv2.putText(page, "SOLTAM", (201, 222), cv2.FONT_HERSHEY_DUPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    cv2.putText(page, "studio", (208, 235), cv2.FONT_HERSHEY_DUPLEX, 0.28, (255, 255, 255), 1, cv2.LINE_AA)
    return page


@pytest.mark.slow
def test_a_painted_badge_is_seen_by_the_finder_itself():
    share = np.pi * 26**2 / 256**2
    painted = mark_areas(badged(drawing()), drawing())
    assert painted["painted_marks"] == painted["mark_area"] == pytest.approx(share, rel=0.5)
    kept = mark_areas(badged(drawing()), badged(drawing()))
    assert kept["painted_marks"] == 0 < kept["mark_area"]
    assert mark_areas(drawing(), badged(drawing())) == {"mark_area": 0, "painted_marks": 0}


@pytest.mark.slow
def test_a_painted_badge_is_taken_away_and_one_that_was_there_stays():
    sketch, image = drawing(), badged(drawing())
    taken = without_painted_marks(image, sketch, marks_on(image), marks_on(sketch))
    assert (taken == sketch).all()
    assert (without_painted_marks(image, image, marks_on(image), marks_on(image)) == image).all()


def test_what_passes_for_a_mark_within_the_drawing_stays(found):
    """It may be the drawing itself, and other scores must not lose sight of it."""
    sketch = np.full((SIZE, SIZE, 3), 255, np.uint8)
    sketch[20:100, 20:100] = 0
    sketch[22:98, 22:98] = 255
    image = sketch.copy()
    image[0, 0] = 1
    image[2:98, 2:98] = 99
    found[1], found[255] = Detections([mark(2, 2, 96, 96)], []), Detections([], [])
    taken = without_painted_marks(image, sketch, marks_on(image), marks_on(sketch))
    assert (taken[22:98, 22:98] == image[22:98, 22:98]).all()
    assert (taken[2:10, 2:98] == 255).all()
