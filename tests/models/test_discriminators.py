import pytest
import torch

from sketch2color.models.discriminators import PatchDiscriminator
from sketch2color.models.initialization import initialize


def test_the_published_discriminator_has_its_published_size():
    with torch.device("meta"):
        discriminator = PatchDiscriminator()
    assert sum(weights.numel() for weights in discriminator.parameters()) == 2_764_737


def test_it_scores_patches():
    assert PatchDiscriminator(4)(torch.zeros(2, 3, 256, 128)).shape == (2, 1, 30, 14)


@pytest.mark.parametrize("shrink", [1, 2])
def test_a_score_sees_70_pixels_of_what_it_looks_at(shrink):
    discriminator = PatchDiscriminator(4, shrink)
    for layer in discriminator:
        if isinstance(layer, torch.nn.InstanceNorm2d):
            layer.forward = lambda features: features  # its mean would see the whole image
    image = torch.rand(1, 3, 256, 256, requires_grad=True)
    discriminator(image)[0, 0, 15 // shrink, 15 // shrink].backward()
    assert image.grad is not None
    seen = image.grad.abs().sum((0, 1)) > 0
    assert (int(seen.any(0).sum()), int(seen.any(1).sum())) == (70 * shrink, 70 * shrink)


def test_spectral_norms_bound_the_slope_of_each_convolution():
    discriminator = PatchDiscriminator(8, spectral=True)
    initialize(discriminator, torch.Generator().manual_seed(0))
    for _ in range(60):  # each call comes nearer to the largest singular value
        discriminator(torch.zeros(1, 3, 64, 64))
    for layer in discriminator.eval():
        if isinstance(layer, torch.nn.Conv2d):
            assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, rel=0.02)
        assert not isinstance(layer, torch.nn.InstanceNorm2d)
