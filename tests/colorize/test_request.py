import numpy as np
import pytest

from sketch2color.colorize.request import Request, parse_palette, stroke_colors, to_hex
from sketch2color.errors import UserError


def strokes(height: int = 40, width: int = 60) -> np.ndarray:
    return np.zeros((height, width, 4), np.uint8)


def test_colours_are_names_or_hex():
    assert parse_palette("blue, #ff8000,Dark Grey") == ((0, 0, 255), (255, 128, 0), (169, 169, 169))
    assert parse_palette("Off-White,warm gray") == ((255, 255, 228), (151, 138, 132))
    assert to_hex((255, 128, 0)) == "#ff8000"


@pytest.mark.parametrize("text", ["blau", "#12", "blue;red", "url(x)", "x" * 5000, "", "a,,b", "red, ", ","])
def test_an_unknown_or_missing_colour_is_named_and_bounded(text):
    with pytest.raises(UserError, match=r"is no colour|has an empty entry") as refused:
        parse_palette(text)
    assert len(str(refused.value)) < 200


def test_a_palette_is_bounded():
    with pytest.raises(UserError, match="at most 6 colours"):
        parse_palette(",".join(["red"] * 40))
    with pytest.raises(UserError, match="at most 6 colours"):
        Request(((0, 0, 0),) * 7)


def test_a_variant_is_not_negative():
    with pytest.raises(UserError, match="from 0"):
        Request(variant=-1)


def test_strokes_are_rgba_and_have_the_size_of_the_sketch():
    with pytest.raises(UserError, match="RGBA"):
        Request(fill=np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(UserError, match="60 × 40 pixels and the sketch 50 × 40"):
        Request(paint=strokes()).check_size(np.zeros((40, 50, 3), np.uint8))


def test_strokes_are_told_apart_by_colour_and_soft_edges_are_not_colours():
    drawn = strokes()
    drawn[5:15, 5:50] = 255, 0, 0, 255
    drawn[20:30, 5:50] = 0, 0, 255, 255
    drawn[15, 5:50] = 255, 0, 0, 90
    drawn[17, 17] = 127, 0, 127, 255
    found = dict(stroke_colors(drawn))
    assert {color: int(mask.sum()) for color, mask in found.items()} == {(255, 0, 0): 450, (0, 0, 255): 450}


def test_a_click_counts_beside_a_broad_stroke():
    drawn = np.zeros((120, 120, 4), np.uint8)
    drawn[:100, :100] = 255, 0, 0, 255
    drawn[110, 110] = 0, 0, 255, 255
    assert [int(mask.sum()) for _, mask in stroke_colors(drawn)] == [1, 10_000]


def test_premultiplied_soft_edges_are_not_colours():
    drawn = strokes()
    drawn[5:15, 5:50] = 200, 0, 0, 255
    drawn[4, 5:50] = 100, 0, 0, 127
    assert [color for color, _ in stroke_colors(drawn)] == [(200, 0, 0)]


def test_no_stroke_is_no_colour():
    assert stroke_colors(strokes()) == []


@pytest.mark.parametrize("kind", ["fill", "paint"])
@pytest.mark.parametrize("alpha", [255, 128])
def test_strokes_over_everything_are_refused(kind, alpha):
    drawn = strokes()
    drawn[..., 3] = alpha
    with pytest.raises(UserError, match=f"{kind} strokes cover the whole sketch"):
        Request(**{kind: drawn})


def soft_strokes(*colors: tuple[int, int, int], core: bool = True) -> np.ndarray:
    """Strokes that fade to the right, one above the other."""
    drawn = strokes()
    for row, color in enumerate(colors):
        drawn[12 * row + 2 : 12 * row + 10, 5:50, :3] = color
        drawn[12 * row + 2 : 12 * row + 10, 5:50, 3] = np.linspace(255 if core else 220, 5, 45)
    return drawn


def premultiply(drawn: np.ndarray) -> np.ndarray:
    drawn[..., :3] = np.rint(drawn[..., :3] * (drawn[..., 3:] / 255.0))
    return drawn


@pytest.mark.parametrize("core", [True, False])
@pytest.mark.parametrize("colors", [[(255, 0, 0)], [(90, 60, 200), (30, 200, 30)], [(255, 255, 255)]])
def test_colours_that_were_multiplied_by_alpha_are_told(colors, core):
    drawn = soft_strokes(*(colors if core else colors[:1]), core=core)
    assert Request(fill=drawn).fill is drawn
    with pytest.raises(UserError, match="paint strokes have colours multiplied by alpha"):
        Request(paint=premultiply(drawn))


@pytest.mark.parametrize("color", [(0, 0, 0), (9, 5, 7)])
def test_black_strokes_are_the_same_either_way(color):
    Request(fill=premultiply(soft_strokes(color)))


def test_an_even_wash_may_be_of_any_colour():
    drawn = strokes()
    drawn[5:20, 5:20] = 128, 0, 0, 128
    Request(fill=drawn)


def test_a_photo_is_no_stroke():
    drawn = strokes()
    drawn[1:, :, 3] = 255
    drawn[..., :3] = np.random.default_rng(0).integers(0, 256, (40, 60, 3))
    with pytest.raises(UserError, match="more than 64 colours"):
        stroke_colors(drawn)
