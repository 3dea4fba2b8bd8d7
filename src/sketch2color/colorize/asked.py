"""What the command ``colorize`` is asked for, and what a sketch becomes with it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sketch2color import files, imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layer_files import LayerFormat
from sketch2color.colorize.layers import Layer, composite
from sketch2color.colorize.like_sketch import Pixels, image_like, layers_like
from sketch2color.colorize.palette_from import palette_from
from sketch2color.colorize.request import Color, Request, Strokes, parse_palette, to_hex
from sketch2color.colorize.request_file import RequestFile
from sketch2color.colorize.strokes import rasterize
from sketch2color.errors import UserError
from sketch2color.imaging import Decoded

MAX_VARIANTS = 100


@dataclass(frozen=True)
class Asked:
    """A request for each of several sketches: see :class:`Request`.

    ``palettes`` are by the path of a sketch in its folder, and come before ``palette``. A file of strokes is
    for one sketch. ``request``, likewise for one, stands for all others but ``layers``.

    Raises:
        UserError: the number of variants is not from 1 to ``MAX_VARIANTS``; a request file is not alone.
    """

    palette: tuple[Color, ...] = ()
    palettes: Mapping[str, tuple[Color, ...]] = field(default_factory=dict)
    fill: Path | None = None
    paint: Path | None = None
    variants: int = 1
    layers: LayerFormat | None = None
    request: RequestFile | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.variants <= MAX_VARIANTS:
            raise UserError(f"--variants must be from 1 to {MAX_VARIANTS} (got {self.variants})")
        if self.request and (self.palette or self.palettes or self.is_drawn or self.variants > 1):
            raise UserError("--request says palette, strokes and variant: give no other option for them")

    @property
    def is_drawn(self) -> bool:
        """Whether there are files of strokes."""
        return bool(self.fill or self.paint)

    def describe(self, name: str, variant: int) -> dict[str, Any]:
        """Return what is asked for a sketch, strokes by SHA-256; empty if all is left to the model."""
        request = self._request(name, variant)
        strokes = {
            kind: hashlib.sha256(pixels.tobytes()).hexdigest() for kind, pixels in self._strokes.items()
        }
        palette = [to_hex(color) for color in request.palette]
        asked = {"palette": palette, "variant": request.variant, "layers": self.layers}
        return {key: value for key, value in (asked | strokes).items() if value}

    def results(
        self, colorizer: Colorizer, sketch: Decoded, name: str
    ) -> Iterator[tuple[Pixels, Sequence[Layer]]]:
        """Yield each variant of a sketch, in the form of its file, with its layers.

        There are none unless they are to be written. Without a palette, strokes or layers variants differ in
        the palette that the network is given. The last variant may take the memory of the sketch's image.

        Raises:
            UserError: strokes cannot be read, have another size than the sketch, or the model has no layers.
        """
        if self.request:
            self.request.check_size(sketch.image)
        requests = [self._request(name, variant) for variant in range(self.variants)]
        yield from results(
            colorizer, sketch, requests, with_layers=self.layers is not None, in_place=sketch.alpha is None
        )

    def _request(self, name: str, variant: int) -> Request:
        """Return the request for a sketch; a request file has its own variant."""
        if self.request:
            return Request(self.request.colors, variant=self.request.variant, **self._strokes)
        return Request(self.palettes.get(name, self.palette), variant=variant, **self._strokes)

    @cached_property
    def _strokes(self) -> Mapping[str, Strokes]:
        if self.request:
            return rasterize(self.request.strokes, self.request.width, self.request.height)
        given = {"fill": self.fill, "paint": self.paint}
        return {kind: read_strokes(path) for kind, path in given.items() if path}


def results(
    colorizer: Colorizer,
    sketch: Decoded,
    requests: Sequence[Request],
    *,
    with_layers: bool = False,
    in_place: bool = False,
) -> Iterator[tuple[Pixels, Sequence[Layer]]]:
    """Yield what a sketch becomes by each request, as :meth:`Asked.results`; all or none may be empty."""
    analysis = None if requests[0].is_empty and not with_layers else Analysis.of(sketch.image, colorizer)
    for number, request in enumerate(requests, 1):
        is_last = in_place and number == len(requests)
        if analysis is None:
            colored = colorizer.colorize(sketch.image, request.variant, in_place=is_last)
            yield image_like(sketch, colored), []
        elif with_layers:
            layers = layers_like(sketch, analysis.layers(request))
            yield composite(layers), layers
        else:
            yield _composite(sketch, analysis, request, sketch.image if is_last else None), []


def _composite(sketch: Decoded, analysis: Analysis, request: Request, result: Pixels | None) -> Pixels:
    """Return the result of a request, in ``result`` if that is given, without all of its layers at a time."""
    channels = 3 if sketch.alpha is None else 4
    result = np.empty((*sketch.image.shape[:2], channels), np.uint8) if result is None else result
    for rows, layers in analysis.bands(request):
        alpha = None if sketch.alpha is None else sketch.alpha[rows]
        result[rows] = composite(layers_like(replace(sketch, image=sketch.image[rows], alpha=alpha), layers))
    return result


def read_strokes(path: Path) -> Strokes:
    """Read an image with alpha, uint8 H × W × 4.

    Raises:
        UserError: it cannot be read, or has no alpha.
    """
    try:
        return imaging.read_rgba(path)
    except (imaging.ImageError, OSError) as error:
        raise UserError(f"{path}: strokes cannot be read: {error}") from None


def read_palette(path: Path) -> tuple[Color, ...]:
    """Return the palette of an image file; ``UserError`` if it cannot be read."""
    try:
        return palette_from(imaging.read(path))
    except (imaging.ImageError, OSError) as error:
        raise UserError(f"{path}: no palette can be taken from it: {error}") from None


def read_palettes(path: Path) -> dict[str, tuple[Color, ...]]:
    """Read a CSV table with the columns ``file`` (a path in the folder of sketches) and ``palette``.

    Raises:
        UserError: the table cannot be read, or a colour is unknown.
    """
    try:
        rows = files.read_csv(path, "file", "palette")
        return {row["file"]: parse_palette(row["palette"]) for row in rows}
    except (OSError, ValueError, UserError) as error:
        raise UserError(f"{path}: {error}") from None
