import cv2
import numpy as np
import pytest

from sketch2color.imaging.morphology import dilate, erode
from sketch2color.watermarks.blend_model import (
    _contrast_kept,
    _fit_alpha,
    _Pairs,
    _Planes,
    fit_blend_model,
)
from sketch2color.watermarks.colors import dominant_color
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.plane import Plane
from sketch2color.watermarks.unblend import EDGE, snap_to_tints


def flat(color):
    """A plane of one colour."""
    return Plane(np.stack([color, np.zeros(3), np.zeros(3)]))


PLATE = (slice(90, 150), slice(60, 200))


def drawing(colored=False):
    """Slanting strokes, over areas of colour if wanted."""
    page = np.full((256, 256, 3), 250, np.uint8)
    if colored:
        page[60:120, 100:256], page[120:200, 0:140] = (230, 120, 60), (70, 150, 210)
    for x in range(-60, 300, 34):
        cv2.line(page, (x, 0), (x + 90, 255), (20, 22, 28), 3, cv2.LINE_AA)
    return page


def blended(page, color, opacity, area=PLATE):
    marked = page.copy()
    marked[area] = np.rint(page[area] * (1 - opacity) + np.array(color) * opacity)
    mask = np.zeros(page.shape[:2], np.uint8)
    mask[area] = 255
    return marked, mask


def estimated(marked, mask):
    hole = mask > 0
    return fit_blend_model(marked, hole, erode(hole, EDGE), dilate(hole, 6) & ~hole, 1.0)


def psnr_inside(first, second, mask):
    return 10 * np.log10(255**2 / max(1e-6, ((first.astype(float) - second) ** 2)[mask > 0].mean()))


@pytest.mark.parametrize("colored", [False, True])
@pytest.mark.parametrize("color", [(255, 255, 255), (30, 30, 30), (60, 110, 170)])
@pytest.mark.parametrize("opacity", [0.3, 0.55])
def test_opacity_and_what_lies_under_a_plate_are_recovered(colored, color, opacity):
    page = drawing(colored)
    marked, mask = blended(page, color, opacity)
    model = estimated(marked, mask)
    assert 1 - model.at(np.array(120), np.array(130))[2][0] == pytest.approx(opacity, abs=0.04)
    filled = fill(marked, mask)
    assert psnr_inside(filled, page, mask) > 22
    inner = (slice(96, 144), slice(66, 194))
    assert np.abs(filled[inner].astype(int) - page[inner]).mean() < 4


def test_the_commonest_colour_may_lie_beyond_what_can_be_shown():
    colors = np.array([[-3.0, 260.0, 10.0]] * 5 + [[100.0, 100.0, 100.0]] * 2)
    assert dominant_color(colors).tolist() == [-3, 260, 10]


def test_an_opaque_plate_with_letters_is_not_unblended():
    marked, mask = blended(drawing(), (200, 60, 40), 1.0)
    for x in range(70, 190, 9):
        marked[105:135, x : x + 4] = 20
    assert estimated(marked, mask) is None


def test_a_mask_round_nothing_is_no_plate():
    page = drawing()
    mask = np.zeros(page.shape[:2], np.uint8)
    mask[PLATE] = 255
    assert estimated(page, mask) is None


def test_a_plate_that_fades_from_end_to_end_is_unblended():
    page = drawing()
    opacity = np.linspace(0.3, 0.65, 140)[None, :, None]
    marked, mask = blended(page, (40, 60, 120), opacity)
    assert psnr_inside(fill(marked, mask), page, mask) > 20


@pytest.mark.parametrize("ink", [(255, 255, 255), (120, 20, 20)])
def test_letters_of_a_translucent_plate_go_and_lines_stay(ink):
    page = drawing()
    plate = np.full((60, 140, 3), (110, 110, 110))
    for x in range(8, 130, 14):
        plate[20:40, x : x + 5] = ink
    marked, mask = blended(page, plate, 0.5)
    filled = fill(marked, mask)
    was_paper = (page.min(2) > 245) & (mask > 0)
    assert (np.abs(filled.astype(int) - page).max(2)[was_paper] < 30).mean() > 0.9
    was_ink = (page.max(2) < 40) & (cv2.erode(mask, np.ones((7, 7))) > 0)
    assert (filled.max(2)[was_ink] < 110).mean() > 0.75


def test_translucent_letters_without_a_plate_are_taken_off_colour():
    page = drawing(colored=True)
    letters = np.zeros((256, 256), np.uint8)
    cv2.putText(letters, "WOW", (20, 170), cv2.FONT_HERSHEY_SIMPLEX, 3.2, 255, 14)
    mixed = np.rint(page * 0.5 + np.array([120, 30, 160]) * 0.5).astype(np.uint8)
    marked = np.where(letters[..., None] > 0, mixed, page)
    mask = np.where(letters > 0, 255, 0).astype(np.uint8)
    telea = cv2.inpaint(marked, mask, 3, cv2.INPAINT_TELEA)
    assert psnr_inside(fill(marked, mask), page, mask) > psnr_inside(telea, page, mask) + 2


