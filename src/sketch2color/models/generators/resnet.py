"""The generator of the published CycleGAN, which repaints the whole image."""

import torch
import torch.nn.functional as F
from torch import nn

from sketch2color.models.generators.base import Generator


class ResnetGenerator(Generator):
    """The ResNet generator of Johnson et al. 2016 as Zhu et al. 2017 use it.

    As published, ``width`` is 64 and ``blocks`` is 9 for 256 × 256: 11.378 M parameters.
    """

    stride = 4

    def __init__(self, width: int = 64, blocks: int = 9) -> None:
        super().__init__(width)
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(3),
            *_normed(nn.Conv2d(3, width, 7), width),  # N x width x H x W
            *_normed(nn.Conv2d(width, 2 * width, 3, 2, 1), 2 * width),  # N x 2 width x H/2 x W/2
            *_normed(nn.Conv2d(2 * width, 4 * width, 3, 2, 1), 4 * width),  # N x 4 width x H/4 x W/4
            *(ResidualBlock(4 * width) for _ in range(blocks)),
            *_normed(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, 1), 2 * width),  # ... x H/2 x W/2
            *_normed(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, 1), width),  # N x width x H x W
            nn.ReflectionPad2d(3),
            BlockwiseConv2d(width, 3, 7),  # N x 3 x H x W
            nn.Tanh(),
        )

    def forward(self, image: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Return N × 3 × H × W; as published, the condition is ignored."""
        translated: torch.Tensor = self.layers(image)
        return translated


GENERATOR = ResnetGenerator


class BlockwiseConv2d(nn.Conv2d):
    """A convolution that computes blocks of 2 × 2 outputs at once: the same sums, from a sparse kernel.

    Three output channels leave most of a vector unit idle; twelve, at half the resolution, fill it. The
    kernel must be odd, the output of even height and width.
    """

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Convolve N × C × H × W without padding."""
        offsets = [(left, top) for top in (0, 1) for left in (0, 1)]
        kernels = [F.pad(self.weight, (left, 1 - left, top, 1 - top)) for left, top in offsets]
        biases = None if self.bias is None else self.bias.repeat_interleave(4)
        blocks = F.conv2d(features, torch.stack(kernels, 1).flatten(0, 1), biases, stride=2)
        return F.pixel_shuffle(blocks, 2)


class ResidualBlock(nn.Module):
    """Two convolutions, reflection padded, whose result is added to the input."""

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
        """Return N × channels × H × W for the same."""
        changed: torch.Tensor = features + self.change(features)
        return changed


def _normed(convolution: nn.Module, channels: int) -> tuple[nn.Module, ...]:
    return convolution, nn.InstanceNorm2d(channels), nn.ReLU()
