"""What is read from images, and what is aimed at with several references."""

import pytest
import torch

from sketch2color.models.perceptual import extractor
from sketch2color.style_transfer.features import Features
from sketch2color.style_transfer.losses import gram_matrix


def features(margin: int = 0, bf16: bool = False) -> Features:
    return Features(
        "vgg19",
        content_layer="relu2_1",
        style_layers=("relu1_1", "relu2_1"),
        pooling="average",
        margin=margin,
        bf16=bf16,
    )


def test_content_and_style_come_from_their_layers(sketches: torch.Tensor) -> None:
    found = features()(sketches)
    activations = extractor("vgg19", ["relu1_1", "relu2_1"], "average")(sketches)
    torch.testing.assert_close(found.content, activations["relu2_1"], rtol=1e-4, atol=1e-2)
    for gram, layer in zip(found.grams, ("relu1_1", "relu2_1"), strict=True):
        torch.testing.assert_close(gram, gram_matrix(activations[layer]), rtol=1e-3, atol=1.0)


def test_a_margin_keeps_the_networks_zeros_out_of_the_image() -> None:
    flat = torch.full((1, 3, 16, 16), 0.3)
    assert features(margin=4)(flat).content[..., 2:-2, 2:-2].std((2, 3)).max() < 1e-3
    assert features(margin=0)(flat).content.std((2, 3)).max() > 1


def test_style_of_several_references_is_the_mean_of_theirs(
    sketches: torch.Tensor, references: torch.Tensor
) -> None:
    net = features()
    both = net.targets(sketches[:1], references)
    first, second = net(references[:1]), net(references[1:])
    torch.testing.assert_close(both.content, net(sketches[:1]).content)
    for mean, one, other in zip(both.grams, first.grams, second.grams, strict=True):
        assert mean.shape == one.shape
        torch.testing.assert_close(mean, (one + other) / 2)


def test_each_sketch_aims_at_its_own_references(sketches: torch.Tensor, references: torch.Tensor) -> None:
    net = features()
    twos = net.targets(sketches, torch.cat([references[:1], references[:1], references[1:], references[1:]]))
    ones = net.targets(sketches, references)
    for of_twos, of_ones in zip(twos.grams, ones.grams, strict=True):
        torch.testing.assert_close(of_twos, of_ones)


def test_targets_ask_for_no_gradient(sketches: torch.Tensor, references: torch.Tensor) -> None:
    target = features().targets(sketches.requires_grad_(), references)
    assert not target.content.requires_grad
    assert not any(gram.requires_grad for gram in target.grams)


def test_bf16_reads_nearly_the_same_in_float32(sketches: torch.Tensor, with_bf16: None) -> None:
    exact, rough = features()(sketches), features(bf16=True)(sketches)
    assert rough.content.dtype == torch.float32
    assert not torch.equal(exact.content, rough.content)
    assert (rough.content - exact.content).norm() < 0.02 * exact.content.norm()


def test_layers_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="relu9_1"):
        Features("vgg19", content_layer="relu9_1", style_layers=(), pooling="max", margin=0, bf16=False)
