import pytest
import torch

from sketch2color.models.discriminators import PatchDiscriminator


def test_the_published_discriminator_has_its_published_size():
    with torch.device("meta"):
        discriminator = PatchDiscriminator()
    assert sum(weights.numel() for weights in discriminator.parameters()) == 2_764_737


def test_it_scores_patches():
    assert PatchDiscriminator(4)(torch.zeros(2, 3, 256, 128)).shape == (2, 1, 30, 14)


@pytest.mark.parametrize("shrink", [1, 2])
def test_a_score_depends_on_70_pixels_of_what_it_reads(shrink):
    discriminator = PatchDiscriminator(4, shrink)
    for layer in discriminator:
        if isinstance(layer, torch.nn.InstanceNorm2d):
            layer.forward = lambda features: features  # its mean would see the whole image
    image = torch.rand(1, 3, 256, 256, requires_grad=True)
    discriminator(image)[0, 0, 15 // shrink, 15 // shrink].backward()
    assert image.grad is not None
    seen = image.grad.abs().sum((0, 1)) > 0
    assert (int(seen.any(0).sum()), int(seen.any(1).sum())) == (70 * shrink, 70 * shrink)
