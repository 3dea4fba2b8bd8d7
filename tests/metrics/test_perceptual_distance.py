import numpy as np
import pytest
import torch

from sketch2color.metrics import features
from sketch2color.metrics.perceptual_distance import LAYERS, extractor, perceptual_distance
from sketch2color.models.perceptual import VGG_SHA256


def distance(net, a, b):
    return perceptual_distance(features.activations(net, a), features.activations(net, b))


def test_it_is_the_sum_written_out():
    rng = torch.Generator().manual_seed(1)
    a, b = ({layer: torch.rand(1, 5, 3, 4, generator=rng) for layer in LAYERS} for _ in range(2))
    expected = 0.0
    for layer in LAYERS:
        x, y = (side[layer][0].double().numpy() for side in (a, b))
        for row in range(3):
            for column in range(4):
                u, v = x[:, row, column], y[:, row, column]
                expected += np.square(u / np.linalg.norm(u) - v / np.linalg.norm(v)).sum() / 12
    assert perceptual_distance(a, b) == pytest.approx(expected, rel=1e-4)
    assert perceptual_distance(a, b) == pytest.approx(perceptual_distance(b, a), rel=1e-6)


def test_the_more_a_image_changes_the_further_it_is(tiny_net, drawing):
    steps = [np.where(drawing.inside[..., None], drawing.color, 255), drawing.sketch, 255 - drawing.color]
    distances = [distance(tiny_net, step.astype(np.uint8), drawing.color) for step in [drawing.color, *steps]]
    assert distances[0] == 0
    assert all(found > 0 for found in distances[1:])
    assert distances[3] == max(distances)


def test_a_place_without_activation_is_no_number_too_many():
    nothing = {layer: torch.zeros(1, 2, 1, 1) for layer in LAYERS}
    something = {layer: torch.ones(1, 2, 1, 1) for layer in LAYERS}
    assert perceptual_distance(nothing, nothing) == 0
    assert perceptual_distance(nothing, something) == pytest.approx(len(LAYERS))


def test_the_offline_extractor_is_that_of_the_set_figures():
    net = extractor()
    assert net.fingerprint == f"vgg19-{VGG_SHA256[:8]}"
    assert features.label(net) == features.label(features.load("vgg19"))
