"""What style transfer weighs against each other: content, style and total variation.

The formulas are those of Gatys, Ecker & Bethge 2016, "Image Style Transfer Using Convolutional Neural
Networks". One departure: a squared error is taken relative to the square of its target instead of by the
paper's constants, so that every layer counts alike and the same weights serve any network.

All functions return one value a picture, so that the pictures of a batch do not touch each other.
"""

import torch
from torch import Tensor


def gram_matrix(features: Tensor) -> Tensor:
    """Return how strongly each two channels fire together, wherever that is in the picture.

    Equation 3 of Gatys et al., divided by the number of places so that pictures of any size compare.

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


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """Return |value − target|² / |target|² for each picture of a batch.

    As content loss over activations this is equation 1 of Gatys et al., as a layer's style loss over Gram
    matrices it is equation 4, but for the constants.

    Args:
        value: N × anything.
        target: of the same shape; where it is all zero, so is the result only for a zero ``value``.

    Returns:
        N values, 0 at best; 1 is the error of predicting zero.

    >>> relative_error(torch.tensor([[1.0, 5.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([0.2000])
    """
    target = target.float()
    error = (value.float() - target).square().flatten(1).sum(1)
    return error / target.square().flatten(1).sum(1).clamp_min(torch.finfo(torch.float32).tiny)


def total_variation(pictures: Tensor) -> Tensor:
    """Return the mean absolute step between neighbours, down plus across (Rudin, Osher & Fatemi 1992).

    Gatys et al. have no such term; without it, noise that the network does not see stays in the picture.

    Args:
        pictures: N × C × H × W, H and W at least 2.

    Returns:
        N values; 0 for flat pictures.

    >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 3.0]]]]))
    tensor([3.])
    """
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().flatten(1).mean(1)
    across = (pictures[..., 1:] - pictures[..., :-1]).abs().flatten(1).mean(1)
    return down + across
