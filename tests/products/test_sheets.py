import numpy as np
import pytest

from sketch2color import manifest


@pytest.fixture(scope="module")
def sheet(passes):
    from products.sheets import place

    return [place(passes, (400, 500), 500), place(passes, (760, 520), 280)]


def test_the_first_view_lies_on_top_and_shadows_below_all_products(sheet):
    from products.sheets import ROLES, over

    role, owner = over(sheet)
    assert (owner[sheet[0].part > 0] == 1).all()
    assert (owner[(sheet[1].part > 0) & (sheet[0].part == 0)] == 2).all()
    products = (sheet[0].part > 0) | (sheet[1].part > 0)
    assert (role[products] != ROLES.index("shadow")).all()
    left, top, right, bottom = sheet[0].box
    assert max(right - left, bottom - top) == pytest.approx(500, abs=4)


def test_a_sketch_is_lines_on_paper_and_its_colour_image_has_the_same_lines(sheet):
    from products.draw import Draw
    from products.hand import STYLES, linework, sketch
    from products.marker import color_sheet, pick_palette
    from products.sheets import ROLES, over

    style = STYLES["fineliner"]
    drawn, again = sketch(sheet[:1], style, Draw(5)), sketch(sheet[:1], style, Draw(5))
    assert drawn.tobytes() == again.tobytes()
    assert np.median(drawn) == 255
    assert 0.01 < (drawn.min(2) < 128).mean() < 0.2
    palette = pick_palette(Draw(6))
    colored = color_sheet(sheet[:1], palette, style, Draw(5))
    _, ink = linework(sheet[:1], style, Draw(5).fork(2))
    assert drawn[ink > 0.9].mean() < 60
    assert colored[ink > 0.9].mean() < 110
    role, _ = over(sheet[:1])
    for name in ("main", "accent", "dark"):
        painted = np.median(colored[(role == ROLES.index(name)) & (ink < 0.05)], 0) / 255
        assert np.abs(painted - palette.colors[name]).max() < 0.4, name


def test_a_stroke_tapers_and_keeps_to_its_line():
    from products.draw import Draw
    from products.pencil import Tip, stroke

    layer = np.zeros((60, 400), np.float32)
    stroke(
        layer, np.stack([np.linspace(20, 380, 100), np.full(100, 30.0)], 1), Tip(8, 1.0, 0.8, 0.0), Draw(1)
    )
    width = (layer > 0.2).sum(0)
    assert width[150:250].mean() > 1.5 * width[22:32].mean()
    assert layer[:20].max() == layer[40:].max() == 0


def test_hatching_stays_in_its_mask():
    from products.draw import Draw
    from products.pencil import Tip, hatch

    layer, mask = np.zeros((200, 200), np.float32), np.zeros((200, 200), bool)
    mask[50:150, 60:140] = True
    hatch(layer, mask, 40, 8, Tip(2), Draw(1))
    assert layer[mask].mean() > 0.05
    assert layer[:40].max() == layer[160:].max() == layer[:, :48].max() == layer[:, 152:].max() == 0


def test_a_mask_of_a_few_pixels_is_not_hatched():
    from products.draw import Draw
    from products.pencil import Tip, hatch

    layer, mask = np.zeros((40, 40), np.float32), np.zeros((40, 40), bool)
    mask[1:3, 1:3] = True
    hatch(layer, mask, 40, 8, Tip(2), Draw(1))
    assert not layer.any()


def test_the_plan_has_pairs_to_test_with_families_that_training_has_not(tools):
    from build_products import plan

    sheets = plan()
    assert len({sheet.name for sheet in sheets}) == len(sheets) == 244
    train = {s.family for s in sheets if s.split == "train"}
    assert not train & {s.family for s in sheets if s.split == "test"}
    assert all(len(s.domains) == (1 if s.split == "train" else 2) for s in sheets)
    assert len({s.style for s in sheets}) >= 6


def test_masks_of_parts_have_the_values_that_metrics_know():
    from products.sheets import ROLES

    assert ROLES == manifest.ROLES
