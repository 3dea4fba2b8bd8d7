import numpy as np
import pytest
import torch

from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Request
from sketch2color.errors import UserError
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.resnet import ResnetGenerator
from sketch2color.models.palette import PALETTE

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
BODY, GRIP, PAPER = np.s_[20:60, 20:60], np.s_[20:60, 64:76], np.s_[70:, :]


@pytest.fixture
def analysis():
    """A sheet of 80 × 80 with a shaded body, a darker grip, and blank paper."""
    image = np.full((80, 80, 3), 255, np.uint8)
    parts = np.full((80, 80), 1, np.int32)
    layer = np.ones((80, 80, 3), np.float32)
    parts[BODY], parts[GRIP] = 2, 3
    layer[BODY], layer[GRIP] = (0.6, 0.8, 0.7), (0.3, 0.3, 0.4)
    layer[20:30, 20:60] *= 0.5  # shade
    layer[50:60, 20:60] = 1.0  # a highlight is left white
    return Analysis(image, layer, parts)


def result(analysis, **request):
    return composite(analysis.layers(Request(**request)))


def test_parts_have_the_colour_of_most_of_what_is_painted(analysis):
    assert np.allclose(analysis.flats[2], (0.6, 0.8, 0.7))
    assert analysis.areas[2] == 30 * 40
    assert analysis.areas[1] == 0
    assert (analysis.flats[1] == 1).all()


def test_a_palette_replaces_the_colours_and_keeps_shade_light_and_paper(analysis):
    colored = result(analysis, palette=(RED, BLUE))
    assert (colored[35:45, 25:55] == RED).all()
    assert (colored[30:50, 66:74] == BLUE).all()
    assert (np.abs(colored[22:28, 25:55].astype(int) - (127, 0, 0)) <= 1).all()
    assert (colored[52:58, 25:55] == WHITE).all()
    assert (colored[PAPER] == WHITE).all()


def test_without_a_request_layers_are_what_the_network_painted(analysis):
    assert np.abs(result(analysis) / 255.0 - analysis.layer).max() <= 1 / 255


@pytest.mark.parametrize("palette", [(), (RED, BLUE)])
def test_bands_of_rows_look_as_all_layers(analysis, monkeypatch, palette):
    paint = np.zeros((80, 80, 4), np.uint8)
    paint[5:9] = 0, 128, 0, 255
    request = Request(palette, paint=paint)
    expected = result(analysis, palette=palette, paint=paint)
    monkeypatch.setattr("sketch2color.colorize.analysis.LARGE", 1)
    monkeypatch.setattr("sketch2color.imaging.pixels.LARGE", 1)
    monkeypatch.setattr("sketch2color.imaging.pixels._BAND", 80 * 7)
    rows, parts = zip(*((rows, composite(layers)) for rows, layers in analysis.bands(request)), strict=True)
    assert [each.stop - each.start for each in rows] == [7] * 11 + [3]
    assert np.array_equal(np.concatenate(parts), expected)


def test_the_flat_colour_is_exact(analysis):
    (flat,) = [layer for layer in analysis.layers(Request(((12, 34, 56),))) if "#0c2238" in layer.name]
    assert (flat.pixels[25:55, 25:55] == (12, 34, 56, 255)).all()
    assert (flat.pixels[PAPER] == 0).all()


def strokes(color, *where):
    drawn = np.zeros((80, 80, 4), np.uint8)
    for place in where:
        drawn[place] = (*color, 255)
    return drawn


def test_a_fill_stroke_colours_its_part_and_no_other(analysis):
    plain, colored = result(analysis), result(analysis, fill=strokes(RED, np.s_[40, 66:70]))
    assert np.abs(colored[30:50, 66:74].astype(int) - RED).max() <= 1
    outside = np.ones((80, 80), bool)
    outside[18:62, 62:78] = False
    assert np.abs(colored[outside].astype(int) - plain[outside]).max() <= 1


def test_a_fill_stroke_colours_a_part_that_the_network_left_white(analysis):
    colored = result(analysis, palette=(BLUE,), fill=strokes(RED, np.s_[72:76, 5:40]))
    assert (colored[PAPER] == RED).all()


@pytest.mark.parametrize(("rows", "left"), [(40, 55), (32, 175), (20, 55)])
def test_a_stroke_is_flatter_the_less_the_network_painted_of_its_part(analysis, rows, left):
    analysis.layer[BODY] = (0.6, 0.8, 0.7)
    analysis.layer[20 + rows : 60, 20:60] = 1.0
    analysis = Analysis(analysis.image, analysis.layer, analysis.parts)
    colored = result(analysis, fill=strokes((55, 55, 55), np.s_[25, 30:50]))
    assert (colored[22:38, 25:55] == 55).all()
    assert np.abs(colored[58, 25:55].astype(int) - left).max() <= 1


def test_a_white_stroke_keeps_paper(analysis):
    assert (result(analysis, fill=strokes(WHITE, np.s_[40, 30:50]))[25:55, 25:55] == WHITE).all()


def test_two_strokes_share_a_part(analysis):
    fill = strokes(RED, np.s_[25:55, 24:26]) + strokes(BLUE, np.s_[25:55, 54:56])
    colored = result(analysis, fill=fill)
    assert (colored[40, 30] == RED).all()
    assert (colored[40, 50] == BLUE).all()


def test_a_part_that_a_stroke_grazes_is_not_asked_for(analysis):
    colored = result(analysis, palette=(BLUE,), fill=strokes(RED, np.s_[40:42, 25:61]))
    assert (colored[40, 40] == RED).all()
    assert (colored[75, 40] == WHITE).all()


def test_paint_is_exact_to_the_pixel_and_takes_the_shade(analysis):
    stripe = strokes(RED, np.s_[22:58, 40], np.s_[75, 10:20])
    plain, colored = result(analysis, palette=(BLUE,)), result(analysis, palette=(BLUE,), paint=stripe)
    asked = stripe[..., 3] > 0
    assert (colored[~asked] == plain[~asked]).all()
    assert (colored[32:58, 40] == RED).all()
    assert (colored[75, 10:20] == RED).all()
    assert 120 <= colored[24, 40, 0] <= 135


def test_variants_differ(analysis):
    one, two = (result(analysis, palette=(RED, BLUE), variant=number) for number in (0, 1))
    assert (two[35:45, 25:55] == BLUE).all()
    assert (one != two).any()


def trained(network):
    torch.manual_seed(0)
    return Colorizer(network.eval(), torch.rand(5, PALETTE), 64)


@pytest.mark.parametrize("size", [(64, 64), (200, 90), (1, 1), (3, 300), (300, 260)])
def test_a_sketch_of_any_form_has_layers_of_its_size(size):
    image = np.full((*size, 3), 255, np.uint8)
    image[size[0] // 3, :] = 0
    layers = Analysis.of(image, trained(MultiplyGenerator(8))).layers(Request((RED, BLUE)))
    assert {layer.pixels.shape[:2] for layer in layers} == {size}
    assert composite(layers).shape == (*size, 3)


def test_a_generator_without_a_layer_is_refused():
    with pytest.raises(UserError, match="paints pixels"):
        Analysis.of(np.zeros((64, 64, 3), np.uint8), trained(ResnetGenerator(8)))
