"""Painting makes the losses smaller, picture by picture, the same way each time."""

import pytest
import torch

from sketch2color.style.losses import gram_matrix, relative_error
from sketch2color.style.optimise import Features, Objective, Weights, paint

WEIGHTS = Weights(content=0.3, style=1.0, variation=0.1)


@pytest.fixture(scope="session")
def features() -> Features:
    return Features("vgg19", bf16=False)


@pytest.fixture
def sketches() -> torch.Tensor:
    """A box and a bar, black on white, 2 × 3 × 32 × 48."""
    pictures = torch.ones(2, 3, 32, 48)
    pictures[0, :, 6:26, 10:38] = -1
    pictures[0, :, 8:24, 12:36] = 1
    pictures[1, :, 14:18, 4:44] = -1
    return pictures


@pytest.fixture
def references() -> torch.Tensor:
    """Red checks and blue stripes, 2 × 3 × 32 × 48."""
    pictures = torch.ones(2, 3, 32, 48)
    rows, columns = torch.arange(32)[:, None] // 4, torch.arange(48)[None] // 4
    pictures[0, 1:, (rows + columns) % 2 == 0] = -1
    pictures[1, :2, (rows + 0 * columns) % 2 == 0] = -1
    return pictures


def style_distance(features: Features, pictures: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
    found, wanted = features(pictures), features(references)
    errors = [relative_error(gram_matrix(found[k]), gram_matrix(wanted[k])) for k in features.style_layers]
    return torch.stack(errors).mean(0)


def test_style_comes_near_the_own_reference(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    weights = Weights(content=0.0, style=1.0, variation=0.0)
    pictures, losses = paint(features, sketches, references, [1, 2], weights, steps=30)
    assert pictures.shape == sketches.shape
    assert -1 <= float(pictures.min()) < float(pictures.max()) <= 1
    own = style_distance(features, pictures, references)
    torch.testing.assert_close(losses.style, own)
    assert (own < 0.8 * style_distance(features, sketches, references)).all()
    assert (own < 0.8 * style_distance(features, pictures, references.flip(0))).all()


def test_more_steps_give_a_smaller_loss(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    few, many = (
        paint(features, sketches, references, [1, 2], WEIGHTS, steps)[1].weighted(WEIGHTS)
        for steps in (4, 30)
    )
    assert (many < few).all()


def test_weights_weigh(features: Features, sketches: torch.Tensor, references: torch.Tensor) -> None:
    def losses(content: float, variation: float) -> tuple[float, float]:
        weights = Weights(content=content, style=1.0, variation=variation)
        found = paint(features, sketches, references, [1, 2], weights, steps=15)[1]
        return float(found.content.mean()), float(found.variation.mean())

    assert losses(5.0, 0.1)[0] < 0.7 * losses(0.05, 0.1)[0]
    assert losses(0.1, 10.0)[1] < 0.9 * losses(0.1, 0.0)[1]


def test_losses_of_a_batch_do_not_touch_each_other(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    pictures = (0.5 * sketches).requires_grad_()
    together = Objective(features, sketches, references)(pictures).weighted(WEIGHTS)
    (gradient,) = torch.autograd.grad(together[1], [pictures])
    assert gradient[0].abs().max() == 0
    alone = Objective(features, sketches[1:], references[1:])(pictures[1:]).weighted(WEIGHTS)
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=0)
    (own_gradient,) = torch.autograd.grad(alone.sum(), [pictures])
    torch.testing.assert_close(gradient, own_gradient, rtol=1e-3, atol=1e-6)


def test_a_batch_is_as_its_pictures_alone(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    together, _ = paint(features, sketches, references, [1, 2], WEIGHTS, steps=10)
    alone, _ = paint(features, sketches[1:], references[1:], [2], WEIGHTS, steps=10)
    other, _ = paint(features, sketches[1:], references[:1], [2], WEIGHTS, steps=10)
    # Adam's first steps go by a gradient's sign, which rounding decides where a gradient is next to nothing.
    rounding = (together[1:] - alone).abs().mean()
    assert rounding < 0.05 * (alone - other).abs().mean()


def test_same_seeds_same_bits_other_seeds_other_bits(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    first, again, other = (
        paint(features, sketches[:1], references[:1], [seed], WEIGHTS, steps=5)[0] for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_bf16_comes_close(features: Features, sketches: torch.Tensor, references: torch.Tensor) -> None:
    rough = Features("vgg19", bf16=True)
    exact_picture, exact = paint(features, sketches, references, [1, 2], WEIGHTS, steps=15)
    rough_picture, rounded = paint(rough, sketches, references, [1, 2], WEIGHTS, steps=15)
    assert not torch.equal(exact_picture, rough_picture)
    torch.testing.assert_close(rounded.weighted(WEIGHTS), exact.weighted(WEIGHTS), rtol=0.1, atol=0)


def test_pictures_beyond_finite_numbers_stay_apart(
    features: Features, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    broken = sketches.clone()
    broken[0, 0, 3, 5] = torch.nan
    pictures, losses = paint(features, broken, references, [1, 2], WEIGHTS, steps=3)
    assert losses.weighted(WEIGHTS).isfinite().tolist() == [False, True]
    assert pictures[1].isfinite().all()
