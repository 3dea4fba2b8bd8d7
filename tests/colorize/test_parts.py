import cv2
import numpy as np
import pytest

from sketch2color.colorize.parts import find_parts

GAP = 16.0


def box(gap: int, size: int = 128) -> np.ndarray:
    """A square outline of three pixels with a gap in its right side."""
    darkness = np.zeros((size, size), np.float32)
    cv2.rectangle(darkness, (30, 30), (98, 98), 1.0, 3)
    darkness[64 - gap // 2 : 64 + (gap + 1) // 2, 90:110] = 0
    return darkness


@pytest.mark.parametrize("gap", [0, 2, 4, 8, 12, 16])
def test_a_gap_in_an_outline_lets_nothing_out(gap):
    parts = find_parts(box(gap), GAP)
    inside = np.zeros(parts.shape, bool)
    inside[32:97, 32:97] = True
    owner = parts[64, 64]
    assert (parts[35:94, 35:88] == owner).mean() >= 0.95
    outside = ~cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    assert (parts[outside] == owner).mean() <= 0.01


def test_an_open_outline_is_one_part_with_its_surroundings():
    parts = find_parts(box(50), GAP)
    assert parts[64, 64] == parts[64, 120]


def test_a_long_narrow_part_is_not_cut():
    darkness = np.zeros((60, 300), np.float32)
    cv2.rectangle(darkness, (10, 20), (290, 32), 1.0, 2)
    parts = find_parts(darkness, GAP)
    assert len(np.unique(parts[26, 15:285])) == 1
    assert parts[26, 150] != parts[5, 150]


def test_every_pixel_has_a_part_and_numbers_have_no_holes():
    rng = np.random.default_rng(0)
    parts = find_parts(cv2.GaussianBlur(rng.random((90, 70), np.float32), (0, 0), 2.0), GAP)
    assert parts.min() >= 1
    assert set(np.unique(parts)) == set(range(1, parts.max() + 1))


@pytest.mark.parametrize("level", [0.0, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (33, 2), (40, 40)])
def test_a_sketch_without_lines_or_paper_is_one_part(level, size):
    assert (find_parts(np.full(size, level, np.float32), GAP) == 1).all()


def test_faint_construction_lines_bound_nothing():
    assert len(np.unique(find_parts(box(0) * 0.2, GAP))) == 1


def hatched(outline: int) -> np.ndarray:
    """Two boxes side by side, crosshatched from end to end by thin strokes, outlines of so many pixels."""
    darkness = np.zeros((200, 300), np.float32)
    for start in range(-200, 300, 9):
        cv2.line(darkness, (start, 199), (start + 199, 0), 1.0, 1)
        cv2.line(darkness, (start, 0), (start + 199, 199), 1.0, 1)
    darkness[:40] = darkness[160:] = darkness[:, :40] = darkness[:, 260:] = 0
    for left in (40, 150):
        cv2.rectangle(darkness, (left, 40), (left + 110, 160), 1.0, outline)
    return darkness


def test_hatching_divides_nothing_and_outlines_do():
    parts = find_parts(hatched(5), 32.0)
    boxes = [np.unique(parts[50:150, left : left + 90], return_counts=True) for left in (50, 160)]
    largest = [numbers[counts.argmax()] for numbers, counts in boxes]
    assert [counts.max() / counts.sum() > 0.95 for _, counts in boxes] == [True, True]
    assert len({*largest, parts[10, 10]}) == 3
