import cv2
import numpy as np
import pytest

from sketch2color.metrics.edge_fidelity import lines_invented, lines_lost


@pytest.fixture
def sketch():
    """A box with a cross in it, and a pencil line below."""
    sketch = np.full((160, 160, 3), 255, np.uint8)
    cv2.rectangle(sketch, (30, 30), (130, 110), (20, 20, 20), 2)
    cv2.line(sketch, (30, 30), (130, 110), (20, 20, 20), 2)
    cv2.line(sketch, (30, 140), (130, 140), (150, 150, 150), 2)
    return sketch


def test_the_sketch_itself_loses_and_invents_nothing(sketch):
    assert lines_lost(sketch, sketch) == lines_invented(sketch, sketch) == 0


@pytest.mark.parametrize("paint", [(255, 200, 60), (60, 90, 200), (90, 60, 50), (20, 20, 20)])
def test_paint_of_any_colour_is_neither(sketch, paint):
    image = sketch.copy()
    inside = np.zeros(sketch.shape[:2], bool)
    inside[30:111, 30:131] = True
    image[inside] = np.minimum(sketch, np.array(paint, np.uint8))[inside]
    assert lines_lost(image, sketch) == pytest.approx(0, abs=0.02)
    assert lines_invented(image, sketch) == pytest.approx(0, abs=0.02)


def test_a_line_may_move_by_two_pixels_and_no_further(sketch):
    moved = [lines_lost(np.roll(sketch, shift, axis=1), sketch) for shift in (1, 2, 8)]
    assert moved[0] < 0.01
    assert moved[1] < 0.05
    assert moved[2] > 0.3


def test_what_is_erased_is_lost_by_its_area(sketch):
    image = sketch.copy()
    image[125:] = 255  # the pencil line
    assert 0.1 < lines_lost(image, sketch) < 0.3
    assert lines_lost(np.full_like(sketch, 255), sketch) == 1


def test_paling_counts_from_half_on_and_then_the_more_the_paler(sketch):
    paled = [
        lines_lost((255 - (255 - sketch.astype(float)) * left).astype(np.uint8), sketch)
        for left in (0.8, 0.3, 0.15)
    ]
    assert paled[0] < 0.1
    assert paled[0] < paled[1] < paled[2]


def test_lines_away_from_the_sketchs_are_invented(sketch):
    image = sketch.copy()
    counts = []
    for place in (8, 18, 150):
        cv2.line(image, (10, place), (150, place), (60, 60, 60), 2)
        counts.append(lines_invented(image, sketch))
    assert 0.05 < counts[0] < counts[1] < counts[2] < 1
    assert lines_lost(image, sketch) == 0


def test_lines_may_become_broader(sketch):
    broader = cv2.erode(sketch, np.ones((5, 5), np.uint8))
    assert lines_lost(broader, sketch) == pytest.approx(0, abs=0.01)
    assert lines_invented(broader, sketch) == pytest.approx(0, abs=0.01)


def test_a_checkerboard_is_another_fault(sketch):
    image = sketch.astype(int)
    image[::2, ::2] -= 60
    image[1::2, 1::2] -= 60
    assert lines_invented(image.clip(0, 255).astype(np.uint8), sketch) < 0.02


def test_the_two_are_not_the_same_thing(sketch):
    """Swapping image and sketch turns what was lost into what was invented."""
    more = sketch.copy()
    cv2.line(more, (10, 10), (150, 10), (20, 20, 20), 2)
    assert lines_lost(sketch, more) > 0.1 > lines_lost(more, sketch) == 0
    assert lines_invented(more, sketch) > 0.1 > lines_invented(sketch, more) == 0


def test_a_sketch_without_lines_has_no_score():
    blank = np.full((64, 64, 3), 255, np.uint8)
    assert lines_lost(blank, blank) is None
    assert lines_invented(blank, blank) is None
