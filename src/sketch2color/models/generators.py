"""What generators have in common, and the published one, which paints the whole image anew."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import nn


class Generator(nn.Module):
    """Turns N × 3 × H × W in [-1, 1] into the same; H and W must be multiples of ``stride``."""

    stride: ClassVar[int]


class ResnetGenerator(Generator):
    """The ResNet generator of Johnson et al. 2016 as Zhu et al. 2017 use it.

    As published, ``width`` is 64 and ``blocks`` is 9 for 256 × 256: 11.378 M parameters.

    The published way of enlarging, a transposed convolution, gives neighbouring pixels different numbers of
    summands, which shows as a checkerboard. With ``resize`` pixels are repeated, then convolved, which treats
    them all alike (Odena et al. 2016).
    """

    stride = 4

    def __init__(self, width: int = 64, blocks: int = 9, resize: bool = False) -> None:
        super().__init__()
        enlarging = _resized if resize else _transposed
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(3),
            *_normed(nn.Conv2d(3, width, 7), width),  # N x width x H x W
            *_normed(
                nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), 2 * width
            ),  # N x 2 width x H/2 x W/2
            *_normed(nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1), 4 * width),  # ... x H/4 x W/4
            *(ResidualBlock(4 * width) for _ in range(blocks)),
            *_normed(enlarging(4 * width, 2 * width), 2 * width),  # N x 2 width x H/2 x W/2
            *_normed(enlarging(2 * width, width), width),  # N x width x H x W
            nn.ReflectionPad2d(3),
            BlockwiseConv2d(width, 3, 7),  # N x 3 x H x W
            nn.Tanh(),
        )

    def forward(self, image: torch.Tensor, palette: torch.Tensor | None = None) -> torch.Tensor:
        """N × 3 × H × W in and out; as published, no palette is listened to."""
        painted: torch.Tensor = self.layers(image)
        return painted


class BlockwiseConv2d(nn.Conv2d):
    """A convolution that calculates blocks of 2 × 2 outputs at once: the same sums, from a sparse kernel.

    Three output channels leave most of a vector unit idle; twelve, at half the resolution, fill it. The
    kernel must be odd, the output of even height and width.
    """

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """N × C × H × W in, without padding."""
        places = [(left, top) for top in (0, 1) for left in (0, 1)]
        kernels = [F.pad(self.weight, (left, 1 - left, top, 1 - top)) for left, top in places]
        biases = None if self.bias is None else self.bias.repeat_interleave(4)
        blocks = F.conv2d(features, torch.stack(kernels, 1).flatten(0, 1), biases, stride=2)
        return F.pixel_shuffle(blocks, 2)


class ResidualBlock(nn.Module):
    """Two convolutions, reflection padded, whose result is added to what came in; shapes stay the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.ReflectionPad2d(1),
            *_normed(nn.Conv2d(channels, channels, 3), channels),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """N × channels × H × W in and out."""
        changed: torch.Tensor = features + self.change(features)
        return changed


def _normed(convolution: nn.Module, channels: int) -> tuple[nn.Module, ...]:
    return convolution, nn.InstanceNorm2d(channels), nn.ReLU()


def _transposed(inputs: int, outputs: int) -> nn.Module:
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)


def _resized(inputs: int, outputs: int) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution)
