"""The interface that all generators share."""

from typing import ClassVar

import torch
from torch import nn


class Generator(nn.Module):
    """Translates an image of one domain into the other, as a condition asks.

    ``forward(image, condition)`` takes N × 3 × H × W in [-1, 1], H and W multiples of ``stride``, and N × 11
    palettes (``models.palette``), which a generator may ignore. It returns N × 3 × H × W in [-1, 1].
    """

    stride: ClassVar[int]
    layered: ClassVar[bool] = False
    """Whether it colours a sketch by a layer that multiplies the ink, :meth:`color_layer`."""

    def __init__(self, width: int) -> None:
        super().__init__()

    @classmethod
    def inverse(cls, width: int) -> "Generator":
        """Build the generator of the other direction, colour to sketch, to train beside one of this width."""
        return cls(width)

    def color_layer(self, sketch: torch.Tensor, condition: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        """Return the layer of colour in the resolution of ``fine``; only where ``layered``.

        Args:
            sketch: 1 × 3 × H × W in [-1, 1], as the network sees it.
            condition: 1 × 11.
            fine: the same sketch in a whole multiple of that resolution, 1 × 3 × kH × kW.

        Returns:
            1 × 3 × kH × kW in [0, 1].
        """
        raise NotImplementedError
