"""DiffAugment: all that discriminators see is changed at random, real and generated alike.

Discriminators then learn few images by heart less easily (Zhao et al. 2020, "Differentiable Augmentation for
Data-Efficient GAN Training"). Where the publication fills up with grey, here the paper at the edge goes on.
"""

from typing import Literal

import torch

Policy = Literal["none", "shape", "shape+color"]
_SHIFT = 1 / 8
"""Of the edge; the farthest that an image is moved."""
_CUT = 1 / 2
"""Of the edge; the edge of the square that is made mid grey."""


def diffaugment(images: torch.Tensor, draws: torch.Tensor, policy: Policy) -> torch.Tensor:
    """Change each image after its own draws; gradients pass through.

    Args:
        images: N × 3 × H × W in [-1, 1].
        draws: N × 8, uniform in [0, 1).
        policy: ``none`` returns ``images``; ``shape`` moves them and cuts a square out; ``shape+color``
            changes their brightness, saturation and contrast before.

    Returns:
        N × 3 × H × W; colour changes may leave [-1, 1].
    """
    if policy == "none":
        return images
    if policy == "shape+color":
        images = _colored(images, draws[:, 4:7])
    return _cut(_moved(images, draws[:, 0:2]), draws[:, 2:4])


def _colored(images: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    brightness, saturation, contrast = (draw[:, None, None, None] for draw in draws.unbind(1))
    images = images + (brightness - 0.5)
    grey = images.mean(1, keepdim=True)
    images = torch.lerp(grey, images, 2.0 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    return torch.lerp(mean, images, 0.5 + contrast)


def _moved(images: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    for axis, draw in ((2, draws[:, 0]), (3, draws[:, 1])):
        edge = images.shape[axis]
        farthest = int(edge * _SHIFT)
        places = torch.arange(edge, device=images.device) + _below(draw, 2 * farthest + 1) - farthest
        index = places.clamp(0, edge - 1)[:, None, :, None]
        images = images.gather(axis, (index if axis == 2 else index.mT).expand_as(images))
    return images


def _cut(images: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    inside = []
    for edge, draw in zip(images.shape[2:], draws.unbind(1), strict=True):
        size = int(edge * _CUT)
        begin = _below(draw, edge + 1) - size // 2  # a part of the square may lie beyond the edge
        place = torch.arange(edge, device=images.device)
        inside.append((place >= begin) & (place < begin + size))
    down, across = inside
    return images.masked_fill(down[:, None, :, None] & across[:, None, None, :], 0.0)


def _below(draw: torch.Tensor, count: int) -> torch.Tensor:
    """Turn N uniform numbers into N × 1 whole numbers of 0 to count - 1."""
    return (draw[:, None] * count).long()
