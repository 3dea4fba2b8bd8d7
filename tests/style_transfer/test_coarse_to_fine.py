"""Style transfer makes the losses smaller, image by image, the same way each time."""

import pytest
import torch

from sketch2color.style_transfer import coarse_to_fine
from sketch2color.style_transfer.coarse_to_fine import CoarseToFine, losses
from sketch2color.style_transfer.features import ContentAndStyle
from sketch2color.style_transfer.losses import Losses, Weights

pytestmark = pytest.mark.slow

WEIGHTS = Weights(content=0.3, style=1.0, variation=0.1)


def stylize(
    sketches: torch.Tensor,
    references: torch.Tensor,
    seeds: list[int],
    steps: int,
    weights: Weights = WEIGHTS,
    bf16: bool = False,
) -> tuple[torch.Tensor, Losses]:
    return CoarseToFine(weights, steps, bf16).stylize(sketches, references, seeds)


def test_losses_by_hand() -> None:
    def reading(content: float, *grams: float) -> ContentAndStyle:
        return ContentAndStyle(
            torch.full((1, 2, 3, 1), content), tuple(torch.full((1, 2, 2), gram) for gram in grams)
        )

    images = torch.tensor([[[[0.0, 1.0, 3.0], [5.0, 5.0, 5.0]]]])
    found = losses(reading(5.0, 3.0, 1.0), reading(2.0, 2.0, 4.0), images)
    torch.testing.assert_close(found.content, torch.tensor([9 / 4]))
    torch.testing.assert_close(found.style, torch.tensor([(1 / 4 + 9 / 16) / 2]))
    torch.testing.assert_close(found.variation, torch.tensor([(5 + 4 + 2) / 3 + (1 + 2 + 0 + 0) / 4]))


def test_style_comes_near_the_own_reference(sketches: torch.Tensor, references: torch.Tensor) -> None:
    weights = Weights(content=0.0, style=1.0, variation=0.0)
    images, found = stylize(sketches, references, [1, 2], 30, weights)
    assert images.shape == sketches.shape
    assert -1 <= float(images.min()) < float(images.max()) <= 1
    features = CoarseToFine(weights, 1, False)._features
    own, others = features.targets(sketches, references), features.targets(sketches, references.flip(0))
    style = losses(features(images), own, images).style
    torch.testing.assert_close(found.style, style)
    assert (style < 0.8 * losses(features(sketches), own, sketches).style).all()
    assert (style < 0.8 * losses(features(images), others, images).style).all()


def test_the_style_of_several_references_is_between_theirs(
    sketches: torch.Tensor, references: torch.Tensor
) -> None:
    weights = Weights(content=0.0, style=1.0, variation=0.0)

    def mean_color(chosen: torch.Tensor) -> torch.Tensor:
        return stylize(sketches[:1], chosen, [1], 30, weights)[0].mean((0, 2, 3))

    red, blue, both = mean_color(references[:1]), mean_color(references[1:]), mean_color(references)
    assert blue[0] < both[0] < red[0]
    assert red[2] < both[2] < blue[2]


def test_more_steps_give_a_smaller_loss(sketches: torch.Tensor, references: torch.Tensor) -> None:
    few, many = (stylize(sketches, references, [1, 2], steps)[1].weighted(WEIGHTS) for steps in (4, 30))
    assert (many < few).all()


def test_steps_are_taken_on_larger_and_larger_images(
    sketches: torch.Tensor, references: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recorded(objective: object, start: torch.Tensor, rates: list[float], **_: object) -> torch.Tensor:
        taken.append((tuple(start.shape[-2:]), len(rates)))
        assert rates == sorted(rates, reverse=True)
        return start

    taken: list[tuple[tuple[int, ...], int]] = []
    monkeypatch.setattr(coarse_to_fine, "descend", recorded)
    stylize(sketches, references, [1, 2], steps=20)
    assert taken == [((8, 12), 8), ((16, 24), 8), ((32, 48), 4)]


def test_weights_weigh(sketches: torch.Tensor, references: torch.Tensor) -> None:
    def final(content: float, variation: float) -> tuple[float, float]:
        weights = Weights(content=content, style=1.0, variation=variation)
        found = stylize(sketches, references, [1, 2], 15, weights)[1]
        return float(found.content.mean()), float(found.variation.mean())

    assert final(5.0, 0.1)[0] < 0.7 * final(0.05, 0.1)[0]
    assert final(0.1, 10.0)[1] < 0.9 * final(0.1, 0.0)[1]


def test_a_batch_is_as_its_images_alone(sketches: torch.Tensor, references: torch.Tensor) -> None:
    together, _ = stylize(sketches, references, [1, 2], steps=10)
    alone, _ = stylize(sketches[1:], references[1:], [2], steps=10)
    other, _ = stylize(sketches[1:], references[:1], [2], steps=10)
    # Adam's first steps go by a gradient's sign, which rounding decides where a gradient is next to nothing.
    rounding = (together[1:] - alone).abs().mean()
    assert rounding < 0.05 * (alone - other).abs().mean()


def test_same_seeds_same_bits_other_seeds_other_bits(
    sketches: torch.Tensor, references: torch.Tensor
) -> None:
    first, again, other = (stylize(sketches[:1], references[:1], [seed], steps=5)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_bf16_comes_close(sketches: torch.Tensor, references: torch.Tensor, with_bf16: None) -> None:
    exact_image, exact = stylize(sketches, references, [1, 2], steps=15)
    rough_image, rounded = stylize(sketches, references, [1, 2], steps=15, bf16=True)
    assert not torch.equal(exact_image, rough_image)
    torch.testing.assert_close(rounded.weighted(WEIGHTS), exact.weighted(WEIGHTS), rtol=0.1, atol=0)


def test_images_beyond_finite_numbers_stay_apart(sketches: torch.Tensor, references: torch.Tensor) -> None:
    broken = sketches.clone()
    broken[0, 0, 3, 5] = torch.nan
    images, found = stylize(broken, references, [1, 2], steps=3)
    assert found.weighted(WEIGHTS).isfinite().tolist() == [False, True]
    assert images[1].isfinite().all()
