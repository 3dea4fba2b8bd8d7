import cv2
import numpy as np
import pytest
import torch

from sketch2color.watermarks.detect import THRESHOLD, Detections, Mark, detect, predict


def iou(mask, truth):
    return ((mask > 0) & (truth > 0)).sum() / ((mask > 0) | (truth > 0)).sum()


@pytest.mark.slow
def test_a_badge_is_found_and_masked(badged):
    image, truth = badged
    detections = detect(image)
    assert [mark.kind for mark in detections.sure] == ["badge"]
    assert iou(detections.mask(256, 256), truth) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("size", [(700, 700), (181, 181)])
def test_any_size_is_searched_and_the_mask_has_it(badged, size):
    image, truth = (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in badged)
    mask = detect(image).mask(size[1], size[0])
    assert mask.shape == image.shape[:2]
    assert iou(mask, truth > 127) > 0.75


def test_a_page_of_another_form_is_searched(badged):
    wide = np.full((150, 600, 3), 255, np.uint8)
    wide[:, 400:] = badged[0][106:, 56:]
    mask = detect(wide).mask(150, 600)
    assert mask[:, :380].sum() == 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_page_has_no_mark(level):
    assert detect(np.full((300, 200, 3), level, np.uint8)) == Detections([], [])


@pytest.mark.parametrize("shape", [(40, 3000), (3000, 40), (1, 1), (2, 5)])
def test_strips_and_specks_are_left_alone(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert detect(image) == Detections([], [])


def test_a_drawing_without_a_mark_has_none(drawing):
    assert detect(drawing).sure == []


def test_the_mask_is_of_the_sure_marks_alone():
    blank = np.zeros((4, 4), np.uint8)
    one, other = blank.copy(), blank.copy()
    one[0, 0], other[3, 3] = 255, 255
    marks = [Mark("badge", 0.9, one, one), Mark("caption", 0.8, other, other)]
    assert (Detections(marks, []).mask(4, 4) == one + other).all()
    assert (Detections(marks[:1], marks[1:]).mask(4, 4) == one).all()
    assert not Detections([], marks).mask(4, 4).any()


def lit(monkeypatch, ground, pixels):
    """Let the network see what is given, both H × W in [0, 1]."""
    monkeypatch.setattr("sketch2color.watermarks.detect.predict", lambda image, weights: (ground, pixels))


def written():
    """Chances of a line of letters with gaps between them, and its letters."""
    ground, pixels = np.zeros((2, 256, 256), np.float32)
    ground[200:210, 150:240] = 0.95
    for x in range(152, 238, 8):
        pixels[202:208, x : x + 4] = 0.9
    return ground, pixels


def test_writing_on_paper_is_masked_with_its_gaps_and_over_a_drawing_without(monkeypatch):
    lit(monkeypatch, *written())
    page = np.full((256, 256, 3), 250, np.uint8)
    on_paper = detect(page).sure[0]
    assert on_paper.kind == "caption"
    assert (on_paper.pixels == on_paper.ground).all()
    assert (on_paper.pixels[200:210, 150:240] > 0).all()
    drawn = page.copy()
    drawn[190:220:3] = 60
    over = detect(drawn).sure[0]
    assert (over.ground == on_paper.ground).all()
    lines = drawn[202:208, 152:156].max(2) == 60
    assert (over.pixels[202:208, 152:156][~lines] > 0).all()
    assert not over.pixels[202:208, 152:156][lines].any()  # the drawing runs through
    assert (over.pixels > 0).sum() < 0.9 * (over.ground > 0).sum()


@pytest.mark.parametrize(("level", "sure"), [(THRESHOLD + 0.05, 1), (THRESHOLD - 0.05, 0)])
def test_what_is_not_sure_is_left_in_doubt(monkeypatch, level, sure):
    ground = np.zeros((256, 256), np.float32)
    ground[100:130, 40:120] = level
    lit(monkeypatch, ground, ground)
    detections = detect(np.full((256, 256, 3), 250, np.uint8))
    assert (len(detections.sure), len(detections.doubtful)) == (sure, 1 - sure)
    assert (detections.sure or detections.doubtful)[0].confidence == pytest.approx(level)


class Looks:
    """A network that sees the same two spots of any image; counts its looks."""

    def __init__(self, *spots):
        self.spots, self.count = spots, 0

    def __call__(self, images):
        self.count += 1
        logits = torch.full((1, 2, *images.shape[2:]), -8.0)
        for spot in self.spots:
            logits[(0, 0, *spot)] = 3.0
        return logits


def test_what_the_mirror_image_shows_counts_too_and_is_asked_only_where_there_is_something(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    seeing = Looks((slice(50, 60), slice(20, 30)))
    monkeypatch.setattr("sketch2color.watermarks.detect.pretrained", lambda weights: seeing)
    ground, _ = predict(page)
    assert (ground > 0.5).sum() == 200
    assert (ground[50:60, 20:30] > 0.5).all()
    assert (ground[50:60, 226:236] > 0.5).all()
    assert seeing.count == 2
    nothing = Looks((slice(50, 52), slice(20, 22)))
    monkeypatch.setattr("sketch2color.watermarks.detect.pretrained", lambda weights: nothing)
    predict(page)
    assert nothing.count == 1


def test_a_plate_is_masked_to_its_edge_however_roughly_it_was_seen(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[100:140, 60:160] = (60, 110, 170)
    ground = np.zeros((256, 256), np.float32)
    ground[96:144, 66:164] = 0.95
    lit(monkeypatch, ground, ground)
    [mark] = detect(page).sure
    assert (mark.pixels[100:140, 60:160] > 0).all()
    assert iou(mark.pixels[90:150, 50:170], page[90:150, 50:170, 0] < 200) > 0.9
    assert ((mark.ground > 0) | (mark.pixels == 0)).all()


def test_letters_over_a_drawing_are_masked_by_their_colour(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    for x in range(0, 256, 30):
        cv2.line(page, (x, 0), (x + 20, 255), (20, 20, 20), 4)
    letters = np.zeros((256, 256), np.uint8)
    cv2.putText(letters, "Studio", (60, 140), cv2.FONT_HERSHEY_DUPLEX, 1.2, 1, 2)
    page[letters > 0] = (200, 70, 60)
    blurred = cv2.GaussianBlur(letters.astype(np.float32), (0, 0), 2)  # as the network sees them
    ground = cv2.dilate(letters, np.ones((15, 15), np.uint8)) * np.float32(0.95)
    lit(monkeypatch, ground, blurred / blurred.max())
    [mark] = detect(page).sure
    assert (mark.pixels[letters > 0] > 0).all()
    black = page.max(2) == 20
    assert (mark.pixels[black] > 0).mean() < 0.02


def test_lines_that_the_network_takes_for_letters_do_not_hide_the_letters_colour(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[:, ::2] = 20
    letters = np.zeros((256, 256), np.uint8)
    cv2.putText(letters, "Studio", (60, 140), cv2.FONT_HERSHEY_DUPLEX, 1.2, 1, 1)
    page[letters > 0] = (200, 70, 60)
    ground = cv2.dilate(letters, np.ones((15, 15), np.uint8)) * np.float32(0.95)
    seen = np.maximum(page[..., 2] == 20, letters) * ground
    lit(monkeypatch, ground, seen)
    [mark] = detect(page).sure
    assert (mark.pixels[letters > 0] > 0).all()
    away = (cv2.dilate(letters, np.ones((5, 5))) == 0) & (ground > 0)
    assert away.sum() > 1000
    assert not mark.pixels[away].any()


def test_an_opaque_mark_without_an_edge_over_a_drawing_is_masked_whole(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[::4] = 60
    ground = np.zeros((256, 256), np.float32)
    ground[100:140, 60:160] = 0.95
    lit(monkeypatch, ground, ground)
    [mark] = detect(page).sure
    assert (mark.pixels == mark.ground).all()
    assert (mark.pixels[100:140, 60:160] > 0).all()


def test_an_opaque_mark_without_an_edge_must_be_surer_than_others(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[::4] = 60
    ground = np.zeros((256, 256), np.float32)
    ground[100:140, 60:160] = 0.88
    lit(monkeypatch, ground, ground)
    detections = detect(page)
    assert (len(detections.sure), len(detections.doubtful)) == (0, 1)
    page[98:142, 58:162] = (20, 90, 200)
    assert len(detect(page).sure) == 1


def test_and_surer_still_where_hardly_any_paper_is_round_it(monkeypatch):
    page = np.full((256, 256, 3), 250, np.uint8)
    page[::4] = 60
    ground = np.zeros((256, 256), np.float32)
    ground[100:140, 60:160] = 0.93
    lit(monkeypatch, ground, ground)
    assert len(detect(page).sure) == 1
    page[:] = np.random.default_rng(1).integers(40, 220, (256, 256, 1))
    [mark] = detect(page).doubtful
    assert mark.confidence < 0.93 * 0.93


def test_a_ground_owns_the_letters_that_it_encloses(monkeypatch):
    page = np.random.default_rng(0).integers(0, 250, (256, 256, 1), np.uint8).repeat(3, 2)
    ground, letters = np.zeros((256, 256), np.float32), np.zeros((256, 256), np.uint8)
    ground[100:160, 40:200] = 0.99
    for y in (125, 150):
        cv2.putText(letters, "STUDIO", (48, y), cv2.FONT_HERSHEY_DUPLEX, 1.1, 1, 6)
    page[ground > 0], page[letters > 0] = (240, 140, 10), (20, 20, 20)
    lit(monkeypatch, ground, np.where(letters > 0, 0, ground))
    [mark] = detect(page).sure
    assert mark.kind == "caption"
    assert (mark.pixels[letters > 0] == 255).all()


def test_a_speck_is_no_mark(monkeypatch):
    ground = np.zeros((256, 256), np.float32)
    ground[100:106, 40:46] = 0.99
    lit(monkeypatch, ground, ground)
    assert detect(np.full((256, 256, 3), 250, np.uint8)) == Detections([], [])


@pytest.mark.slow
def test_more_than_the_largest_share_in_all_is_the_drawing_and_is_left(badged, monkeypatch):
    image, _ = badged
    share = (detect(image).mask(*image.shape[:2]) > 0).mean()
    monkeypatch.setattr("sketch2color.watermarks.detect.MAX_TOTAL_SHARE", share / 2)
    detections = detect(image)
    assert (len(detections.sure), len(detections.doubtful)) == (0, 1)
    assert not detections.mask(*image.shape[:2]).any()


def test_where_one_mark_spans_more_than_a_quarter_of_the_page_nothing_is_sure(monkeypatch):
    ground = np.zeros((256, 256), np.float32)
    ground[10:40, 10:70] = 0.99
    ground[80:240, 20:200] = 0.99
    lit(monkeypatch, ground, ground)
    detections = detect(np.full((256, 256, 3), 250, np.uint8))
    assert (len(detections.sure), len(detections.doubtful)) == (0, 2)
    ground[80:240, 20:120] = 0
    assert len(detect(np.full((256, 256, 3), 250, np.uint8)).sure) == 2


@pytest.mark.parametrize(("ground", "sure"), [((250, 250, 250), 1), ((200, 60, 40), 0)])
def test_writing_on_paint_must_be_surer_than_on_paper(monkeypatch, ground, sure):
    page = np.full((256, 256, 3), ground, np.uint8)
    rng = np.random.default_rng(0)
    if not sure:  # brushwork, no paper
        page[::3] = np.rint(page[::3] * rng.uniform(0.4, 1, (86, 1, 1)))
    lettered(page, monkeypatch, 0.87)
    assert len(detect(page).sure) == sure
    lettered(page, monkeypatch, 0.95)
    assert len(detect(page).sure) == 1


def lettered(page, monkeypatch, predict):
    letters = np.zeros((256, 256), np.uint8)
    cv2.putText(letters, "Studio", (60, 140), cv2.FONT_HERSHEY_DUPLEX, 1.2, 1, 2)
    page[letters > 0] = (20, 20, 90)
    lit(
        monkeypatch,
        cv2.dilate(letters, np.ones((15, 15), np.uint8)) * np.float32(predict),
        letters * np.float32(1),
    )


@pytest.mark.parametrize(("wider", "kind"), [(1, "badge"), (1, "bar"), (9, "bar")])
def test_a_bars_own_outline_goes_before_its_rectangle_where_they_agree(badged, monkeypatch, wider, kind):
    ground, rectangular, own = np.zeros((3, 256, 256), np.float32)
    ground[100:130, 60:160] = 0.95
    rectangular[98:132, 58:162] = 1
    own[100 - wider : 130 + wider, 60 - wider : 160 + wider] = 1
    own[100:104, 60:64] = 0  # a round corner
    lit(monkeypatch, ground, ground)
    monkeypatch.setattr("sketch2color.watermarks.detect.classify_shape", lambda *_: kind)
    monkeypatch.setattr("sketch2color.watermarks.detect.refine_contour", lambda *_: own > 0)
    monkeypatch.setattr("sketch2color.watermarks.detect.fit_rectangle", lambda *_: rectangular > 0)
    [mark] = detect(np.full((256, 256, 3), 250, np.uint8)).sure
    assert ((mark.pixels > 0) == ((rectangular if wider == 9 else own) > 0)).all()
