"""How different a result and its paired image are in the features of VGG-19."""

from collections.abc import Mapping

import torch
from torch import Tensor

from sketch2color.metrics.metric import explained, metric
from sketch2color.models import perceptual
from sketch2color.models.perceptual import VGG_SHA256, PerceptualNet

Layers = Mapping[str, Tensor]
KEY = f"perceptual_distance_vgg19-{VGG_SHA256[:8]}"
LAYERS = ("relu1_2", "relu2_2", "relu3_4", "relu4_1")
"""Of VGG-19, from texture to parts of objects; the deepest is the one that sets are compared by."""


def extractor() -> PerceptualNet:
    """Return VGG-19 with ``LAYERS``.

    Raises:
        UserError: its weights are missing.
    """
    return perceptual.extractor("vgg19", LAYERS).to(memory_format=torch.channels_last)


@metric(
    "Perceptual difference from the designer’s image",
    "perceptual",
    key=KEY,
    direction="lower",
    digits=2,
    order=33,
)
@explained(
    "How far it is from the designer’s coloured image, position by position, to a network "
    "trained on photographs. 0 is equality."
)
def perceptual_distance(activations: Layers, truth_activations: Layers) -> float:
    """Return the distance of two images in the features of VGG-19, position by position.

    Zhang et al. 2018, "The unreasonable effectiveness of deep features as a perceptual metric" (LPIPS),
    equation 1 with all weights 1, which they found to agree with people nearly as well as fitted weights:
    activations are scaled to unit length over channels, their squared differences are summed over channels,
    averaged over positions, and added up over ``LAYERS``.

    Returns:
        0 (equal) to 2 for each layer.
    """
    pairs = [(_unit(activations[layer]), _unit(truth_activations[layer])) for layer in LAYERS]
    return sum(float((ours - theirs).square().sum(1).mean()) for ours, theirs in pairs)


def _unit(activations: Tensor) -> Tensor:
    return activations / activations.square().sum(1, keepdim=True).sqrt().clamp_min(1e-10)
