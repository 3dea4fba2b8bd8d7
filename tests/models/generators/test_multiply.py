import pytest
import torch

from sketch2color.models.generators.multiply import MultiplyGenerator, ScreenGenerator
from sketch2color.models.initialization import initialize
from sketch2color.models.palette import PALETTE, palette
from sketch2color.models.sketch_lines import max_channel

NO_PALETTE = torch.zeros(1, PALETTE)


def uniform(color: tuple[float, float, float], size: int = 64) -> torch.Tensor:
    return torch.tensor(color).reshape(1, 3, 1, 1).expand(1, 3, size, size)


@pytest.fixture
def random_image() -> torch.Tensor:
    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_multiplying_never_lightens_and_keeps_ink_black(random_image):
    sketch = random_image.clone()
    sketch[..., :8, :] = -1.0
    colored = MultiplyGenerator(8)(sketch, torch.rand(1, PALETTE))
    assert colored.shape == sketch.shape
    assert (colored <= max_channel(sketch) + 1e-6).all()
    assert (colored[..., :8, :] == -1).all()
    assert colored.min() >= -1


def test_screening_never_darkens_keeps_paper_white_and_is_grey(random_image):
    image = random_image.clone()
    image[..., :8, :] = 1.0
    drawn = ScreenGenerator(8)(image, NO_PALETTE)
    assert (drawn >= max_channel(image) - 1e-6).all()
    assert (drawn[..., :8, :] == 1).all()
    assert torch.equal(drawn[:, 0], drawn[:, 1])
    assert drawn.max() <= 1


def test_the_palette_decides_the_colours(random_image):
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    red, blue = palette(uniform((1, -1, -1))), palette(uniform((-1, -1, 1)))
    assert not torch.allclose(network(random_image, red), network(random_image, blue))


def test_each_point_of_the_layer_depends_on_the_whole_image():
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    ink = torch.rand(1, 1, 256, 256, requires_grad=True)
    network.predict(ink, torch.rand(1, PALETTE))[0, 0, 4, 4].backward()
    assert ink.grad is not None
    assert ink.grad[0, 0, -8:, -8:].abs().max() > 0


def test_colour_ends_at_a_line():
    """Whatever the network says, its layer is even on either side of a black line, and differs across it."""
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    ink = torch.ones(1, 1, 64, 64)
    ink[..., 31:33] = -1.0
    logits = torch.randn(1, 5, 64, 64, generator=torch.Generator().manual_seed(0))
    logits[:, 0, :, :32] += 6.0
    left, right = network.layer(logits, ink, torch.full((1, PALETTE), 0.3)).split((32, 32), dim=3)
    assert left[..., :31].max() < 0.6
    assert right[..., 1:].min() > 0.75


def test_an_untrained_generator_colours_lightly_in_the_main_colour():
    torch.manual_seed(0)
    network = MultiplyGenerator(8)
    initialize(network, torch.Generator().manual_seed(0))
    sheet = uniform((1.0, 1.0, 1.0)).clone()
    sheet[..., 20:24, 8:56] = -1.0
    colored = network(sheet, palette(uniform((1.0, -1.0, -1.0))))[0, :, 40, 40]
    assert colored[0] > colored[1:].max() > 0.5
