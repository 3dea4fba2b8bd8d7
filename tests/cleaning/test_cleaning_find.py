import cv2
import numpy as np
import pytest

from sketch2color.cleaning.find import Finding, Mark, find


def iou(mask, truth):
    return ((mask > 0) & (truth > 0)).sum() / ((mask > 0) | (truth > 0)).sum()


def test_a_badge_is_found_and_masked(badged):
    picture, truth = badged
    finding = find(picture)
    assert finding.action == "removed"
    assert finding.kinds == "badge"
    assert iou(finding.mask(256, 256), truth) > 0.8


@pytest.mark.parametrize("size", [(700, 700), (181, 181)])
def test_any_size_is_searched_and_the_mask_has_it(badged, size):
    picture, truth = (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in badged)
    mask = find(picture).mask(size[1], size[0])
    assert mask.shape == picture.shape[:2]
    assert iou(mask, truth > 127) > 0.75


def test_a_page_of_another_form_is_searched(badged):
    wide = np.full((150, 600, 3), 255, np.uint8)
    wide[:, 400:] = badged[0][106:, 56:]
    mask = find(wide).mask(150, 600)
    assert mask[:, :380].sum() == 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_page_has_no_mark(level):
    assert find(np.full((300, 200, 3), level, np.uint8)).action == "none"


@pytest.mark.parametrize("shape", [(40, 3000), (3000, 40), (1, 1), (2, 5)])
def test_strips_and_specks_are_left_alone(shape):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find(picture).action == "none"


def test_a_drawing_without_a_mark_has_none(drawing):
    assert find(drawing).sure == []


def test_confidence_is_that_of_the_worst_mark_removed_and_of_there_being_none():
    blank = np.zeros((4, 4), np.uint8)
    one, other = blank.copy(), blank.copy()
    one[0, 0], other[3, 3] = 255, 255
    marks = [Mark("badge", 0.9, one, one), Mark("caption", 0.8, other, other)]
    assert Finding(marks, []).confidence == 0.8
    assert Finding(marks, []).kinds == "badge+caption"
    assert (Finding(marks, []).mask(4, 4) == one + other).all()
    assert (Finding([], marks).action, Finding([], marks).mask(4, 4).any()) == ("left", False)
    assert Finding([], marks).confidence == pytest.approx(0.1)
    assert Finding([], []).confidence == 1


def test_more_than_the_largest_share_in_all_is_the_drawing_and_is_left(badged, monkeypatch):
    picture, _ = badged
    share = (find(picture).mask(*picture.shape[:2]) > 0).mean()
    monkeypatch.setattr("sketch2color.cleaning.find.LARGEST", share / 2)
    finding = find(picture)
    assert finding.action == "left"
    assert not finding.mask(*picture.shape[:2]).any()
