import numpy as np
import pytest
import torch

from sketch2color.colorize.colorizer import Colorizer
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.resnet import ResnetGenerator
from sketch2color.models.palette import PALETTE


def colorizer(kind: str = "multiply") -> Colorizer:
    torch.manual_seed(0)
    network = MultiplyGenerator(8) if kind == "multiply" else ResnetGenerator(8)
    palettes = torch.rand(5, PALETTE, generator=torch.Generator().manual_seed(3))
    return Colorizer(network.eval(), palettes, 64)


def sketch(height: int, width: int) -> np.ndarray:
    image = np.full((height, width, 3), 255, np.uint8)
    image[height // 4 : height // 2, width // 4] = 0
    image[height // 4, width // 4 : width // 2] = 0
    return image


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
@pytest.mark.parametrize("size", [(64, 64), (200, 90), (24, 25), (1, 1), (3, 500), (4096, 1)])
def test_an_image_of_any_form_comes_back_in_its_size(kind, size):
    colored = colorizer(kind).colorize(sketch(*size))
    assert colored.shape == (*size, 3)
    assert colored.dtype == np.uint8


def test_the_full_resolution_ink_is_kept():
    drawn = sketch(400, 300)
    colored = colorizer().colorize(drawn)
    assert (colored[drawn.max(2) == 0] == 0).all()
    assert (colored <= drawn).all()


def test_grey_paper_is_seen_as_white():
    white = sketch(64, 64)
    trained = colorizer()
    grey = (white.astype(float) * 0.8).round().astype(np.uint8)
    seen = []
    trained.network.unet.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    trained.colorize(white)
    trained.colorize(grey)
    assert torch.allclose(seen[0], seen[1], atol=0.02)


def test_sketches_differ_in_palette_and_one_sketch_does_not():
    trained = colorizer()
    used = []
    trained.network.unet.register_forward_pre_hook(lambda _, inputs: used.append(inputs[1]))
    for width in (64, 60, 56, 52, 48, 44, 64):
        trained.colorize(sketch(64, width))
    assert torch.equal(used[0], used[-1])
    assert len({tuple(colors.flatten().tolist()) for colors in used}) > 2


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
@pytest.mark.parametrize("grain", [0, 4])
def test_an_image_without_a_line_comes_back_as_it_is(kind, grain):
    noise = np.random.default_rng(0).integers(-grain, grain + 1, (80, 60, 3))
    page = (245 + noise).astype(np.uint8)
    assert np.array_equal(colorizer(kind).colorize(page), page)


def test_colour_ends_at_the_line_in_the_resolution_of_the_image():
    """Four times as fine as the network sees: no soft edge is left beside a line."""
    page = np.full((256, 256, 3), 255, np.uint8)
    page[:, 126:130] = 0
    page[::16, 20:60] = 0
    small = colorizer()
    with torch.no_grad():
        small.network.unet.head.weight.mul_(30)
    colored = small.colorize(page).astype(int)
    sides = colored[8::16, 110:124], colored[8::16, 132:146]
    assert abs(sides[0].mean() - sides[1].mean()) > 3
    assert all(np.ptp(side, axis=1).max() <= 3 for side in sides)
