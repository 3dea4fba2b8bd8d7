"""Palettes: what an image is coloured with, in a few numbers."""

import torch

HUES = 8
PALETTE = HUES + 3
"""Numbers in a palette: the shares of eight hues, then red, green and blue of the main colour."""


def palette(image: torch.Tensor) -> torch.Tensor:
    """Return N × 11: what N × 3 × H × W ``image`` in [-1, 1] is coloured with, whatever it shows.

    The shares of eight hues (red, orange-yellow, ... in steps of 45 degrees), each pixel weighted with its
    chroma, and the mean colour of the hue that has the largest share. All are in [0, 1]; an image without
    colour has no shares, and mid grey.
    """
    rgb = image.add(1.0).mul(0.5)
    chroma = rgb.amax(1) - rgb.amin(1)  # N x H x W
    red, green, blue = rgb.unbind(1)
    hue = torch.atan2(3.0**0.5 * (green - blue), 2.0 * red - green - blue) / (2.0 * torch.pi)  # turns
    centers = torch.arange(HUES, device=rgb.device) / HUES
    away = (hue[:, None] - centers[:, None, None] + 0.5).remainder(1.0).sub(0.5).abs()  # N x 8 x H x W
    weights = (1.0 - away * HUES).clamp_min(0.0) * chroma[:, None]
    total = weights.sum((1, 2, 3))[:, None]  # N x 1
    shares = weights.sum((2, 3)) / total.clamp_min(1e-3)
    largest = weights[torch.arange(len(rgb), device=rgb.device), shares.argmax(1), None]  # N x 1 x H x W
    main = (rgb * largest).sum((2, 3)) / largest.sum((2, 3)).clamp_min(1e-3)
    return torch.cat([shares, torch.where(total > 1e-3, main, 0.5)], 1)
