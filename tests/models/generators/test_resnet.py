import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.models.generators.resnet import ResnetGenerator
from sketch2color.models.initialization import initialize
from sketch2color.models.palette import PALETTE


def test_the_published_generator_has_its_published_size_and_cost():
    with torch.device("meta"):
        network, image = ResnetGenerator(), torch.empty(1, 3, 256, 256)
        with FlopCounterMode(display=False) as flops:
            colored = network(image, torch.empty(1, PALETTE))
    assert sum(weights.numel() for weights in network.parameters()) == 11_378_179
    assert colored.shape == image.shape
    # The 56.8 GMAC of the literature count the zeros that transposed convolutions put between pixels; here
    # the last layer calculates with 0.2 GMAC of zeros of its own.
    assert round(flops.get_total_flops() / 2e9, 1) == 49.7


def test_shapes_and_range_are_kept():
    image = torch.rand(1, 3, 64, 96) * 2 - 1
    colored = ResnetGenerator(4, 1)(image, torch.zeros(1, PALETTE))
    assert colored.shape == image.shape
    assert colored.abs().max() <= 1


def test_initialization_is_normal_and_follows_the_generator():
    first, second = ResnetGenerator(16, 1), ResnetGenerator(16, 1)
    for network in (first, second):
        initialize(network, torch.Generator().manual_seed(5))
    weights = torch.cat([w.flatten() for name, w in first.named_parameters() if name.endswith("weight")])
    assert weights.std().item() == pytest.approx(0.02, rel=0.02)
    assert abs(weights.mean().item()) < 1e-4
    assert all(bias.abs().max() == 0 for name, bias in first.named_parameters() if name.endswith("bias"))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
