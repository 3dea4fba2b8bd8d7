import cv2
import numpy as np
import pytest

from sketch2color.watermarks import fill as filling
from sketch2color.watermarks import unblend
from sketch2color.watermarks.fill import _fill_gaps, fill, remove_islands
from sketch2color.watermarks.unblend import is_printed_code


def lit_paper(size=256):
    """Cream paper, darker to the lower right."""
    ys, xs = np.mgrid[0:size, 0:size]
    shade = 250 - (ys + xs) * (30 / size / 2)
    return np.rint(np.stack([shade, shade - 6, shade - 20], 2)).astype(np.uint8)


def disc(size, center, radius):
    mask = np.zeros((size, size), np.uint8)
    cv2.circle(mask, center, radius, 255, -1)
    return mask


def psnr_inside(first, second, mask):
    return 10 * np.log10(255**2 / max(1e-6, ((first.astype(float) - second) ** 2)[mask > 0].mean()))


@pytest.mark.parametrize("size", [256, 512])
def test_an_opaque_badge_on_paper_becomes_paper(size):
    page, mask = lit_paper(size), disc(size, (size // 3, size // 2), size // 9)
    marked = np.where(mask[..., None] > 0, np.uint8([90, 20, 30]), page)
    assert psnr_inside(fill(marked, mask), page, mask) > 40


def test_nothing_outside_the_mask_changes():
    image = np.random.default_rng(1).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    mask = np.zeros((120, 200), np.uint8)
    mask[:30, 150:], mask[60:64, 10:90], mask[119, 199] = 255, 255, 255
    before = image.copy()
    filled = fill(image, mask)
    assert (filled[mask == 0] == image[mask == 0]).all()
    assert (image == before).all()


def test_lines_go_on_under_a_translucent_plate():
    page = np.full((256, 256, 3), 252, np.uint8)
    for x in range(20, 250, 17):
        cv2.line(page, (x, 20), (256 - x, 230), (25, 25, 30), 2, cv2.LINE_AA)
    mask = np.zeros((256, 256), np.uint8)
    mask[90:150, 60:200] = 255
    marked = np.where(mask[..., None] > 0, np.rint(page * 0.4 + np.array([110, 110, 115]) * 0.6), page)
    marked = marked.astype(np.uint8)
    filled = fill(marked, mask)
    assert psnr_inside(filled, page, mask) > psnr_inside(marked, page, mask) + 12
    inner = (slice(100, 140), slice(70, 190))
    assert np.corrcoef(filled[inner].mean(2).ravel(), page[inner].mean(2).ravel())[0, 1] > 0.95


def test_what_is_printed_is_covered_instead(monkeypatch):
    page = np.full((256, 256, 3), 252, np.uint8)
    page[:, ::12] = page[:, 1::12] = 30
    mask = np.zeros((256, 256), np.uint8)
    mask[90:150, 60:200] = 255
    marked = np.where(mask[..., None] > 0, np.rint(page * 0.4 + 66), page).astype(np.uint8)
    seen = fill(marked, mask)
    monkeypatch.setattr(unblend, "is_printed_code", lambda *_: True)
    assert (fill(marked, mask) != seen).any()


@pytest.mark.parametrize(("ground", "asked"), [(250, 1), (None, 0)])
def test_islands_are_looked_for_in_paper_alone(monkeypatch, ground, asked):
    page = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    if ground:
        page[:] = ground
        page[:, 120:124] = 20
    calls = []
    monkeypatch.setattr(filling, "remove_islands", lambda image, *_: calls.append(1) or image)
    fill(page, disc(256, (128, 128), 20))
    assert len(calls) == asked


def test_letters_of_an_opaque_plate_are_not_taken_for_lines_under_it():
    page = np.full((256, 256, 3), 250, np.uint8)
    cv2.line(page, (0, 80), (255, 80), (30, 30, 30), 2)
    marked, mask = page.copy(), np.zeros((256, 256), np.uint8)
    mask[90:130, 60:200] = 255
    marked[mask > 0] = (240, 150, 20)
    for x in range(70, 190, 8):
        marked[98:122, x : x + 3] = (30, 30, 30)
    assert psnr_inside(fill(marked, mask), page, mask) > 35


def test_an_image_that_is_all_mark_does_not_fail():
    image = np.full((40, 60, 3), 200, np.uint8)
    assert fill(image, np.full((40, 60), 255, np.uint8)).shape == image.shape


def test_shaded_paper_goes_on_within_three_levels_under_letters_too():
    page, mask = lit_paper(), np.zeros((256, 256), np.uint8)
    cv2.putText(mask, "name", (30, 140), cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 5)
    cv2.rectangle(mask, (20, 180), (180, 220), 255, -1)
    marked = np.where(mask[..., None] > 0, np.uint8([20, 90, 160]), page)
    assert np.abs(fill(marked, mask).astype(int) - page)[mask > 0].max() <= 3


@pytest.mark.slow
def test_a_large_image_is_filled_within_its_mask_only():
    page, mask = lit_paper(2200), disc(2200, (700, 900), 260)
    marked = np.where(mask[..., None] > 0, np.uint8([90, 20, 30]), page)
    filled = fill(marked, mask)
    assert np.abs(filled.astype(int) - page)[mask > 0].max() <= 3
    assert (filled[mask == 0] == page[mask == 0]).all()


@pytest.mark.parametrize("shape", [(40, 3000), (3000, 40), (1, 1), (9, 700)])
def test_strips_and_specks_come_through(shape):
    image, mask = np.full((*shape, 3), 230, np.uint8), np.zeros(shape, np.uint8)
    mask[: shape[0] // 2 + 1, : shape[1] // 3 + 1] = 255
    assert (fill(image, mask) == 230).all()


def test_gaps_in_what_is_unblended_are_closed_with_the_drawing_s_own_colours():
    page = np.full((60, 80, 3), 250, np.uint8)
    page[:, 30:44] = 20
    gaps, nothing = np.zeros((2, 60, 80), bool)
    gaps[20:30, 10:70], gaps[44:46, 10:70] = True, True
    marked = page.copy()
    marked[gaps] = 128
    closed = _fill_gaps(marked, gaps, nothing, 1.0)
    assert np.isin(closed[gaps], [20, 250]).all()
    assert (closed == page).all(2)[gaps].mean() > 0.9


def test_a_printed_code_is_not_unblended():
    page = np.full((256, 256, 3), 252, np.uint8)
    for x in range(8, 250, 9):
        cv2.line(page, (x, 20), (x + 6, 236), (30, 60, 90), 2)
    blocks = np.random.default_rng(4).random((16, 16)) < 0.5
    code = np.where(np.kron(blocks, np.ones((3, 3))) > 0, 10, 250).astype(np.uint8)
    marked, mask = page.copy(), np.zeros((256, 256), np.uint8)
    mask[100:156, 100:156] = 255
    marked[mask > 0] = 250
    marked[104:152, 104:152] = code[..., None]
    filled = fill(marked, mask)
    assert psnr_inside(filled, page, mask) > psnr_inside(marked, page, mask) + 4
    left = np.abs(filled.astype(int) - marked).max(2)[104:152, 104:152] < 40
    assert left[code < 40].mean() < 0.5


def test_only_what_goes_on_from_outside_stays_drawn_in_a_hole_in_paper():
    paper = np.full((60, 60, 3), 240, np.uint8)
    hole, ink = np.zeros((2, 60, 60), bool)
    hole[20:40, 20:40], ink[30, 40:44] = True, True
    filled = paper.copy()
    filled[30, 32:44] = 20
    filled[24:26, 24:26] = 20
    wanted = filled.copy()
    wanted[24:26, 24:26] = 240
    assert (remove_islands(filled, paper, hole, ink) == wanted).all()


def crowded(paper):
    """Ink all over the page's middle, where what is under a mark cannot be told, on paper of a colour."""
    page = np.full((256, 256, 3), paper, np.uint8)
    page[64:192, 32:224] = np.random.default_rng(0).integers(0, 160, (128, 192, 1))
    return page


@pytest.mark.parametrize(
    ("paper", "height", "blank"), [(253, 60, True), (230, 60, True), (253, 20, False), (20, 60, False)]
)
def test_a_huge_hole_in_a_crowd_becomes_blank_where_the_page_has_paper(paper, height, blank):
    page, mask = crowded(paper), np.zeros((256, 256), np.uint8)
    mask[96 : 96 + height, 64:160] = 255
    page[mask > 0] = (240, 140, 10)
    filled = fill(page, mask)[mask > 0]
    assert (filled == paper).all() == blank
    assert not (filled == (240, 140, 10)).all(1).any()


def test_a_huge_hole_where_lines_cross_paper_is_not_blank():
    page, mask = np.full((256, 256, 3), 253, np.uint8), np.zeros((256, 256), np.uint8)
    page[:, 20::24], page[:, 21::24], mask[96:156, 64:160] = 20, 20, 255
    marked = np.where(mask[..., None] > 0, np.uint8([240, 140, 10]), page)
    np.testing.assert_array_equal(fill(marked, mask)[126], page[126])


@pytest.mark.parametrize("code", [True, False])
def test_blocks_that_come_from_nowhere_are_printed_and_lines_that_run_in_are_not(code):
    page = np.full((80, 80, 3), 250, np.uint8)
    inside, outside = np.zeros((2, 80, 80), bool)
    outside[14:66, 14:66], outside[20:60, 20:60] = True, False
    inside[22:58, 22:58] = True
    page[:, ::4], page[:, 1::4] = 20, 20
    if code:
        page[20:60, 20:60] = 250
        page[24:56:4, 24:56], page[25:56:4, 24:56] = 20, 20
    assert is_printed_code(page, inside, outside) == code
