import cv2
import numpy as np
import pytest

from sketch2color.watermarks.barcode import detect_barcodes
from sketch2color.watermarks.detect import detect

PAPER, INK = (250, 248, 244), (24, 26, 30)
TOP, LEFT, HIGH, WIDE = 90, 60, 44, 110


@pytest.fixture
def page():
    """A drawing of thick lines and a hatched part."""
    page = np.full((256, 256, 3), PAPER, np.uint8)
    cv2.circle(page, (150, 130), 80, INK, 6, cv2.LINE_AA)
    cv2.line(page, (10, 10), (240, 220), INK, 5, cv2.LINE_AA)
    return page


def coded(page, opacity=1.0, times=1):
    """Lay a barcode with digits under it over a page, and tell where it lies."""
    rng = np.random.default_rng(3)
    plate = np.full((HIGH, WIDE, 3), 255, np.uint8)
    at = 8
    while at < WIDE - 10:
        wide = int(rng.integers(1, 4))
        plate[4:32, at : at + wide] = 15
        at += wide + int(rng.integers(1, 4))
    cv2.putText(plate, "4006381333931", (8, 41), cv2.FONT_HERSHEY_PLAIN, 0.75, (15, 15, 15), 1, cv2.LINE_AA)
    large = cv2.resize(page, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
    plate = cv2.resize(plate, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
    truth = np.zeros(large.shape[:2], bool)
    truth[TOP * times :, LEFT * times :][: HIGH * times, : WIDE * times] = True
    large[truth] = np.rint(large[truth] * (1 - opacity) + plate.reshape(-1, 3) * opacity)
    return large, truth


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize("opacity", [1.0, 0.65])
@pytest.mark.parametrize("times", [1, 3, 8])
@pytest.mark.parametrize("lying", [False, True])
def test_a_barcode_is_found_with_its_digits(page, opacity, times, lying):
    image, truth = coded(page, opacity, times)
    if lying:
        image, truth = np.ascontiguousarray(image.transpose(1, 0, 2)), truth.T
    found = list(detect_barcodes(image, float(times)))  # a line that shines through may part it in two
    assert iou(np.any([plate for plate, _ in found], axis=0), truth) > 0.8
    assert all(0.9 < alike <= 1.0 for _, alike in found)


def test_the_plate_is_taken_to_its_edge_below_the_digits_on_paper_hardly_darker():
    image, truth = coded(np.full((256, 256, 3), 240, np.uint8))
    [(plate, _)] = detect_barcodes(image, 1.0)
    assert plate[truth].all()
    assert iou(plate, truth) > 0.9


def test_bars_that_are_faint_or_low_are_left(page):
    assert not list(detect_barcodes(coded(page, 0.17)[0], 1.0))
    low, _ = coded(page)
    low[TOP + 10 : TOP + HIGH] = page[TOP + 10 : TOP + HIGH]
    assert not list(detect_barcodes(low, 1.0))


def test_a_barcode_that_leaves_the_page_is_found(page):
    image, truth = coded(page)
    [(plate, _)] = detect_barcodes(np.ascontiguousarray(image[:, LEFT + 20 :]), 1.0)
    assert iou(plate, truth[:, LEFT + 20 :]) > 0.8


def hatched(page, rng, jitter):
    for x in range(20, 230, 5):
        ends = (x + int(rng.integers(-jitter, jitter + 1)) for _ in range(2))
        cv2.line(page, (next(ends), 80), (next(ends), 150), INK, 1, cv2.LINE_AA)


def woven(page, rng, _):
    page[60:160, 40:200][:, np.repeat(rng.random(40) < 0.5, 4)] = INK
    page[60:160, 40:200][np.repeat(rng.random(25) < 0.5, 4)] = INK


def written(page, rng, _):
    for y in range(20, 250, 12):
        letters = "".join(rng.choice(list("abcdefghiklmnopqrstuvw IlHtT"), 40))
        cv2.putText(page, letters, (8, y), cv2.FONT_HERSHEY_PLAIN, 0.8, INK, 1, cv2.LINE_AA)


@pytest.mark.parametrize(
    ("draw", "jitter"), [(hatched, 0), (hatched, 2), (hatched, 6), (woven, 0), (written, 0)]
)
def test_hatching_weaves_and_writing_are_no_barcodes(page, draw, jitter):
    draw(page, np.random.default_rng(1), jitter)
    assert not list(detect_barcodes(page, 1.0))


def test_a_drawing_and_an_empty_page_have_none(page):
    assert not list(detect_barcodes(page, 1.0))
    assert not list(detect_barcodes(np.full((300, 40, 3), 250, np.uint8), 300 / 256))


def test_a_barcode_is_a_sure_mark_though_the_network_sees_none_and_listed_once_where_it_does(
    page, monkeypatch
):
    image, truth = coded(page)
    seen = np.zeros((256, 256), np.float32)
    monkeypatch.setattr("sketch2color.watermarks.detect.predict", lambda image, weights: (seen, seen))
    for _ in range(2):
        detections = detect(image)
        assert [(mark.kind, len(detections.doubtful)) for mark in detections.sure] == [("barcode", 0)]
        assert iou(detections.mask(256, 256) > 0, truth) > 0.8
        seen[TOP + 4 : TOP + 30, LEFT + 8 : LEFT + 90] = 0.95
