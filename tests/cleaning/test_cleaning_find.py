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


@pytest.mark.parametrize(("hatched", "kept"), [(False, 0.0), (True, 0.1)])
def test_writing_goes_with_the_paper_between_but_spares_a_drawing_there(hatched, kept, monkeypatch):
    page = np.full((256, 256, 3), 248, np.uint8)
    if hatched:
        page[:, ::9] = 60
    ground, pixels = np.zeros((2, 256, 256), np.float32)
    ground[100:120, 40:140] = 1
    for x in range(42, 140, 14):
        pixels[102:118, x : x + 8] = 1
        page[102:118, x : x + 8] = (120, 30, 30)
    monkeypatch.setattr("sketch2color.cleaning.find.chance", lambda _: (ground, pixels))
    (mark,) = find(page).sure
    assert mark.kind == "caption"
    span = mark.ground > 0
    assert span[100:120, 40:140].all()
    assert (mark.pixels[pixels > 0] > 0).all()
    share = (mark.pixels[span] == 0).mean()
    assert share >= kept
    assert hatched or share == 0


def _found(monkeypatch, page, ground, pixels):
    """Let the network believe in ``ground`` and ``pixels`` (each H × W in [0, 1])."""
    monkeypatch.setattr("sketch2color.cleaning.find.chance", lambda _: (ground, pixels))
    return find(page)


def test_a_stain_without_edges_is_left_however_sure_the_network_is(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    spot = np.zeros((256, 256), np.float32)
    cv2.ellipse(spot, (120, 230), (40, 12), 0, 0, 360, 1, -1)
    page -= (cv2.GaussianBlur(spot, (0, 0), 5)[..., None] * [40, 60, 90]).astype(np.uint8)
    assert _found(monkeypatch, page, spot, spot).action == "left"
    page[spot > 0] -= (np.arange(256) % 8 < 3)[None].repeat(256, 0)[spot > 0][:, None] * np.uint8(120)
    assert _found(monkeypatch, page, spot, spot).action == "removed"


def test_ground_without_letters_is_left(monkeypatch, drawing):
    drawing[:, ::6] = 40
    ground, pixels = np.zeros((2, 256, 256), np.float32)
    cv2.fillPoly(ground, [np.array([[40, 40], [200, 30], [190, 60], [120, 90], [60, 70]])], 1)
    assert _found(monkeypatch, drawing, ground, ground).action == "removed"
    pixels[40:60, 100:110] = 1
    assert _found(monkeypatch, drawing, ground, pixels).action == "left"


def test_a_speck_is_no_mark(monkeypatch, drawing):
    ground = np.zeros((256, 256), np.float32)
    ground[36:46, 180:192] = 1
    assert _found(monkeypatch, drawing, ground, ground).action == "none"


def test_writing_beside_a_plate_is_a_mark_of_its_own(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[30:60, 20:100] = (200, 60, 40)
    cv2.putText(page, "SOLTAM", (30, 50), cv2.FONT_HERSHEY_DUPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    cv2.putText(page, "studio of form", (20, 78), cv2.FONT_HERSHEY_DUPLEX, 0.45, (60, 60, 60), 1, cv2.LINE_AA)
    ground = np.zeros((256, 256), np.float32)
    ground[28:84, 18:130] = 0.95
    kinds = [mark.kind for mark in _found(monkeypatch, page, ground, ground).sure]
    assert len(kinds) == 2
    assert kinds[0] == "bar"
    covered = find(page).mask(256, 256)
    assert covered[30:60, 20:100].all()
    assert covered[68:80, 22:125].all()
