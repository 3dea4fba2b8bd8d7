"""What is in doubt on one page and known from another."""

import cv2
import numpy as np
import pytest

from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.recurring import TemplateBank, cut_templates


def logo(page, x, y, times=1.0):
    """Lay a studio's logo on a page; give its mask."""
    drawn = np.full((30, 70, 3), 250, np.uint8)
    cv2.circle(drawn, (15, 15), 12, (230, 40, 90), -1, cv2.LINE_AA)
    cv2.putText(drawn, "OXUM", (30, 21), 0, 0.45, (40, 120, 60), 1, cv2.LINE_AA)
    drawn = cv2.resize(drawn, None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    high, wide = drawn.shape[:2]
    page[y : y + high, x : x + wide] = drawn
    mask = np.zeros(page.shape[:2], np.uint8)
    mask[y : y + high, x : x + wide] = 255
    return mask


def strokes(seed, side=256):
    rng = np.random.default_rng(seed)
    page = np.full((side, side, 3), 250, np.uint8)
    for _ in range(40):
        ends = rng.integers(0, side, 4).tolist()
        cv2.line(page, tuple(ends[:2]), tuple(ends[2:]), (30, 30, 30), 1, cv2.LINE_AA)
    return page


@pytest.fixture
def known():
    page = strokes(0)
    mask = logo(page, 20, 30)
    return TemplateBank(cut_templates(page, [mask], "one", "one"))


def doubtful(mask, share=1.0):
    """Find a mark, or its left part, in doubt."""
    seen = mask.copy()
    columns = np.flatnonzero(mask.any(0))
    seen[:, columns[int(len(columns) * share) - 1] + 1 :] = 0
    return Detections([], [Mark("logo", 0.6, seen, seen)])


@pytest.mark.parametrize("times", [0.8, 1.0, 1.25])
@pytest.mark.parametrize("side", [256, 700])
def test_a_mark_that_another_page_bears_is_sure_at_another_place_and_size(known, times, side):
    page = strokes(1, side)
    mask = logo(page, side // 2, side // 3, times * side / 256)
    detections = known.promote_recurring(page, doubtful(mask), "two")
    assert len(detections.sure) == 1
    assert detections.doubtful == []
    assert detections.sure[0].confidence > 0.88


def test_what_was_seen_in_part_is_completed(known):
    page = strokes(2)
    mask = logo(page, 150, 60)
    [mark] = known.promote_recurring(page, doubtful(mask, 0.5), "two").sure
    for found in (mark.pixels, mark.ground):
        assert (found[mask > 0] > 0).mean() > 0.97
        assert (found > 0).sum() < 1.1 * (mask > 0).sum()


def test_a_page_does_not_vouch_for_itself_nor_for_the_same_drawing(known):
    page = strokes(1)
    detections = doubtful(logo(page, 150, 60))
    assert known.promote_recurring(page, detections, "one").doubtful == detections.doubtful


def test_other_things_stay_in_doubt_and_sure_marks_sure(known):
    page = strokes(3)
    mask = np.zeros((256, 256), np.uint8)
    mask[60:90, 150:220] = 255
    sure = Mark("badge", 0.9, mask, mask)
    drawn = doubtful(mask).doubtful
    detections = known.promote_recurring(page, Detections([sure], drawn), "two")
    assert (detections.sure, detections.doubtful) == ([sure], drawn)


def test_plain_colour_specks_and_half_the_page_vouch_for_nothing():
    page = strokes(4)
    page[10:40, 10:80] = (255, 0, 255)
    plain, speck, huge = np.zeros((3, 256, 256), np.uint8)
    plain[10:40, 10:80], speck[100:103, 100:140], huge[50:200, 50:200] = 255, 255, 255
    assert cut_templates(page, [plain, speck, huge], "one", "one") == []


def test_images_of_the_same_drawing_may_bear_marks_of_other_sizes():
    page = strokes(0)
    borne = [
        *cut_templates(page, [logo(page, 20, 30)], "a", "a drawing"),
        *cut_templates(page, [logo(page, 20, 30, 1.2)], "b", "a drawing"),
    ]
    assert len({patch.key for patch in borne}) == 2
