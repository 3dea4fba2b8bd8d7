"""Images as tensors, and back."""

import numpy as np
import torch

from sketch2color.imaging import ImageArray


def to_tensor(image: ImageArray) -> torch.Tensor:
    """Turn uint8 H × W × 3 into float32 1 × 3 × H × W in [-1, 1]."""
    nchw = np.ascontiguousarray(image.transpose(2, 0, 1))[None]
    return torch.from_numpy(nchw).float().div_(127.5).sub_(1.0)


def to_image(tensor: torch.Tensor) -> ImageArray:
    """Turn 1 × 3 × H × W (or 3 × H × W) in [-1, 1] into uint8 H × W × 3, rounded; values outside are clipped.

    >>> image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    >>> bool((to_image(to_tensor(image)) == image).all())
    True
    """
    chw = tensor.detach().float().reshape(tensor.shape[-3:])
    levels = chw.add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())
