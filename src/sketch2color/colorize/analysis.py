"""A sketch as the network sees it: parts, their colours, shade, light. Requests change only the colours."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sketch2color.colorize.colorizer import PARTS_SCALE, Colorizer
from sketch2color.colorize.layers import Layer
from sketch2color.colorize.parts import Labels, find_parts, flood
from sketch2color.colorize.request import Color, Request, Strokes, stroke_colors, to_hex
from sketch2color.colorize.roles import assign_colors
from sketch2color.imaging import LARGE, ImageArray, bands, pad_to_square, resize_strokes
from sketch2color.models.sketch_lines import flatten_illumination, max_channel
from sketch2color.models.tensors import to_tensor

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

GAP = 16
"""Pixels in the network's resolution: gaps in a line up to this width count as closed."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
PAINTED = 0.06
"""A layer of colour is paper where its darkest channel takes less than this share of the light."""
MIN_PAINTED = 0.2
"""Share of a part that is painted, from which the part is."""
MIN_SHADE = 0.2
WASHED_OUT = 0.5
"""Light from which a colour under it is hardly seen."""
TOUCHED = 0.1
"""Share of a stroke's pixels in a part, from which the stroke asks for that part."""


@dataclass(frozen=True)
class Analysis:
    """What the network makes of a sketch, in a form that requests apply to without it.

    ``image`` is the sketch, uint8 H × W × 3; ``layer`` the network's layer of colour, h × w × 3 in [0, 1];
    ``parts`` are numbered from 1, h' × w'. The three show the same in different resolutions. On a sketch in
    light on dark the paper is black, and lines are screened.
    """

    image: ImageArray
    layer: Floats
    parts: Labels
    light_on_dark: bool = False
    flats: Floats = field(init=False)
    """Colour of each part, P × 3 in [0, 1]; white where the part is paper."""
    areas: Floats = field(init=False)
    """Painted pixels of each part, P; 0 where the part is paper."""
    flatness: Floats = field(init=False)
    """How flat a stroke fills each part, P in [0, 1]: light over half of the part would wash it out."""

    @classmethod
    @torch.no_grad()
    def of(cls, image: ImageArray, colorizer: Colorizer) -> Self:
        """Analyse a sketch of any size, uint8 H × W × 3, with a trained generator.

        Raises:
            UserError: the generator makes no layer of colour.
        """
        drawing = colorizer.drawing(image)
        layer = colorizer.color_layer(drawing)[0]
        fitted, place = pad_to_square(drawing.image, PARTS_SCALE * colorizer.size, resize_strokes)
        ink = flatten_illumination(max_channel(to_tensor(fitted)), 16 * PARTS_SCALE + 1)[0, 0][place]
        parts = find_parts((1.0 - ink.numpy()) * 0.5, GAP * PARTS_SCALE)
        corners = parts[[0, 0, -1, -1], [0, -1, 0, -1]]
        return cls(
            image,
            np.ascontiguousarray(layer.permute(1, 2, 0).cpu().numpy()),
            drawing.on_page(parts, int(np.bincount(corners).argmax())),
            drawing.light_on_dark,
        )

    def __post_init__(self) -> None:
        height, width = self.parts.shape
        layer = _resize(self.layer, width, height)
        count = int(self.parts.max()) + 1
        painted = layer.min(2) < 1.0 - PAINTED
        areas = np.bincount(self.parts[painted], minlength=count).astype(np.float32)
        sizes = np.bincount(self.parts.ravel(), minlength=count)
        areas[areas < MIN_PAINTED * sizes] = 0.0
        flats = np.ones((count, 3), np.float32)
        order = np.argsort(self.parts[painted], kind="stable")
        bounds = np.searchsorted(self.parts[painted][order], np.arange(count + 1))
        values = layer[painted][order]
        for part in np.flatnonzero(areas):
            flats[part] = np.median(values[bounds[part] : bounds[part + 1]], 0)
        object.__setattr__(self, "flats", flats)
        object.__setattr__(self, "areas", areas)
        own = (flats @ LUMINANCE)[self.parts]
        washed_out = self.parts[layer @ LUMINANCE - own > WASHED_OUT * (1.0 - own)]
        share = np.bincount(washed_out, minlength=count) / sizes.clip(1)
        flatness = np.where(areas > 0, (2.0 * share).clip(0.0, 1.0), 1.0)
        object.__setattr__(self, "flatness", flatness.astype(np.float32))

    def layers(self, request: Request) -> list[Layer]:
        """Return the layers of a result, the lowest first, all in the sketch's size.

        Without a palette parts that no stroke fills keep the network's colours, in a layer of their own.

        Raises:
            UserError: the strokes have another size, or too many colours.
        """
        ((_, layers),) = self._bands(request, [slice(0, len(self.image))])
        return layers

    def bands(self, request: Request) -> Iterator[tuple[slice, list[Layer]]]:
        """Yield bands of rows with their part of :meth:`layers`: those of a large sketch fill the memory."""
        return self._bands(request, bands(*self.image.shape[:2]))

    def _bands(self, request: Request, bands: Iterable[slice]) -> Iterator[tuple[slice, list[Layer]]]:
        request.check_size(self.image)
        height, width = self.image.shape[:2]
        owners, colors, flat = self._owners(request)
        given = [*self._tones(owners > 0, flat), *(owners == each for each in range(len(colors) + 1))]
        shade_of, light_of, *shares_of = (_rows_of(values, width, height) for values in given)
        color_of = None if request.palette else _rows_of(self.layer, width, height)
        for rows in bands:
            image, light = self.image[rows], light_of(rows)
            layers = [Layer("paper", np.full_like(image, 0 if self.light_on_dark else 255))]
            if color_of:
                color = _to_levels(color_of(rows))
                alpha = 255 - color.min(2, keepdims=True)
                layers.append(
                    Layer("color", np.concatenate([color, alpha], 2) if self.light_on_dark else color)
                )
            layers += _flats(colors, [share_of(rows) for share_of in shares_of])
            if request.paint is not None:  # light would wash out what is painted on blank paper
                light *= 1.0 - request.paint[rows, :, 3].astype(np.float32) / 255.0
                layers.append(Layer("strokes", request.paint[rows]))
            layers.append(Layer("shade", _grey(shade_of(rows)), "multiply"))
            layers.append(Layer("light", _grey(light), "screen"))
            layers.append(Layer("sketch", image, "screen" if self.light_on_dark else "multiply"))
            yield rows, layers

    def _owners(self, request: Request) -> tuple[Labels, list[Color], Floats]:
        """Return each pixel's colour, from 1 (0: none), over ``parts``; the colours; and how flat they are.

        White strokes are flat, so that they stay paper.
        """
        colors = list(request.palette)
        chosen = np.zeros(len(self.areas), np.int32)
        painted = np.flatnonzero(self.areas)
        if colors and painted.size:
            palette = np.array(colors) / 255.0
            chosen[painted] = 1 + assign_colors(
                self.flats[painted], self.areas[painted], palette, request.variant
            )
        owners = chosen[self.parts]
        if request.fill is None:
            return owners, colors, np.zeros(self.parts.shape, np.float32)
        seeds = self._seeds(request.fill, colors)
        for part in np.unique(self.parts[seeds > 0]):
            inside = self.parts == part
            grown = flood(np.zeros(inside.shape), np.where(inside, seeds, 0), inside)
            owners[inside] = grown[inside]
        filled = np.zeros(len(self.flatness), np.float32)
        filled[self.parts[seeds > 0]] = 1.0
        white = np.array([False] + [min(color) >= 250 for color in colors])
        return owners, colors, np.where(white[owners], 1.0, self.flatness[self.parts]) * filled[self.parts]

    def _seeds(self, fill: Strokes, colors: list[Color]) -> Labels:
        """Return the strokes on ``parts``, as numbers of their colours, which are added to ``colors``.

        A part that a stroke only grazes is not asked for.
        """
        height, width = self.parts.shape
        seeds = np.zeros((height, width), np.int32)
        for color, mask in stroke_colors(fill):
            if color not in colors:
                colors.append(color)
            drawn = _resize(mask, width, height) > 0
            count, strokes = cv2.connectedComponents(drawn.astype(np.uint8), connectivity=8)
            for stroke in range(1, count):
                pixels = strokes == stroke
                shares = np.bincount(self.parts[pixels], minlength=len(self.areas)) / pixels.sum()
                seeds[pixels & (shares >= min(TOUCHED, shares.max()))[self.parts]] = colors.index(color) + 1
        return seeds

    def _tones(self, owned: Mask, flat: Floats) -> tuple[Floats, Floats]:
        """Return shade and light, h × w in [0, 1], that turn flat colours into ones as the network painted.

        Shade is what it painted darker than the part's own colour, light what it left nearer to paper.
        """
        height, width = self.layer.shape[:2]
        own = _resize((self.flats @ LUMINANCE)[self.parts], width, height)
        level = self.layer @ LUMINANCE
        plain = _resize(np.where(owned, flat, 1.0), width, height)
        shade = (level / own.clip(1e-3)).clip(MIN_SHADE, 1.0)
        light = ((level - own) / (1.0 - own).clip(1e-3)).clip(0.0, 1.0)
        return shade + plain * (1.0 - shade), light * (1.0 - plain)


