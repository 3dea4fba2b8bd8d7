"""A trained generator applied to a sketch of any size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F

from sketch2color.colorize.drawing import Drawing
from sketch2color.errors import UserError
from sketch2color.imaging import LARGE, ImageArray, pad_to_square, resize, resize_strokes
from sketch2color.models.generators.base import Generator
from sketch2color.models.generators.registry import load_generator
from sketch2color.models.sketch_lines import FAINTEST, flatten_illumination, max_channel
from sketch2color.models.tensors import to_image, to_tensor

BUNDLED = Path(__file__).parent / "model"
"""A model that comes with the package; how it was trained says the README beside it."""
PARTS_SCALE = 2
"""Parts are found in so many times the resolution that the network sees; no smaller drawing is enlarged."""
MAX_SCALE = 4
"""A layer of colour is made in up to so many times the resolution that the network sees."""
_COLUMNS = 64
"""Of a large image, which are coloured at a time; the heap keeps the memory of larger parts."""
_STEPS = 8
"""Of a sketch's mean level, by which its palette is chosen, in one level of 255."""


@dataclass(frozen=True)
class Colorizer:
    """A generator ready to colour sketches.

    ``palettes`` is P × 11, the palettes of the images it was trained on; ``size`` is the edge in pixels of
    the square images it was trained on.
    """

    network: Generator
    palettes: torch.Tensor
    size: int

    @classmethod
    def load(cls, model: Path = BUNDLED) -> Self:
        """Read the generator that training wrote to the directory ``model``, by default the bundled one.

        Raises:
            UserError: as :func:`load_generator`.
        """
        return cls(*load_generator(model))

    @torch.no_grad()
    def colorize(self, image: ImageArray, variant: int = 0, *, in_place: bool = False) -> ImageArray:
        """Colour a sketch of any size, uint8 H × W × 3, and return it in the same size.

        A layered generator's layer multiplies ``image``, however a photograph is lit; light lines on dark
        paper are screened with it, as opaque as it is strong. Any other generator works on the image fitted
        into a square of ``size``. A sketch without a line is returned as it is: norms over an image make
        something even out of nothing. Variants differ in the palette that the network is given. ``in_place``
        lets the result take the memory of ``image``.
        """
        height, width = image.shape[:2]
        if not self.network.layered:
            fitted, place = pad_to_square(image, self.size, resize_strokes)  # as training saw sketches
            if _is_blank(sketch := to_tensor(fitted).to(self._device)):
                return image.copy()
            colored = to_image(_finite(self.network(sketch, self.palette(fitted, variant))))
            return resize(np.ascontiguousarray(colored[place]), width, height)
        drawing = self.drawing(image)
        colored = image if in_place else np.empty_like(image)
        for columns, band in _resize_layer(self.color_layer(drawing, variant), height, width):
            layer = band.permute(1, 2, 0).cpu().numpy()
            if drawing.light_on_dark:
                layer = 1.0 - layer * (1.0 - layer.min(2, keepdims=True))
                levels = 255.0 - layer * (255 - image[:, columns])
            else:
                levels = layer * image[:, columns]
            colored[:, columns] = levels.round(out=levels)
        return colored

    def drawing(self, image: ImageArray) -> Drawing:
        """Return what is drawn on a sketch, uint8 H × W × 3."""
        return Drawing.of(image, PARTS_SCALE * self.size)

    @torch.no_grad()
    def color_layer(self, drawing: Drawing, variant: int = 0) -> torch.Tensor:
        """Return what multiplies a sketch, 1 × 3 × h × w in [0, 1]; white where it has no drawing.

        It is made in up to ``MAX_SCALE`` times the resolution that the network sees, so that colour ends at
        the line itself.

        Raises:
            UserError: the generator makes no layer.
        """
        if not self.network.layered:
            raise UserError("the model paints pixels: palettes, strokes and layers need generator: multiply")
        image = drawing.image
        fitted, place = pad_to_square(image, self.size, resize_strokes)
        sketch, palette = to_tensor(fitted).to(self._device), self.palette(fitted, variant)
        if _is_blank(sketch):
            return torch.ones(1, 3, 1, 1)
        scale = max(1, min(max(image.shape[:2]) // self.size, MAX_SCALE))
        if scale > 1:
            fitted, place = pad_to_square(image, scale * self.size, resize_strokes)
        fine = to_tensor(fitted).to(self._device)
        layer = _finite(self.network.color_layer(sketch, palette, fine)[..., *place])
        if drawing.is_whole:
            return layer
        page = drawing.on_page(layer[0].permute(1, 2, 0).cpu().numpy(), 1.0)
        return torch.from_numpy(page).permute(2, 0, 1)[None]

    def palette(self, fitted: ImageArray, variant: int = 0) -> torch.Tensor:
        """Return the palette for an image, 1 × 11.

        It follows from the mean level, in steps that a decoder's or a resizer's rounding hardly ever crosses:
        a sketch gets the same here and in a browser, and different sketches mostly different ones.
        """
        number = int(fitted.sum(dtype=np.int64)) * _STEPS // fitted.size + variant
        return self.palettes[number % len(self.palettes)][None].to(self._device)

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device


def _is_blank(sketch: torch.Tensor) -> bool:
    return bool(flatten_illumination(max_channel(sketch)).min() > FAINTEST)


def _finite(result: torch.Tensor) -> torch.Tensor:
    if not result.isfinite().all():
        raise UserError("the model's result is not a number: train again with `dvc repro train_cyclegan`")
    return result


def _resize_layer(layer: torch.Tensor, height: int, width: int) -> Iterator[tuple[slice, torch.Tensor]]:
    """Yield bands of columns of a layer, 1 × 3 × H × W, in another size, 3 × height × columns each."""
    resize = partial(F.interpolate, mode="bilinear", align_corners=False)
    if height * width < LARGE:
        yield slice(width), resize(layer, (height, width))[0]
        return
    wide = resize(layer, (layer.shape[2], width))
    for left in range(0, width, _COLUMNS):
        part = wide[..., left : left + _COLUMNS]
        yield slice(left, left + _COLUMNS), resize(part, (height, part.shape[3]))[0]
