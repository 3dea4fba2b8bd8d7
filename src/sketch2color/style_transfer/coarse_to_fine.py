"""Style transfer on VGG-19 from a small image to the final size: colours first."""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from sketch2color.style_transfer.descent import descend
from sketch2color.style_transfer.features import ContentAndStyle, Features
from sketch2color.style_transfer.losses import Losses, Weights, neighbour_differences, relative_error

# Gatys et al. go deeper: content from conv4_2, style up to conv5_1. On line art, deep content lets the paper
# fill with texture, and deep style copies the reference's lines. These keep paper and lines, and take half
# the time.
CONTENT_LAYER = "relu3_1"
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1")

# Coarse to fine: (edge as a share of the final one, share of the steps, learning rate). Colour flows far in
# cheap steps on a small image; the last steps only sharpen.
SCALES = ((0.25, 0.4, 0.08), (0.5, 0.4, 0.06), (1.0, 0.2, 0.03))

MARGIN = 4  # pixels
LIMIT = torch.tensor(1.0)
NOISE = 0.1  # deviation of what is added to the sketch: on blank paper all gradients would be the same


def losses(found: ContentAndStyle, target: ContentAndStyle, images: Tensor) -> Losses:
    """Return errors relative to the squares of their targets, so that every layer counts alike.

    Args:
        found: what is extracted from the images.
        target: the content and style to reach.
        images: N × 3 × H × W; variation is the mean absolute difference down plus that across.
    """
    style = [relative_error(gram, wanted) for gram, wanted in zip(found.grams, target.grams, strict=True)]
    down, across = neighbour_differences(images)
    return Losses(
        content=relative_error(found.content, target.content),
        style=torch.stack(style).mean(0),
        variation=down.abs().mean(1) + across.abs().mean(1),
    )


class CoarseToFine:
    """A ``Method`` with relative errors, scale after scale; each scale gets at least one of the steps."""

    def __init__(self, weights: Weights, steps: int, bf16: bool) -> None:
        self._weights, self._steps = weights, steps
        # Average pooling, as Gatys et al. advise: max pooling sends all gradient to one pixel in four.
        self._features = Features("vgg19", CONTENT_LAYER, STYLE_LAYERS, "average", MARGIN, bf16)

    def stylize(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Transfer style as a ``Method`` does; H and W are at least 32.

        The images of a batch are independent: but for rounding, each result is as if it were alone.
        """
        before = _resize(sketches, SCALES[0][0])
        images = before + NOISE * torch.cat([_noise(before, seed) for seed in seeds])
        for scale, share_of_steps, rate in SCALES:
            resized = _resize(sketches, scale)
            target = self._features.targets(resized, _resize(references, scale))
            # Enlarge what was added, not what was drawn: the lines come sharp from the sketch.
            added = F.interpolate(images - before, size=resized.shape[-2:], mode="bilinear")
            rates = _cosine_schedule(rate, max(1, round(self._steps * share_of_steps)))
            start = (resized + added).clamp(-1, 1)
            images = descend(partial(self._loss, target), start, rates, limit=LIMIT, beta2=0.99)
            before = resized
        with torch.no_grad():
            return images, losses(self._features(images), target, images)

    def _loss(self, target: ContentAndStyle, images: Tensor) -> Tensor:
        return losses(self._features(images), target, images).weighted(self._weights)


def _cosine_schedule(rate: float, steps: int) -> list[float]:
    """Return rates that fall to 0 along half a cosine (Loshchilov & Hutter 2017)."""
    return [rate * 0.5 * (1 + math.cos(math.pi * step / steps)) for step in range(steps)]


def _resize(images: Tensor, scale: float) -> Tensor:
    if scale == 1:
        return images
    size = [round(edge * scale) for edge in images.shape[-2:]]
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)


def _noise(like: Tensor, seed: int) -> Tensor:
    return torch.randn(1, *like.shape[1:], generator=torch.Generator().manual_seed(seed))
