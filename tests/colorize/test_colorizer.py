import json

import numpy as np
import pytest
import torch

from sketch2color.colorize.colorizer import CONFIG, WEIGHTS, Painter, load_generator, paint, save_generator
from sketch2color.errors import UserError
from sketch2color.models.generators import ResnetGenerator
from sketch2color.models.multiply import MultiplyGenerator
from sketch2color.models.palette import PALETTE


def painter(kind: str = "multiply") -> Painter:
    torch.manual_seed(0)
    network = MultiplyGenerator(8) if kind == "multiply" else ResnetGenerator(8)
    palettes = torch.rand(5, PALETTE, generator=torch.Generator().manual_seed(3))
    return Painter(network.eval(), palettes, 64)


def sketch(height: int, width: int) -> np.ndarray:
    image = np.full((height, width, 3), 255, np.uint8)
    image[height // 4 : height // 2, width // 4] = 0
    image[height // 4, width // 4 : width // 2] = 0
    return image


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
def test_what_was_saved_paints_the_same(tmp_path, kind):
    original = painter(kind)
    save_generator(tmp_path, original, kind, 8)
    assert np.array_equal(paint(load_generator(tmp_path), sketch(64, 64)), paint(original, sketch(64, 64)))


def test_equal_weights_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        save_generator(tmp_path / name, painter(), "multiply", 8)
    for file in (CONFIG, WEIGHTS):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
@pytest.mark.parametrize("size", [(64, 64), (200, 90), (1, 1), (3, 500)])
def test_a_image_of_any_form_comes_back_in_its_size(kind, size):
    painted = paint(painter(kind), sketch(*size))
    assert painted.shape == (*size, 3)
    assert painted.dtype == np.uint8


def test_the_full_resolution_ink_is_kept():
    drawn = sketch(400, 300)
    painted = paint(painter(), drawn)
    assert (painted[drawn.max(2) == 0] == 0).all()
    assert (painted <= drawn).all()


def test_grey_paper_is_seen_as_white():
    white = sketch(64, 64)
    network = painter()
    grey = (white.astype(float) * 0.8).round().astype(np.uint8)
    seen = []
    network.network.register_forward_pre_hook(lambda *_: None)
    network.network.unet.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    paint(network, white)
    paint(network, grey)
    assert torch.allclose(seen[0], seen[1], atol=0.02)


def test_sketches_differ_in_palette_and_one_sketch_does_not():
    network = painter()
    used = []
    network.network.unet.register_forward_pre_hook(lambda _, inputs: used.append(inputs[1]))
    for width in (64, 60, 56, 52, 48, 44, 64):
        paint(network, sketch(64, width))
    assert torch.equal(used[0], used[-1])
    assert len({tuple(colors.flatten().tolist()) for colors in used}) > 2


def test_a_missing_model_is_said(tmp_path):
    with pytest.raises(UserError, match="holds no trained model"):
        load_generator(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "config",
    [
        "no json",
        '{"generator": "other", "width": 8, "size": 64}',
        '{"generator": "multiply", "width": 16, "size": 64}',
    ],
)
def test_a_wrong_model_is_said(tmp_path, config):
    save_generator(tmp_path, painter(), "multiply", 8)
    (tmp_path / CONFIG).write_text(config)
    with pytest.raises(UserError, match="no model that this version can read"):
        load_generator(tmp_path)


def test_damaged_weights_are_said(tmp_path):
    save_generator(tmp_path, painter(), "multiply", 8)
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:1000])
    with pytest.raises(UserError, match="no model that this version can read"):
        load_generator(tmp_path)


def test_the_configuration_says_what_was_built(tmp_path):
    save_generator(tmp_path, painter(), "multiply", 8)
    assert json.loads((tmp_path / CONFIG).read_text()) == {"generator": "multiply", "width": 8, "size": 64}


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
@pytest.mark.parametrize("grain", [0, 4])
def test_a_page_without_a_line_comes_back_as_it_is(kind, grain):
    noise = np.random.default_rng(0).integers(-grain, grain + 1, (80, 60, 3))
    page = (245 + noise).astype(np.uint8)
    assert np.array_equal(paint(painter(kind), page), page)


def test_colour_ends_at_the_line_in_the_resolution_of_the_image():
    """Four times as fine as the network sees: no soft edge is left beside a line."""
    page = np.full((256, 256, 3), 255, np.uint8)
    page[:, 126:130] = 0
    page[::16, 20:60] = 0
    small = painter()
    with torch.no_grad():
        small.network.unet.head.weight.mul_(30)
    painted = paint(small, page).astype(int)
    sides = painted[8::16, 110:124], painted[8::16, 132:146]
    assert abs(sides[0].mean() - sides[1].mean()) > 3
    assert all(np.ptp(side, axis=1).max() <= 3 for side in sides)
