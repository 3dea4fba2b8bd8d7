"""A small U-Net whose coarsest level sees the whole image, so that a part is filled as a whole."""

import torch
import torch.nn.functional as F
from torch import nn


class UNet(nn.Module):
    """A U-Net (Ronneberger et al. 2015) from images at 1/4 to layers at 1/2 of the resolution, enlarged.

    Reads N × inputs × H × W, H and W multiples of 32; returns unbounded N × outputs × H × W. The last
    convolutions, at 1/2, read the image once more, so that the layer can end at lines.
    """

    def __init__(self, width: int, outputs: int, inputs: int = 1, styles: int = 0, guides: int = 0) -> None:
        super().__init__()
        w = width
        self.stem = Block(16 * inputs + guides, w)
        self.down = nn.ModuleList(Block(a * w, b * w, stride=2) for a, b in ((1, 2), (2, 4), (4, 4)))
        self.encoder = nn.ModuleList(Block(a * w, a * w) for a in (1, 2, 4))
        self.bottleneck = Block(4 * w, 4 * w, styles=styles)
        decoder = ((8 * w, 4 * w), (6 * w, 2 * w), (3 * w, w // 2))
        self.up = nn.ModuleList(Block(a, b, styles=styles) for a, b in decoder)
        self.fine = Block(w // 2 + 4 * inputs, w // 2, styles=styles)
        self.head = nn.Conv2d(w // 2, outputs, 3, padding=1, padding_mode="reflect")

    def forward(
        self, image: torch.Tensor, style: torch.Tensor | None = None, guide: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return N × outputs × H × W for N × inputs × H × W, N × styles and N × guides × H/4 × W/4."""
        quarter = F.pixel_unshuffle(image, 4)
        features = self.stem(quarter if guide is None else torch.cat([quarter, guide], 1))
        skips = []  # N x w x H/4 x W/4, N x 2w x H/8 x W/8, N x 4w x H/16 x W/16
        for down, encoder in zip(self.down, self.encoder, strict=True):
            features = encoder(features)
            skips.append(features)
            features = down(features)
        features = self.bottleneck(features, style)  # N x 4w x H/32 x W/32
        for up in self.up:
            features = up(torch.cat([_upsample(features), skips.pop()], 1), style)
        half = torch.cat([_upsample(features), F.pixel_unshuffle(image, 2)], 1)  # N x ... x H/2 x W/2
        layer = self.head(self.fine(half, style))
        return _upsample(layer.float())


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
        """Return N × outputs × H/stride × W/stride for N × inputs × H × W."""
        features = self.norm(self.convolution(features))
        if self.style is not None:
            scale, shift = self.style(style)[:, :, None, None].chunk(2, dim=1)
            features = features * (1.0 + scale) + shift
        return F.relu(features)


def _upsample(features: torch.Tensor) -> torch.Tensor:
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