def _flats(colors: list[Color], shares: list[Floats]) -> list[Layer]:
    """Return a layer for each colour, its edges smooth in the larger resolution.

    ``shares`` are what each colour, after none, has of the pixels, H × W.
    """
    best = np.full(shares[0].shape, 0.5 / len(shares), np.float32)
    nearest = np.zeros(best.shape, np.uint8)
    for number, share in enumerate(shares):
        np.copyto(nearest, number, where=share > best)
        np.maximum(best, share, out=best)
    layers = []
    for number, color in enumerate(colors, 1):
        if (nearest == number).any():
            levels = np.zeros((len(shares), 4), np.uint8)
            levels[number] = (*color, 255)
            layers.append(Layer(f"flat {number} {to_hex(color)}", np.take(levels, nearest, axis=0)))
    return layers


def _rows_of(values: NDArray[Any], width: int, height: int) -> Callable[[slice], Floats]:
    """Return what resizes values and returns only the rows asked for: all, unless the result is large."""
    if width * height < LARGE:
        return lambda rows: _resize(values, width, height)
    tall = _resize(values, values.shape[1], height)
    return lambda rows: _resize(tall[rows], width, rows.stop - rows.start)


def _resize(values: NDArray[Any], width: int, height: int) -> Floats:
    shrinks = width * height < values.shape[0] * values.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values.astype(np.float32), (width, height), interpolation=interpolation))


def _to_levels(values: Floats) -> NDArray[np.uint8]:
    return np.asarray(cv2.convertScaleAbs(values, alpha=255.0))


def _grey(values: Floats) -> ImageArray:
    return np.asarray(cv2.cvtColor(_to_levels(values), cv2.COLOR_GRAY2RGB))
