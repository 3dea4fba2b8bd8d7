import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.networks.generators import ResnetGenerator
from sketch2color.networks.initialization import initialize
from sketch2color.networks.multiply import (
    PALETTE,
    MultiplyGenerator,
    ScreenGenerator,
    brightest,
    evened,
    palette,
)


def count(network: torch.nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


def uniform(color: tuple[float, float, float], size: int = 64) -> torch.Tensor:
    return torch.tensor(color).reshape(1, 3, 1, 1).expand(1, 3, size, size)


@pytest.fixture
def random_picture() -> torch.Tensor:
    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_the_published_generator_has_its_published_size_and_cost():
    with torch.device("meta"):
        network, picture = ResnetGenerator(), torch.empty(1, 3, 256, 256)
        with FlopCounterMode(display=False) as flops:
            painted = network(picture)
    assert count(network) == 11_378_179
    assert painted.shape == picture.shape
    # The 56.8 GMAC of the literature count the zeros that transposed convolutions put between the pixels.
    assert round(flops.get_total_flops() / 2e9, 1) == 49.6


def test_a_resnet_keeps_shapes_and_range(random_picture):
    painted = ResnetGenerator(width=4, blocks=1)(random_picture)
    assert painted.shape == random_picture.shape
    assert painted.abs().max() <= 1


def test_initialization_is_normal_and_follows_the_generator():
    first, second = ResnetGenerator(16, 1), ResnetGenerator(16, 1)
    for network in (first, second):
        initialize(network, torch.Generator().manual_seed(5))
    weights = torch.cat([w.flatten() for name, w in first.named_parameters() if name.endswith("weight")])
    assert weights.std().item() == pytest.approx(0.02, rel=0.02)
    assert abs(weights.mean().item()) < 1e-4
    assert all(bias.abs().max() == 0 for name, bias in first.named_parameters() if name.endswith("bias"))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_multiplying_never_lightens_and_keeps_ink_black(random_picture):
    sketch = random_picture.clone()
    sketch[..., :8, :] = -1.0
    painted = MultiplyGenerator(8)(sketch, torch.rand(1, PALETTE))
    assert painted.shape == sketch.shape
    assert (painted <= brightest(sketch) + 1e-6).all()
    assert (painted[..., :8, :] == -1).all()
    assert painted.min() >= -1


def test_screening_never_darkens_keeps_paper_white_and_is_grey(random_picture):
    picture = random_picture.clone()
    picture[..., :8, :] = 1.0
    drawn = ScreenGenerator(8)(picture)
    assert (drawn >= brightest(picture) - 1e-6).all()
    assert (drawn[..., :8, :] == 1).all()
    assert torch.equal(drawn[:, 0], drawn[:, 1])
    assert drawn.max() <= 1


def test_the_palette_decides_the_colours(random_picture):
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    red, blue = palette(uniform((1, -1, -1))), palette(uniform((-1, -1, 1)))
    assert not torch.allclose(network(random_picture, red), network(random_picture, blue))


def test_each_point_of_the_layer_depends_on_the_whole_page():
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    ink = torch.rand(1, 1, 256, 256, requires_grad=True)
    network.layer(ink, torch.rand(1, PALETTE))[0, 0, 4, 4].backward()
    assert ink.grad is not None
    assert ink.grad[0, 0, -8:, -8:].abs().max() > 0


@pytest.mark.parametrize(("color", "hue"), [((1, -1, -1), 0), ((-1, 1, 1), 4)])
def test_a_pure_colour_is_one_hue_and_the_main_colour(color, hue):
    expected = torch.zeros(PALETTE)
    expected[hue] = 1.0
    expected[8:] = torch.tensor(color) > 0
    assert torch.allclose(palette(uniform(color))[0], expected, atol=1e-5)


def test_the_main_colour_is_that_of_the_largest_share():
    pictures = uniform((1.0, -1.0, -1.0)).repeat(2, 1, 1, 1)
    pictures[0, :, :40] = torch.tensor([-1.0, -1.0, 0.0])[
        :, None, None
    ]  # half-bright blue, on more than half
    pictures[1, :, :20] = torch.tensor([-1.0, -1.0, 0.0])[:, None, None]
    mains = palette(pictures)[:, 8:]
    assert torch.allclose(mains, torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), atol=1e-5)
    pictures[0, :, :50] = torch.tensor([-1.0, -1.0, 0.0])[:, None, None]
    assert torch.allclose(palette(pictures)[0, 8:], torch.tensor([0.0, 0.0, 0.5]), atol=1e-5)


def test_an_untrained_painter_paints_lightly_in_the_main_colour():
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    initialize(network, torch.Generator().manual_seed(0))
    sheet = uniform((1.0, 1.0, 1.0)).clone()
    sheet[..., 20:24, 8:56] = -1.0
    painted = network(sheet, palette(uniform((1.0, -1.0, -1.0))))[0, :, 40, 40]
    assert painted[0] > painted[1:].max() > 0.5


def test_a_palette_says_nothing_of_areas_of_paper_and_ink():
    picture = uniform((1.0, 1.0, 1.0)).clone()
    picture[:, :, :16] = torch.tensor([0.2, -0.6, 0.8]).reshape(1, 3, 1, 1)
    expected = palette(uniform((0.2, -0.6, 0.8)))
    assert torch.allclose(palette(picture), expected, atol=1e-5)
    picture[:, :, 40:] = -1.0
    assert torch.allclose(palette(picture), expected, atol=1e-5)


def test_a_grey_picture_has_no_hues_and_mid_grey():
    found = palette(uniform((0.1, 0.1, 0.1)))[0]
    assert found[:8].abs().max() == 0
    assert torch.equal(found[8:], torch.full((3,), 0.5))


def test_even_ground_becomes_white_and_lines_stay():
    picture = uniform((0.0, 0.0, 0.0))[:, :1].clone()  # mid grey
    picture[..., 32:, :] = 1.0
    picture[..., 10:13] = -1.0
    drawn = evened(picture)
    expected = torch.ones_like(picture)
    expected[..., 10:13] = -1.0
    assert torch.allclose(drawn, expected, atol=1e-5)


def test_dark_areas_wider_than_the_fold_are_ground():
    picture = uniform((1.0, 1.0, 1.0))[:, :1].clone()
    picture[..., 20:44, 20:44] = -0.5
    assert evened(picture)[..., 32, 32].item() == pytest.approx(1.0)
    assert evened(picture, fold=31)[..., 32, 32].item() == pytest.approx(-0.5)
