"""Style transfer in colours first: on VGG-19, from a small image to the whole one."""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from sketch2color.style_transfer.descent import descend
from sketch2color.style_transfer.features import Features, Reading
from sketch2color.style_transfer.losses import Losses, Weights, relative_error, steps_between_neighbours

# Gatys et al. go deeper: content from conv4_2, style up to conv5_1. On line art, deep content lets the paper
# fill with texture, and deep style draws the reference's lines anew. These keep paper and lines, and take
# half the time.
CONTENT_LAYER = "relu3_1"
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1")

# Coarse to fine: (edge as a share of the final one, share of the steps, learning rate). Colour flows far in
# cheap steps on a small image; the last steps only sharpen.
SCALES = ((0.25, 0.4, 0.08), (0.5, 0.4, 0.06), (1.0, 0.2, 0.03))

MARGIN = 4  # pixels
LIMIT = torch.tensor(1.0)
NOISE = 0.1  # deviation of what is added to the sketch: on blank paper all gradients would be the same


def losses(found: Reading, target: Reading, images: Tensor) -> Losses:
    """Return errors relative to the squares of their targets, so that every layer counts alike.

    Args:
        found: what the network reads from the images.
        target: content and style that are wanted.
        images: N × 3 × H × W; variation is the mean absolute step down plus that across.
    """
    style = [relative_error(gram, wanted) for gram, wanted in zip(found.grams, target.grams, strict=True)]
    down, across = steps_between_neighbours(images)
    return Losses(
        content=relative_error(found.content, target.content),
        style=torch.stack(style).mean(0),
        variation=down.abs().mean(1) + across.abs().mean(1),
    )


class CoarseToFine:
    """Paint with relative errors, scale after scale.

    Args:
        weights: of the losses.
        steps: over all scales; every scale gets one at least.
        bf16: whether the network computes in bfloat16.
    """

    def __init__(self, weights: Weights, steps: int, bf16: bool) -> None:
        self._weights, self._steps = weights, steps
        # Average pooling, as Gatys et al. advise: max pooling sends all gradient to one pixel in four.
        self._features = Features(
            "vgg19",
            content_layer=CONTENT_LAYER,
            style_layers=STYLE_LAYERS,
            pooling="average",
            margin=MARGIN,
            bf16=bf16,
        )

    def paint(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Carry the style of references over to sketches.

        The images of a batch do not touch each other: but for rounding, each comes out as if it were alone.

        Args:
            sketches: N × 3 × H × W in [-1, 1], H and W at least 32.
            references: K for each sketch, those of one after those of another, N·K × 3 × H × W.
            seeds: N seeds of the noise that is laid on the sketches to start from.

        Returns:
            The images, N × 3 × H × W in [-1, 1], and their losses.
        """
        before = _shrunk(sketches, SCALES[0][0])
        images = before + NOISE * torch.cat([_noise(before, seed) for seed in seeds])
        for share, share_of_steps, rate in SCALES:
            now = _shrunk(sketches, share)
            target = self._features.targets(now, _shrunk(references, share))
            # Enlarge what was painted, not what was drawn: the lines come sharp from the sketch.
            start = (now + _enlarged(images - before, now)).clamp(-1, 1)
            rates = _falling(rate, max(1, round(self._steps * share_of_steps)))
            images = descend(partial(self._loss, target), start, rates, limit=LIMIT, memory=0.99)
            before = now
        with torch.no_grad():
            return images, losses(self._features(images), target, images)

    def _loss(self, target: Reading, images: Tensor) -> Tensor:
        return losses(self._features(images), target, images).weighted(self._weights)


def _falling(rate: float, steps: int) -> list[float]:
    """Let a rate fall to nothing along half a cosine (Loshchilov & Hutter 2017)."""
    return [rate * 0.5 * (1 + math.cos(math.pi * step / steps)) for step in range(steps)]


def _shrunk(images: Tensor, share: float) -> Tensor:
    if share == 1:
        return images
    size = [round(edge * share) for edge in images.shape[-2:]]
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)


def _enlarged(images: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(images, size=like.shape[-2:], mode="bilinear")


def _noise(like: Tensor, seed: int) -> Tensor:
    return torch.randn(1, *like.shape[1:], generator=torch.Generator().manual_seed(seed))
