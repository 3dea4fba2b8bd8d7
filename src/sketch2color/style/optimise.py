"""Painting by optimisation: the picture itself is what gradient descent changes (Gatys et al. 2016)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sketch2color.networks.perceptual import Extractor, extractor
from sketch2color.style.losses import gram_matrix, relative_error, total_variation

# Gatys et al. go deeper: content from conv4_2, style up to conv5_1. On line art, deep content lets the paper
# fill with texture, and deep style draws the reference's lines anew. These keep paper and lines, and take
# half the time.
CONTENT_LAYER: dict[Extractor, str] = {"vgg19": "relu3_1", "squeezenet1_1": "3"}
STYLE_LAYERS: dict[Extractor, tuple[str, ...]] = {
    "vgg19": ("relu1_1", "relu2_1", "relu3_1"),
    "squeezenet1_1": ("1", "4", "6", "7"),
}

# Coarse to fine: (edge as a share of the final one, share of the steps, learning rate). Colour flows far in
# cheap steps on a small picture; the last steps only sharpen. A step changes a value by about the rate.
SCALES = ((0.25, 0.4, 0.08), (0.5, 0.4, 0.06), (1.0, 0.2, 0.03))

MARGIN = 4  # pixels mirrored round a picture, lest the zeros that a network pads with draw a frame on it
NOISE = 0.1  # deviation of what is added to the sketch: on blank paper all gradients would be the same


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each loss counts."""

    content: float
    style: float
    variation: float


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Losses before they are weighted, one a picture."""

    content: Tensor
    style: Tensor
    variation: Tensor

    def weighted(self, weights: Weights) -> Tensor:
        """Return the weighted sum of the losses of each picture, N values: what is made small."""
        return (
            weights.content * self.content + weights.style * self.style + weights.variation * self.variation
        )


class Features:
    """The activations that content and style are read from.

    Args:
        network: the extractor's name.
        bf16: compute in bfloat16, which is half again as fast on CPUs that know it.
    """

    def __init__(self, network: Extractor, bf16: bool) -> None:
        self.content_layer, self.style_layers = CONTENT_LAYER[network], STYLE_LAYERS[network]
        # Average pooling, as Gatys et al. advise: max pooling sends all gradient to one pixel in four.
        self._net = extractor(network, [self.content_layer, *self.style_layers], "average")
        self._bf16 = bf16

    def __call__(self, pictures: Tensor) -> dict[str, Tensor]:
        """Return the named activations of N × 3 × H × W pictures."""
        mirrored = F.pad(pictures, [MARGIN] * 4, mode="reflect")
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bf16):
            activations: dict[str, Tensor] = self._net(mirrored)
        return activations


class Objective:
    """What is made small at one scale: distance from a sketch's content and from a reference's style.

    Args:
        features: the features of the layers in ``STYLE_LAYERS`` and ``CONTENT_LAYER`` of a batch.
        sketches: N × 3 × H × W in [-1, 1].
        references: as many, of the same size.
    """

    def __init__(self, features: Features, sketches: Tensor, references: Tensor) -> None:
        self._features = features
        with torch.no_grad():
            self._content = features(sketches)[features.content_layer].float()
            of_references = features(references)
            self._grams = {name: gram_matrix(of_references[name]) for name in features.style_layers}

    def __call__(self, pictures: Tensor) -> Losses:
        """Return the losses of ``pictures``, N × 3 × H × W."""
        found = self._features(pictures)
        style = [relative_error(gram_matrix(found[name]), gram) for name, gram in self._grams.items()]
        return Losses(
            content=relative_error(found[self._features.content_layer], self._content),
            style=torch.stack(style).mean(0),
            variation=total_variation(pictures),
        )


def paint(
    features: Features,
    sketches: Tensor,
    references: Tensor,
    seeds: Sequence[int],
    weights: Weights,
    steps: int,
) -> tuple[Tensor, Losses]:
    """Carry the style of references over to sketches.

    The pictures of a batch do not touch each other: but for rounding, each comes out as if it were alone.

    Args:
        features: what content and style are read from.
        sketches: N × 3 × H × W in [-1, 1], H and W at least 64.
        references: one for each sketch, of the same shape.
        seeds: N seeds of the noise that is laid on the sketches to start from.
        weights: of the losses.
        steps: over all scales; every scale gets one at least.

    Returns:
        The pictures, N × 3 × H × W in [-1, 1], and their losses.
    """
    before = _shrunk(sketches, SCALES[0][0])
    pictures = before + NOISE * torch.cat([_noise(before, seed) for seed in seeds])
    for share, share_of_steps, rate in SCALES:
        now = _shrunk(sketches, share)
        # Enlarge what was painted, not what was drawn: the lines come sharp from the sketch.
        start = (now + _enlarged(pictures - before, now)).clamp(-1, 1)
        objective = Objective(features, now, _shrunk(references, share))
        pictures = _descend(objective, start, weights, max(1, round(steps * share_of_steps)), rate)
        before = now
    with torch.no_grad():
        return pictures, objective(pictures)


def _descend(objective: Objective, start: Tensor, weights: Weights, steps: int, rate: float) -> Tensor:
    """Take ``steps`` of Adam, its rate falling to nothing along half a cosine; values stay in [-1, 1]."""
    pictures = start.clone().requires_grad_()
    adam = torch.optim.Adam([pictures], lr=rate, betas=(0.9, 0.99))
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        (pictures.grad,) = torch.autograd.grad(objective(pictures).weighted(weights).sum(), [pictures])
        adam.step()
        with torch.no_grad():
            pictures.clamp_(-1, 1)
    return pictures.detach()


def _shrunk(pictures: Tensor, share: float) -> Tensor:
    if share == 1:
        return pictures
    size = [round(edge * share) for edge in pictures.shape[-2:]]
    return F.interpolate(pictures, size=size, mode="bilinear", antialias=True)


def _enlarged(pictures: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(pictures, size=like.shape[-2:], mode="bilinear")


def _noise(like: Tensor, seed: int) -> Tensor:
    return torch.randn(1, *like.shape[1:], generator=torch.Generator().manual_seed(seed))
