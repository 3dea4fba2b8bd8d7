import pytest
import torch

from sketch2color.models.palette import PALETTE, palette


def uniform(color: tuple[float, float, float], size: int = 64) -> torch.Tensor:
    return torch.tensor(color).reshape(1, 3, 1, 1).expand(1, 3, size, size)


@pytest.mark.parametrize(("color", "hue"), [((1, -1, -1), 0), ((-1, 1, 1), 4)])
def test_a_pure_colour_is_one_hue_and_the_main_colour(color, hue):
    expected = torch.zeros(PALETTE)
    expected[hue] = 1.0
    expected[8:] = torch.tensor(color) > 0
    assert torch.allclose(palette(uniform(color))[0], expected, atol=1e-5)


def test_the_main_colour_is_that_of_the_largest_share():
    images = uniform((1.0, -1.0, -1.0)).repeat(2, 1, 1, 1)
    images[0, :, :40] = torch.tensor([-1.0, -1.0, 0.0])[:, None, None]  # half-bright blue, on more than half
    images[1, :, :20] = torch.tensor([-1.0, -1.0, 0.0])[:, None, None]
    mains = palette(images)[:, 8:]
    assert torch.allclose(mains, torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), atol=1e-5)
    images[0, :, :50] = torch.tensor([-1.0, -1.0, 0.0])[:, None, None]
    assert torch.allclose(palette(images)[0, 8:], torch.tensor([0.0, 0.0, 0.5]), atol=1e-5)


def test_a_palette_says_nothing_of_areas_of_paper_and_ink():
    image = uniform((1.0, 1.0, 1.0)).clone()
    image[:, :, :16] = torch.tensor([0.2, -0.6, 0.8]).reshape(1, 3, 1, 1)
    expected = palette(uniform((0.2, -0.6, 0.8)))
    assert torch.allclose(palette(image), expected, atol=1e-5)
    image[:, :, 40:] = -1.0
    assert torch.allclose(palette(image), expected, atol=1e-5)


def test_a_grey_image_has_no_hues_and_mid_grey():
    found = palette(uniform((0.1, 0.1, 0.1)))[0]
    assert found[:8].abs().max() == 0
    assert torch.equal(found[8:], torch.full((3,), 0.5))
