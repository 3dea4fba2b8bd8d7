import pytest
import torch

from sketch2color.cyclegan.diffaugment import diffaugment

NOTHING = [0.5, 0.5, 0.9999, 0.9999, 0.5, 0.5, 0.5, 0.5]
"""Draws that move nothing, cut at the far corner and leave colours as they are."""


def draws(**changed: float) -> torch.Tensor:
    names = ("down", "across", "cut_down", "cut_across", "brightness", "saturation", "contrast")
    return torch.tensor([[changed.get(name, NOTHING[place]) for place, name in enumerate(names)] + [0.5]])


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(2)) * 2 - 1


def test_none_changes_nothing(image):
    assert diffaugment(image, draws(down=0.1), "none") is image


def test_a_move_repeats_the_edge(image):
    moved = diffaugment(image, draws(down=0.0, across=0.9999), "shape")
    assert torch.equal(moved[..., 6:20, :20], image[..., 2:16, 6:26])
    assert torch.equal(moved[..., :5, :20], image[..., :1, 6:26].expand(-1, -1, 5, -1))


def test_a_square_is_cut_out(image):
    cut = diffaugment(image, draws(cut_down=0.5, cut_across=0.5), "shape")
    grey = (cut == 0).all(1)[0]
    assert grey.sum() == 16 * 24
    assert grey[8:24, 12:36].all()


def test_shape_leaves_colours_alone(image):
    colors = draws(brightness=0.1, saturation=0.1, contrast=0.9)
    assert torch.equal(diffaugment(image, colors, "shape"), diffaugment(image, draws(), "shape"))


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("brightness", lambda image: image.mean()),
        ("saturation", lambda image: (image - image.mean(1, keepdim=True)).std()),
        ("contrast", lambda image: image.std()),
    ],
)
def test_each_change_of_colour_grows_with_its_draw(image, name, measure):
    seen = [measure(diffaugment(image, draws(**{name: draw}), "shape+color")) for draw in (0.0, 0.5, 0.99)]
    assert seen[0] < seen[1] < seen[2]


def test_each_image_has_draws_of_its_own(image):
    both = diffaugment(image.expand(2, -1, -1, -1), torch.cat([draws(), draws(down=0.0)]), "shape+color")
    assert torch.equal(both[:1], diffaugment(image, draws(), "shape+color"))
    assert torch.equal(both[1:], diffaugment(image, draws(down=0.0), "shape+color"))


def test_gradients_reach_what_is_seen(image):
    image.requires_grad_()
    diffaugment(image, draws(), "shape").sum().backward()
    assert image.grad is not None
    assert (image.grad == 1).float().mean() > 0.7
