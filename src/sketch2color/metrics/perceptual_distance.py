"""How different a result and its paired image look to a network that knows photographs."""

from collections.abc import Mapping

import torch
from torch import Tensor

from sketch2color.models import perceptual
from sketch2color.models.perceptual import VGG_SHA256, PerceptualNet

LAYERS = ("relu1_2", "relu2_2", "relu3_4", "relu4_1")
"""Of VGG-19: from texture to parts of things; nothing deeper than what the set figures need anyway."""
KEY_PERCEPTUAL_DISTANCE = f"perceptual_distance_vgg19-{VGG_SHA256[:8]}"


def extractor() -> PerceptualNet:
    """Return VGG-19 with ``LAYERS``.

    Raises:
        UserError: its weights are missing.
    """
    return perceptual.extractor("vgg19", LAYERS).to(memory_format=torch.channels_last)


def perceptual_distance(seen: Mapping[str, Tensor], truth: Mapping[str, Tensor]) -> float:
    """Return the distance of two images by what VGG-19 sees in them, place by place.

    Zhang et al. 2018, "The unreasonable effectiveness of deep features as a perceptual metric" (LPIPS),
    equation 1 with all weights 1, which they found to follow people's judgement nearly as well as weights
    fitted to it: activations are scaled to unit length over channels, their squared differences are summed
    over channels, averaged over places, and added up over ``LAYERS``.

    Args:
        seen: each layer's activations of the result, 1 × C × h × w.
        truth: those of its paired image, of the same size.

    Returns:
        0 (the same to the network) to 2 for each layer, lower is better.

    >>> a = {layer: torch.tensor([3.0, 0.0]).reshape(1, 2, 1, 1) for layer in LAYERS}
    >>> b = {layer: torch.tensor([0.0, 0.5]).reshape(1, 2, 1, 1) for layer in LAYERS}
    >>> perceptual_distance(a, a), perceptual_distance(a, b)
    (0.0, 8.0)
    """
    return sum(float((_unit(seen[x]) - _unit(truth[x])).square().sum(1).mean()) for x in LAYERS)


def _unit(activations: Tensor) -> Tensor:
    return activations / activations.square().sum(1, keepdim=True).sqrt().clamp_min(1e-10)
