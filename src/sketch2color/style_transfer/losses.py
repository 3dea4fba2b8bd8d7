"""The losses of style transfer: content, style and total variation.

The formulas are those of Gatys, Ecker & Bethge 2016, "Image Style Transfer Using Convolutional Neural
Networks"; how errors are scaled and summed is each method's own.

All functions return one value for each image, so that the images of a batch are independent.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The factors of the losses."""

    content: float
    style: float
    variation: float


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Losses before they are weighted, N values each."""

    content: Tensor
    style: Tensor
    variation: Tensor

    def weighted(self, weights: Weights) -> Tensor:
        """Return the weighted sum of the losses of each image, N values: what is minimised."""
        return (
            weights.content * self.content + weights.style * self.style + weights.variation * self.variation
        )


def gram_matrix(features: Tensor) -> Tensor:
    """Return the mean products of each two channels over the image: N × C × C, float32, for N × C × h × w.

    Equation 3 of Gatys et al., divided by the number of positions so that images of any size compare.
    """
    positions = features.float().flatten(2)  # N x C x hw
    return positions @ positions.transpose(1, 2) / positions.shape[2]


def squared_error(value: Tensor, target: Tensor) -> Tensor:
    """Return |value − target|² for each of N images: equations 1 and 4 of Gatys et al. but for factors."""
    return (value - target).square().flatten(1).sum(1)


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """Return |value − target|² / |target|² for each of N images; 1 is the error of predicting zero."""
    size = target.square().flatten(1).sum(1)
    return squared_error(value, target) / size.clamp_min(torch.finfo(torch.float32).tiny)


def neighbour_differences(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the differences of each pixel to the one below and to the one on its right.

    They are the terms of a total variation (Rudin, Osher & Fatemi 1992). Gatys et al. have none; without it,
    noise that the network does not see stays in the image.

    Args:
        images: N × C × H × W, H and W at least 2.

    Returns:
        N × C·(H−1)·W and N × C·H·(W−1) values, signed.
    """
    down = images[..., 1:, :] - images[..., :-1, :]
    across = images[..., 1:] - images[..., :-1]
    return down.flatten(1), across.flatten(1)
