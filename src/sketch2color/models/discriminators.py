"""Discriminators: they say for each patch of an image whether it looks real."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Sequential):
    """The 70×70 PatchGAN of Isola et al. 2017, with the instance norm of Zhu et al. 2017.

    Reads N × 3 × H × W in [-1, 1] and returns N × 1 × (H / 8 - 2) × (W / 8 - 2) unbounded scores, each of
    which has seen 70 × 70 pixels. As published, ``width`` is 64: 2.765 M parameters.

    With ``shrink`` s it looks at the image s times smaller: each score has seen 70 s × 70 s pixels, and the
    work is 1/s². With ``spectral`` no convolution enlarges any difference (Miyato et al. 2018), and there are
    no instance norms, which would.
    """

    def __init__(self, width: int = 64, shrink: int = 1, spectral: bool = False) -> None:
        super().__init__(
            nn.AvgPool2d(shrink) if shrink > 1 else nn.Identity(),
            nn.Conv2d(3, width, 4, stride=2, padding=1),  # N x width x H/2 x W/2
            nn.LeakyReLU(0.2),
            *_layer(width, 2 * width, 2, spectral),  # N x 2 width x H/4 x W/4
            *_layer(2 * width, 4 * width, 2, spectral),  # N x 4 width x H/8 x W/8
            *_layer(4 * width, 8 * width, 1, spectral),  # N x 8 width x H/8 - 1 x W/8 - 1
            nn.Conv2d(8 * width, 1, 4, stride=1, padding=1),  # N x 1 x H/8 - 2 x W/8 - 2
        )
        if spectral:
            for layer in self:
                if isinstance(layer, nn.Conv2d):
                    spectral_norm(layer)


def _layer(inputs: int, outputs: int, stride: int, spectral: bool) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1),
        nn.Identity() if spectral else nn.InstanceNorm2d(outputs),
        nn.LeakyReLU(0.2),
    )
