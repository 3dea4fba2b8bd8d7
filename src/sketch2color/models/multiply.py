"""Small generators that colour as designers do: on a layer over the ink, which stays as it was drawn.

Painting multiplies the image with a layer of colour; drawing the colour off is the way back, a layer of
white that lightens ("screens") whatever is no line.
"""

import torch
import torch.nn.functional as F

from sketch2color.models.domain_transform import smooth
from sketch2color.models.generators import Generator
from sketch2color.models.lines import brightest, evened, reached
from sketch2color.models.palette import HUES, PALETTE
from sketch2color.models.unet import UNet

_GAPS = (4, 8, 16)
"""Pixels: gaps of up to these widths in a line count as closed."""
_BLANK = 2.0
"""Logit at which layers start: nearly as if they were not there."""
_DOUBT = 1e-3
"""Least certainty: a place that nothing reaches keeps its own hint."""


class MultiplyGenerator(Generator):
    """Paints a sketch: its ink times a layer of colour, chosen after a palette.

    Without a palette the network could give only one answer to a sketch, and the cycle from colour to sketch
    and back could only close by hiding the colours in the sketch (Almahairi et al. 2018, Augmented CycleGAN).
    """

    stride = 32

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.unet = UNet(width, outputs=5, styles=PALETTE, guides=len(_GAPS))

    def forward(self, sketch: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """Paint ``sketch`` (N × 3 × H × W in [-1, 1], without its colour) after N × 11 ``palette``."""
        grey = brightest(sketch)
        ink = evened(grey)
        return grey.add(1.0).mul(self.layer(self.hints(ink, palette), ink, palette)).sub(1.0)

    def hints(self, ink: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """Return the network's own words, N × 5 × H × W, unbounded, for N × 1 × H × W ``ink`` in [-1, 1].

        They are where paint goes, how its colour departs from the palette's main colour (three), and how
        certain that is.
        """
        hints: torch.Tensor = self.unet(ink, palette, _outside(ink))
        return hints

    def layer(
        self, hints: torch.Tensor, ink: torch.Tensor, palette: torch.Tensor, pixel: float = 1.0
    ) -> torch.Tensor:
        """Return the layer of colour, N × 3 × H × W in [0, 1]: the hints, spread as far as the next line.

        ``hints`` and ``ink`` may be finer than the network saw them; then ``pixel``, the edge of theirs in
        the network's, is below 1.
        """
        paint, certainty = hints[:, :4], hints[:, 4:].sigmoid() + _DOUBT
        paint = smooth(paint, certainty, ink, pixel)
        cover, change = paint[:, :1], paint[:, 1:]
        main = torch.logit(palette[:, HUES:, None, None], eps=0.02)
        return 1.0 - torch.sigmoid(cover - _BLANK) * torch.sigmoid(-main - change)


class ScreenGenerator(Generator):
    """Draws the colour off an image: lightens what is no line, and leaves the lines."""

    stride = 32

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.unet = UNet(width, outputs=1, inputs=3)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the drawing, grey, N × 3 × H × W in [-1, 1], of N × 3 × H × W ``image`` in [-1, 1]."""
        kept = torch.sigmoid(self.unet(image) + _BLANK)  # N x 1 x H x W
        darkness = (1.0 - evened(brightest(image))) * kept
        return (1.0 - darkness).expand(-1, 3, -1, -1)


def _outside(ink: torch.Tensor) -> torch.Tensor:
    """Return N × 3 × H/4 × W/4: what is :func:`reached`, for finer and for coarser gaps."""
    ways = (reached(ink, gap, steps=4 * 64 // gap) for gap in _GAPS)
    return torch.cat(
        [F.interpolate(way, scale_factor=gap / 4.0) for way, gap in zip(ways, _GAPS, strict=True)], 1
    )
