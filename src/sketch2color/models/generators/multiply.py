"""Small generators that colour as designers do: on a layer over the ink, which stays as it was drawn.

Colouring multiplies the sketch with a layer of colour. The way back is a layer of white that lightens
("screens") whatever is no line.
"""

import torch
import torch.nn.functional as F

from sketch2color.models.domain_transform import smooth
from sketch2color.models.generators.base import Generator
from sketch2color.models.palette import HUES, PALETTE
from sketch2color.models.sketch_lines import flatten_illumination, flood_from_border, max_channel
from sketch2color.models.unet import UNet

_GAPS = (4, 8, 16)
"""Pixels: gaps of up to these widths in a line count as closed."""
_INITIAL_LOGIT = 2.0
"""Logit at which layers start: nearly as if they were not there."""
_MIN_CERTAINTY = 1e-3
"""A place that nothing spreads to keeps its own prediction."""


class MultiplyGenerator(Generator):
    """Colours a sketch: its ink times a layer of colour, chosen after a palette.

    Without a palette the network could give only one answer to a sketch, and the cycle from colour to sketch
    and back could only close by hiding the colours in the sketch (Almahairi et al. 2018, Augmented CycleGAN).
    """

    stride = 32
    layered = True

    def __init__(self, width: int = 24) -> None:
        super().__init__(width)
        self.unet = UNet(width, outputs=5, styles=PALETTE, guides=len(_GAPS))

    @classmethod
    def inverse(cls, width: int) -> Generator:
        """Return a narrow :class:`ScreenGenerator`: lines are found before its network begins."""
        return ScreenGenerator(width // 2)

    def forward(self, sketch: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Colour ``sketch`` (N × 3 × H × W in [-1, 1], without its colour) after N × 11 palettes."""
        grey = max_channel(sketch)
        ink = flatten_illumination(grey)
        layer = self.layer(self.predict(ink, condition), ink, condition)
        return grey.add(1.0).mul(layer).sub(1.0)

    def color_layer(self, sketch: torch.Tensor, condition: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        """Predict in the resolution of ``sketch``, and spread up to the lines in that of ``fine``."""
        ink = flatten_illumination(max_channel(sketch))
        logits = self.predict(ink, condition)
        if (scale := fine.shape[-1] // sketch.shape[-1]) > 1:
            ink = flatten_illumination(max_channel(fine), window=16 * scale + 1)
            logits = F.interpolate(logits, scale_factor=scale, mode="bilinear", align_corners=False)
        return self.layer(logits, ink, condition, pixel=1.0 / scale)

    def predict(self, ink: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """Return the network's logits, N × 5 × H × W, for N × 1 × H × W ``ink`` in [-1, 1].

        They are where colour goes, how it departs from the palette's main colour (three), and how certain
        that is.
        """
        logits: torch.Tensor = self.unet(ink, palette, _outside(ink))
        return logits

    def layer(
        self, logits: torch.Tensor, ink: torch.Tensor, palette: torch.Tensor, pixel: float = 1.0
    ) -> torch.Tensor:
        """Return the layer of colour, N × 3 × H × W in [0, 1]: the logits, spread as far as the next line.

        ``logits`` and ``ink`` may be finer than the network saw them; then ``pixel``, the edge of theirs in
        the network's, is below 1.
        """
        spread = smooth(logits[:, :4], logits[:, 4:].sigmoid() + _MIN_CERTAINTY, ink, pixel)
        cover, change = spread[:, :1], spread[:, 1:]
        main = torch.logit(palette[:, HUES:, None, None], eps=0.02)
        return 1.0 - torch.sigmoid(cover - _INITIAL_LOGIT) * torch.sigmoid(-main - change)


GENERATOR = MultiplyGenerator


class ScreenGenerator(Generator):
    """Takes the colour off an image: lightens what is no line, and leaves the lines."""

    stride = 32

    def __init__(self, width: int = 12) -> None:
        super().__init__(width)
        self.unet = UNet(width, outputs=1, inputs=3)

    def forward(self, image: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Return the sketch, grey, N × 3 × H × W in [-1, 1]; the condition is ignored."""
        kept = torch.sigmoid(self.unet(image) + _INITIAL_LOGIT)  # N x 1 x H x W
        darkness = (1.0 - flatten_illumination(max_channel(image))) * kept
        return (1.0 - darkness).expand(-1, 3, -1, -1)


def _outside(ink: torch.Tensor) -> torch.Tensor:
    """Return N × 3 × H/4 × W/4: :func:`flood_from_border` for finer and for coarser gaps."""
    floods = [flood_from_border(ink, gap, steps=max(256, *ink.shape[2:]) // gap) for gap in _GAPS]
    return torch.cat(
        [F.interpolate(flood, scale_factor=gap / 4.0) for flood, gap in zip(floods, _GAPS, strict=True)], 1
    )
