"""Discriminators: they score for each patch of an image whether it looks real."""

from torch import nn


class PatchDiscriminator(nn.Sequential):
    """The 70×70 PatchGAN of Isola et al. 2017, with the instance norm of Zhu et al. 2017.

    Reads N × 3 × H × W in [-1, 1] and returns N × 1 × (H / 8 - 2) × (W / 8 - 2) unbounded scores, each of
    which depends on 70 × 70 pixels. As published, ``width`` is 64: 2.765 M parameters.

    With ``shrink`` s it reads the image s times smaller: each score depends on 70 s × 70 s pixels, and the
    work is 1/s².
    """

    def __init__(self, width: int = 64, shrink: int = 1) -> None:
        super().__init__(
            nn.AvgPool2d(shrink) if shrink > 1 else nn.Identity(),
            nn.Conv2d(3, width, 4, stride=2, padding=1),  # N x width x H/2 x W/2
            nn.LeakyReLU(0.2),
            *_layer(width, 2 * width, 2),  # N x 2 width x H/4 x W/4
            *_layer(2 * width, 4 * width, 2),  # N x 4 width x H/8 x W/8
            *_layer(4 * width, 8 * width, 1),  # N x 8 width x H/8 - 1 x W/8 - 1
            nn.Conv2d(8 * width, 1, 4, stride=1, padding=1),  # N x 1 x H/8 - 2 x W/8 - 2
        )


def _layer(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1)
    return convolution, nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2)
