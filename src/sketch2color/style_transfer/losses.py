"""What style transfer weighs against each other: content, style and total variation.

The formulas are those of Gatys, Ecker & Bethge 2016, "Image Style Transfer Using Convolutional Neural
Networks"; how errors are scaled and summed is each method's own.

All functions return one value an image, so that the images of a batch do not touch each other.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each loss counts."""

    content: float
    style: float
    variation: float


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Losses before they are weighted, one an image."""

    content: Tensor
    style: Tensor
    variation: Tensor

    def weighted(self, weights: Weights) -> Tensor:
        """Return the weighted sum of the losses of each image, N values: what is made small."""
        return (
            weights.content * self.content + weights.style * self.style + weights.variation * self.variation
        )


def gram_matrix(features: Tensor) -> Tensor:
    """Return how strongly each two channels fire together, wherever that is in the image.

    Equation 3 of Gatys et al., divided by the number of places so that images of any size compare.

    Args:
        features: activations, N × C × h × w.

    Returns:
        N × C × C, symmetric, float32.

    >>> gram_matrix(torch.tensor([[[[1.0, 3.0]], [[0.0, 2.0]]]]))
    tensor([[[5., 3.],
             [3., 2.]]])
    """
    places = features.float().flatten(2)  # N x C x hw
    return places @ places.transpose(1, 2) / places.shape[2]


def squared_error(value: Tensor, target: Tensor) -> Tensor:
    """Return |value − target|² for each image: equations 1 and 4 of Gatys et al. but for factors.

    Args:
        value: N × anything.
        target: of the same shape.

    Returns:
        N values, 0 at best.

    >>> squared_error(torch.tensor([[1.0, 5.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([5.])
    """
    return (value - target).square().flatten(1).sum(1)


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """Return |value − target|² / |target|² for each image of a batch.

    Args:
        value: N × anything.
        target: of the same shape; where it is all zero, so is the result only for a zero ``value``.

    Returns:
        N values, 0 at best; 1 is the error of predicting zero.

    >>> relative_error(torch.tensor([[1.0, 5.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([0.2000])
    """
    size = target.square().flatten(1).sum(1)
    return squared_error(value, target) / size.clamp_min(torch.finfo(torch.float32).tiny)


def steps_between_neighbours(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return by how much each pixel differs from the one below and from the one to the right.

    What is made of these is a total variation (Rudin, Osher & Fatemi 1992). Gatys et al. have no such term;
    without it, noise that the network does not see stays in the image.

    Args:
        images: N × C × H × W, H and W at least 2.

    Returns:
        N × C·(H−1)·W and N × C·H·(W−1) values, signed.

    >>> steps_between_neighbours(torch.tensor([[[[0.0, 1.0], [0.0, 3.0]]]]))
    (tensor([[0., 2.]]), tensor([[1., 3.]]))
    """
    down = images[..., 1:, :] - images[..., :-1, :]
    across = images[..., 1:] - images[..., :-1]
    return down.flatten(1), across.flatten(1)
