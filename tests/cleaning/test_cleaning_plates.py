import cv2
import numpy as np
import pytest

from sketch2color.cleaning.find import find
from sketch2color.cleaning.plates import plate


@pytest.fixture
def page():
    """White paper with lines all over."""
    sheet = np.full((256, 256, 3), 252, np.uint8)
    for x in range(10, 250, 23):
        cv2.line(sheet, (x, 10), (x + 60, 245), (30, 30, 34), 1, cv2.LINE_AA)
    return sheet


def laid(sheet, mask, color, opacity, at):
    """Lay a plate with a word on it; give the page, and the word's box as the piece that was found."""
    mixed = np.rint(sheet * (1 - opacity) + np.array(color) * opacity).astype(np.uint8)
    page = np.where(mask[..., None] > 0, mixed, sheet)
    cv2.putText(page, "SOLTAM", at, cv2.FONT_HERSHEY_DUPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    piece = np.zeros(mask.shape, bool)
    piece[at[1] - 12 : at[1] + 3, at[0] : at[0] + 40] = True
    return page, piece


def iou(found, mask):
    return (found & (mask > 0)).sum() / (found | (mask > 0)).sum()


@pytest.mark.parametrize(
    ("color", "opacity"), [((60, 60, 64), 0.9), ((205, 60, 70), 0.35), ((120, 120, 124), 0.5)]
)
@pytest.mark.parametrize("factor", [1, 3])
def test_a_disc_is_found_from_its_letters(page, color, opacity, factor):
    mask = np.zeros((256, 256), np.uint8)
    cv2.ellipse(mask, (130, 120), (30, 38), 0, 0, 360, 255, -1)
    marked, piece = laid(page, mask, color, opacity, (105, 120))
    size = (256 * factor, 256 * factor)
    marked = cv2.resize(marked, size, interpolation=cv2.INTER_LINEAR)
    piece, mask = (
        cv2.resize(layer.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) for layer in (piece, mask)
    )
    found = plate(marked, piece > 0, factor)
    assert found is not None
    assert iou(found, mask) > 0.85


def test_a_bar_over_lines_is_found_from_its_letters(page):
    mask = np.zeros((256, 256), np.uint8)
    mask[150:180, 0:100] = 255
    marked, piece = laid(page, mask, (130, 130, 134), 0.6, (45, 170))
    found = plate(marked, piece, 1.0)
    assert found is not None
    assert iou(found, mask) > 0.9


def _striped(page):
    mask = np.zeros((256, 256), np.uint8)
    mask[150:180, 20:120] = 255
    marked, piece = laid(page, mask, (130, 130, 134), 0.9, (45, 170))
    ragged = marked.astype(np.int16)
    ragged[150:180, 20:120] += np.random.default_rng(0).integers(-45, 45, (30, 100, 1)).astype(np.int16)
    return ragged.clip(0, 255).astype(np.uint8), piece


def _empty(page):
    marked = page.copy()
    cv2.circle(marked, (130, 120), 30, (120, 120, 124), -1)
    piece = np.zeros((256, 256), bool)
    piece[110:130, 110:150] = True
    return marked, piece


def _ragged(page):
    mask = np.zeros((256, 256), np.uint8)
    cv2.fillPoly(mask, [np.array([[60, 90], [190, 100], [120, 140], [180, 180], [60, 150]])], 255)
    return laid(page, mask, (120, 120, 124), 1, (65, 125))


def _whole(page):
    mask = np.full((256, 256), 255, np.uint8)
    mask[:40] = 0
    return laid(page, mask, (120, 120, 124), 1, (65, 125))


def _bare(page):
    return laid(page, np.zeros((256, 256), np.uint8), (0, 0, 0), 1, (65, 125))


@pytest.mark.parametrize("drawn", [_striped, _empty, _ragged, _whole, _bare])
def test_marker_plain_discs_ragged_shapes_and_grounds_are_no_plates(page, drawn):
    assert plate(*drawn(page), 1.0) is None


def test_two_pieces_of_one_plate_are_one_mark(page, monkeypatch):
    mask = np.zeros((256, 256), np.uint8)
    cv2.ellipse(mask, (130, 120), (30, 38), 0, 0, 360, 255, -1)
    marked, _ = laid(page, mask, (205, 60, 70), 0.35, (105, 120))
    ground = np.zeros((256, 256), np.float32)
    ground[108:123, 105:125], ground[108:123, 130:148] = 0.55, 0.6
    monkeypatch.setattr("sketch2color.cleaning.find.chance", lambda _: (ground, ground))
    finding = find(marked)
    assert [mark.kind for mark in finding.sure] == ["badge"]
    assert not finding.doubtful
    assert iou(finding.sure[0].pixels > 0, mask) > 0.85
