import cv2
import numpy as np
import pytest

from sketch2color.metrics.color_bleed import color_bleed
from sketch2color.metrics.line_art import line_mask

ORANGE = np.array([240, 120, 20], float)


@pytest.fixture
def box():
    """A box of 80 pixels in line."""
    sketch = np.full((160, 160, 3), 255, np.uint8)
    cv2.rectangle(sketch, (40, 40), (120, 120), (20, 20, 20), 2)
    return sketch


def painted(sketch, softness=0.0, shift=0):
    """The box filled with orange, its edge ``softness`` pixels soft and ``shift`` pixels off."""
    cover = np.zeros(sketch.shape[:2])
    cover[40:121, 40 + shift : 121 + shift] = 1.0
    if softness:
        cover = cv2.GaussianBlur(cover, (0, 0), softness)
    layer = 1.0 - cover[..., None] * (1.0 - ORANGE / 255)
    return (sketch * layer).round().astype(np.uint8)


def test_colour_to_the_line_does_not_bleed(box):
    assert color_bleed(painted(box), box) == 0


def test_the_further_colour_runs_over_the_line_the_higher():
    """Between two lines; what runs on over blank paper is noise there."""
    sketch = np.full((64, 96, 3), 255, np.uint8)
    sketch[:, 40:42] = sketch[:, 58:60] = 0
    images = [sketch.copy() for _ in range(4)]
    for image, upto in zip(images, (40, 42, 45, 50), strict=True):
        image[:, 32:upto] = np.minimum(image[:, 32:upto], ORANGE.astype(np.uint8))
    bled = [color_bleed(image, sketch) for image in images]
    assert bled[0] == bled[1] == 0
    assert 0 < bled[2] < bled[3]


def test_colour_on_blank_paper_is_another_fault(box):
    spotted = painted(box)
    spotted[5:20, 5:20] = ORANGE
    assert color_bleed(spotted, box) == 0


@pytest.mark.parametrize("period", [2, 4])
def test_a_checkerboard_is_another_fault(box, period):
    patterned = painted(box).astype(int)
    patterned[44:118:period, 44:118:period] -= (20, 20, 20)
    assert color_bleed(patterned.clip(0, 255).astype(np.uint8), box) < 0.01


def test_the_softer_an_airbrush_the_more_of_its_gradient_is_off_the_line(box):
    """Without the ink, whose grey on colour is a gradient of its own, the whole of it would be."""
    bled = [color_bleed(painted(box, softness), box) for softness in (0, 4, 8)]
    assert bled[0] < bled[1]
    assert bled[2] > 0.01


def test_each_half_of_the_gradient_counts_once():
    """A stripe of which one edge lies on a line and one does not: a half, less what the line's grey adds."""
    striped = np.full((96, 96, 3), 255, np.uint8)
    striped[:, 40:42] = striped[:, 58:60] = 20
    image = striped.copy()
    image[:, 42:50] = ORANGE
    assert color_bleed(image, striped) == pytest.approx(0.5, abs=0.1)


def test_where_no_colour_changes_there_is_no_score(box):
    assert color_bleed(box, box) is None


def test_lines_are_found_on_paper_on_paint_and_at_the_rim_of_black():
    image = np.full((60, 120, 3), 245, np.uint8)
    image[:, 60:] = (230, 90, 0)
    image[:, 30:32] = 190
    image[:, 90:92] = (150, 40, 0)
    image[:, 100:] = 10
    assert np.flatnonzero(line_mask(image).any(0)).tolist() == [30, 31, 90, 91, *range(100, 120)]
