"""A small U-Net whose coarsest level sees the whole page, so that a part is filled as a whole."""

import torch
import torch.nn.functional as F
from torch import nn


class UNet(nn.Module):
    """A U-Net (Ronneberger et al. 2015) from images at 1/4 to layers at 1/2 of the resolution, enlarged.

    Reads N × inputs × H × W, H and W multiples of 32; returns unbounded N × outputs × H × W. The ink is shown
    again to the last convolutions, at 1/2, so that the layer can end at lines.
    """

    def __init__(self, width: int, outputs: int, inputs: int = 1, styles: int = 0, guides: int = 0) -> None:
        super().__init__()
        w = width
        self.stem = Block(16 * inputs + guides, w)
        self.down = nn.ModuleList(
            [Block(w, 2 * w, stride=2), Block(2 * w, 4 * w, stride=2), Block(4 * w, 4 * w, stride=2)]
        )
        self.side = nn.ModuleList([Block(w, w), Block(2 * w, 2 * w), Block(4 * w, 4 * w)])
        self.page = Block(4 * w, 4 * w, styles=styles)
        self.up = nn.ModuleList(
            [
                Block(8 * w, 4 * w, styles=styles),
                Block(6 * w, 2 * w, styles=styles),
                Block(3 * w, w // 2, styles=styles),
            ]
        )
        self.fine = Block(w // 2 + 4 * inputs, w // 2, styles=styles)
        self.head = nn.Conv2d(w // 2, outputs, 3, padding=1, padding_mode="reflect")

    def forward(
        self,
        image: torch.Tensor,
        style: torch.Tensor | None = None,
        guide: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """N × inputs × H × W (and N × styles, N × guides × H/4 × W/4) in, N × outputs × H × W out."""
        seen = F.pixel_unshuffle(image, 4)
        features = self.stem(seen if guide is None else torch.cat([seen, guide], 1))  # N x w x H/4 x W/4
        skips = []
        for down, side in zip(self.down, self.side, strict=True):
            features = side(features)
            skips.append(features)
            features = down(features)
        features = self.page(features, style)  # N x 4w x H/32 x W/32
        for up in self.up:
            features = up(torch.cat([_twice(features), skips.pop()], 1), style)
        close = torch.cat([_twice(features), F.pixel_unshuffle(image, 2)], 1)  # N x ... x H/2 x W/2
        layer = self.head(self.fine(close, style))
        return _twice(layer.float())


class Block(nn.Module):
    """Convolution, instance norm, scale and shift after a style (where there is one), ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, styles: int = 0) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            inputs, outputs, 3, stride=stride, padding=1, padding_mode="reflect", bias=False
        )
        self.norm = nn.InstanceNorm2d(outputs)
        self.style = nn.Linear(styles, 2 * outputs) if styles else None

    def forward(self, features: torch.Tensor, style: torch.Tensor | None = None) -> torch.Tensor:
        """N × inputs × H × W in, N × outputs × H/stride × W/stride out."""
        features = self.norm(self.convolution(features))
        if self.style is not None:
            scale, shift = self.style(style)[:, :, None, None].chunk(2, dim=1)
            features = features * (1.0 + scale) + shift
        return F.relu(features)


def _twice(features: torch.Tensor) -> torch.Tensor:
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
