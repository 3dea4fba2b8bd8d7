import cv2
import numpy as np

from sketch2color.cleaning.exemplar import exemplar_filled
from sketch2color.cleaning.fill import fill


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


def test_two_areas_of_colour_meet_under_an_opaque_mark_on_a_larger_picture():
    page = np.full((512, 512, 3), (240, 190, 40), np.uint8)
    page[:, 250:] = (30, 90, 180)
    marked, mask = covered(page, (256, 200), 40)
    off = np.abs(fill(marked, mask).astype(int) - page).max(2)[mask > 0]
    assert (off < 20).mean() > 0.95


def test_where_no_patch_fits_nothing_is_invented():
    page = np.random.default_rng(3).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    marked, mask = covered(page, (64, 64), 14)
    assert exemplar_filled(marked, mask > 0, mask == 0, 1, fitting=True) is None


def test_without_a_whole_patch_round_the_hole_nothing_is_filled():
    page = np.full((40, 40, 3), 200, np.uint8)
    hole = np.ones((40, 40), bool)
    hole[:4] = False
    assert exemplar_filled(page, hole, ~hole, 1, fitting=False) is None


def test_among_many_small_drawings_a_mark_becomes_more_of_them_not_a_blur():
    rng = np.random.default_rng(5)
    page = np.full((256, 256, 3), 250, np.uint8)
    for _ in range(2200):
        at, away = rng.integers(0, 256, 2), rng.integers(-14, 15, 2)
        cv2.line(page, tuple(map(int, at)), tuple(map(int, at + away)), (30, 40, 90), 1)
    marked, mask = covered(page, (128, 128), 22)
    inside = fill(marked, mask)[mask > 0].astype(int)
    ink, paper = (inside.max(1) < 120).mean(), (inside.min(1) > 235).mean()
    truth = (page[mask > 0].max(1) < 120).mean()
    assert 0.4 * truth < ink < 2 * truth
    assert paper > 0.3
