import cv2
import numpy as np

from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.patch_inpaint import patch_inpaint


def covered(page, center, radius):
    mask = np.zeros(page.shape[:2], np.uint8)
    cv2.circle(mask, center, radius, 255, -1)
    return np.where(mask[..., None] > 0, np.uint8([200, 30, 120]), page), mask


def test_a_line_that_crosses_an_opaque_mark_is_joined():
    page = np.full((256, 256, 3), 248, np.uint8)
    cv2.line(page, (10, 60), (245, 190), (25, 25, 25), 4, cv2.LINE_AA)
    marked, mask = covered(page, (128, 125), 16)
    filled = fill(marked, mask)
    under = (page.max(2) < 60) & (mask > 0)
    assert (filled.max(2)[under] < 100).mean() > 0.7
    paper = (page.min(2) > 240) & (mask > 0)
    assert (filled.min(2)[paper] > 200).mean() > 0.85


def test_two_areas_of_colour_meet_under_an_opaque_mark_on_a_larger_image():
    page = np.full((512, 512, 3), (240, 190, 40), np.uint8)
    page[:, 250:] = (30, 90, 180)
    marked, mask = covered(page, (256, 200), 40)
    off = np.abs(fill(marked, mask).astype(int) - page).max(2)[mask > 0]
    assert (off < 20).mean() > 0.95


def test_what_stands_beside_a_hole_in_paper_is_not_repeated_in_it():
    page = np.full((256, 256, 3), 250, np.uint8)
    for x in range(20, 240, 30):
        cv2.circle(page, (x, 60), 10, (20, 20, 20), 2)
        cv2.circle(page, (x, 190), 10, (20, 20, 20), 2)
    cv2.line(page, (90, 128), (108, 128), (20, 20, 20), 3)
    marked, mask = covered(page, (128, 125), 22)
    inside = fill(marked, mask)[mask > 0].min(1)
    assert (inside < 200).mean() < 0.06


def test_what_the_hole_held_leaves_no_trace_but_as_a_guess():
    page = np.full((128, 128, 3), 240, np.uint8)
    page[::8] = 40
    hole = np.zeros((128, 128), bool)
    hole[50:80, 40:90] = True
    guess = np.where(hole[..., None], np.uint8([255, 0, 255]), page)
    filled = patch_inpaint(guess, hole, ~hole, 1)
    assert set(map(tuple, filled[hole])) <= {(240, 240, 240), (40, 40, 40)}
    assert (filled == page).all(2)[hole].mean() > 0.9


def test_pixels_are_copied_at_full_size_in_whole_blocks():
    page = np.random.default_rng(2).integers(100, 140, (200, 260, 3), dtype=np.uint8)
    hole = np.zeros((200, 260), bool)
    hole[80:120, 99:141] = True
    filled = patch_inpaint(page, hole, ~hole, 4)
    known = {page[y : y + 4, x : x + 4].tobytes() for y in range(0, 200, 4) for x in range(0, 260, 4)}
    for y in range(80, 120, 4):
        for x in range(100, 140, 4):
            assert filled[y : y + 4, x : x + 4].tobytes() in known
    assert (filled[~hole] == page[~hole]).all()


def test_without_a_whole_patch_round_the_hole_nothing_is_filled():
    page = np.full((40, 40, 3), 200, np.uint8)
    hole = np.ones((40, 40), bool)
    hole[:4] = False
    assert patch_inpaint(page, hole, ~hole, 1) is None


def test_what_may_not_be_used_is_not_copied_however_near():
    page = np.full((120, 120, 3), 230, np.uint8)
    page[:, ::6] = 90
    hole, usable = np.zeros((120, 120), bool), np.ones((120, 120), bool)
    hole[50:70, 50:70] = True
    forbidden = np.zeros((120, 120), bool)
    forbidden[:, 73:77] = True
    page[forbidden] += 1
    filled = patch_inpaint(page, hole, usable & ~forbidden & ~hole, 2)
    assert set(map(tuple, filled[hole])) <= {(230, 230, 230), (90, 90, 90)}
