"""The network that finds publishers' marks: a small U-Net, trained by ``tools/train_mark_finder.py``."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

WEIGHTS = Path(__file__).with_name("mark_finder.safetensors")
STRIDE = 32
"""Height and width of what goes in are multiples of this."""
WIDTHS = (24, 32, 48, 64, 80)


def _conv(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class MarkFinder(nn.Module):
    """Tell for every pixel whether a publisher's mark lies on it.

    A U-Net (Ronneberger et al. 2015, arXiv:1505.04597) that works from half resolution down, adds its skips
    instead of concatenating them, and looks around with dilated convolutions at the bottom.
    """

    def __init__(self) -> None:
        super().__init__()
        first, *_ = WIDTHS
        self.stem = _conv(12, first)
        self.down = nn.ModuleList(
            nn.Sequential(_conv(fine, coarse), _conv(coarse, coarse)) for fine, coarse in pairwise(WIDTHS)
        )
        self.first = _conv(first, first)
        self.bottom = nn.Sequential(_conv(WIDTHS[-1], WIDTHS[-1], 2), _conv(WIDTHS[-1], WIDTHS[-1], 4))
        self.narrow = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(WIDTHS))
        self.up = nn.ModuleList(_conv(width, width) for width in WIDTHS[:-1])
        self.head = nn.Conv2d(first, 8, 3, padding=1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return logits.

        Args:
            pictures: N × 3 × H × W in [-1, 1]; H and W are multiples of ``STRIDE``.

        Returns:
            N × 2 × H × W: channel 0 for the ground a mark covers, gaps between its letters included;
            channel 1 for the very pixels of the mark.
        """
        fine = self.first(self.stem(F.pixel_unshuffle(pictures, 2)))  # N x 24 x H/2 x W/2
        skips = []
        for step in self.down:
            skips.append(fine)
            fine = step(F.max_pool2d(fine, 2))
        fine = self.bottom(fine) + fine  # N x 80 x H/32 x W/32
        for skip, narrow, up in zip(skips[::-1], list(self.narrow)[::-1], list(self.up)[::-1], strict=True):
            enlarged = F.interpolate(narrow(fine), scale_factor=2.0, mode="bilinear", align_corners=False)
            fine = up(enlarged + skip)
        return F.pixel_shuffle(self.head(fine), 2)  # N x 2 x H x W


@cache
def trained() -> MarkFinder:
    """Return the network with its trained weights, ready to use."""
    network = MarkFinder()
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(WEIGHTS).items()})
    return network.eval()