@pytest.mark.slow
def test_a_large_image_is_unblended_at_its_full_size():
    page = cv2.resize(drawing(), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    cv2.line(page, (500, 960), (1580, 900), (20, 22, 28), 3)
    marked, mask = blended(page, (90, 90, 90), 0.5, (slice(720, 1200), slice(480, 1600)))
    filled = fill(marked, mask)
    assert psnr_inside(filled, page, mask) > 24
    thin = (slice(900, 960), slice(600, 1500))
    assert np.abs(filled[thin].astype(int) - page[thin]).mean() < 6
    assert (filled[mask == 0] == marked[mask == 0]).all()


def test_pairs_whose_channels_disagree_tell_no_opacity():
    outside = np.full((40, 3), 100.0)
    inside = 0.5 * outside + [15.0, -15.0, 0.0]
    assert _fit_alpha(outside, inside, np.ones(40)) is None


def strokes(ink, apart=12):
    page = np.full((256, 256, 3), 250, np.uint8)
    for x in range(-60, 300, apart):
        cv2.line(page, (x, 0), (x + 90, 255), ink, 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("tone", [20, 110])
@pytest.mark.parametrize("opacity", [0.3, 0.45])
def test_lines_are_most_likely_as_dark_under_a_mark_as_round_it_and_at_least_not_darker_than_black(
    tone, opacity
):
    marked, mask = blended(strokes((tone, tone, tone)), (90, 90, 90), opacity)
    paper, plate = (flat(np.array([level] * 3)) for level in (250.0, 250 * (1 - opacity) + 90 * opacity))
    hole = mask > 0
    least, likely = _contrast_kept(
        marked, _Planes(paper, plate, 100.0), erode(hole, EDGE), dilate(hole, 6) & ~hole, 1.0
    )
    assert likely == pytest.approx(1 - opacity, abs=0.06)
    assert least == pytest.approx((1 - opacity) * (250 - tone) / 250, abs=0.05)


def test_no_line_under_a_mark_tells_nothing():
    marked, mask = blended(np.full((256, 256, 3), 250, np.uint8), (90, 90, 90), 0.4)
    planes = _Planes(flat(np.full(3, 250.0)), flat(np.full(3, 186.0)), 64.0)
    hole = mask > 0
    kept = _contrast_kept(marked, planes, erode(hole, EDGE), dilate(hole, 6) & ~hole, 1.0)
    assert kept == (0.0, 0.0)


def test_what_pale_letters_hide_on_a_dense_sketch_is_paper_and_no_smudge():
    marked, mask = blended(strokes((20, 20, 20), apart=13), (40, 40, 40), 0.45)
    marked[112:126, 120:136] = 255
    after = fill(marked, mask)[113:125, 121:135].astype(int)
    assert np.abs(after - 250).max() <= 12


def test_a_tint_that_the_drawing_does_not_have_is_moved_to_one_that_it_has():
    paper, palette = np.full((1, 5, 3), 250.0), np.array([[20.0, 20, 20], [230.0, 40, 40]])
    #        ink, paint, an edge dark in one channel, ink told too red, paper
    colors = np.array(
        [[[135, 135, 135], [240, 145, 145], [20, 250, 250], [120, 20, 20], [250, 250, 250]]], float
    )
    found = snap_to_tints(colors, paper, palette)
    assert (found[0, [0, 1, 4]] == colors[0, [0, 1, 4]]).all()
    assert np.abs(found[0, 2] - 250).max() < 1
    assert found[0, 3] == pytest.approx(120)


@pytest.mark.parametrize(
    ("least", "likely", "opacity"), [(0.6, 0.7, 0.4), (0.4, 0.57, 0.43), (0.4, 0.45, None), (0.0, 0.0, None)]
)
def test_without_pairs_the_opacity_follows_from_the_contrast_that_lines_have_kept(least, likely, opacity):
    ys, xs = (at.ravel() for at in np.mgrid[:10, :10])
    paper = np.full((100, 3), 250.0)
    pairs = _Pairs(ys, xs, paper, np.full((100, 3), 150.0))  # nothing but paper crosses the edge
    planes = _Planes(flat(paper[0]), flat(np.full(3, 150.0)), 100 * np.sqrt(3))
    model = planes.model(pairs, least, likely)
    assert (model and model.alpha) == (opacity and pytest.approx(opacity, abs=0.01))
