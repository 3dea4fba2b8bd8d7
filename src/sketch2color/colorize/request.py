"""What a designer asks for: a palette, strokes, a variant."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from sketch2color.colorize.color_names import COLOR_NAMES
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray
from sketch2color.text import quote

Color = tuple[int, int, int]
Strokes = NDArray[np.uint8]

MAX_COLORS = 6
"""In a palette: the main colour and up to five accents."""
MAX_STROKE_COLORS = 64
SOFT = 32, 224
"""Alphas between which a stroke's colour shows whether it was multiplied by alpha: below all is too dark."""
NEAR = 12
"""Levels between two pixels of one colour."""
OPAQUE = 128
"""Alpha from which a pixel of a stroke counts; below it is the soft edge of a brush."""


@dataclass(frozen=True)
class Request:
    """What a result is to look like; all may be left to the model.

    ``palette`` is sRGB, the main colour first, then accents. ``fill`` and ``paint`` are RGBA, uint8 H × W × 4
    of the sketch's size, transparent where nothing is asked: the colour of a ``fill`` stroke goes as far as
    the lines of the part that it is drawn in; ``paint`` colours exactly its pixels. ``variant`` numbers the
    ways in which the palette can be given to the parts; 0 is the most likely one.

    Raises:
        UserError: too many colours; or strokes that are no RGBA image, cover all, or are premultiplied.
    """

    palette: tuple[Color, ...] = ()
    fill: Strokes | None = field(default=None, compare=False)
    paint: Strokes | None = field(default=None, compare=False)
    variant: int = 0

    def __post_init__(self) -> None:
        if len(self.palette) > MAX_COLORS:
            raise UserError(
                f"a palette has at most {MAX_COLORS} colours, main first (got {len(self.palette)})"
            )
        if self.variant < 0:
            raise UserError(f"a variant is a number from 0 (got {self.variant})")
        for name in ("fill", "paint"):
            strokes = getattr(self, name)
            if strokes is not None:
                _check_strokes(name, strokes)

    @property
    def is_empty(self) -> bool:
        """Whether all colours are left to the model."""
        return not self.palette and self.fill is None and self.paint is None

    def check_size(self, image: ImageArray) -> None:
        """Raise ``UserError`` if strokes have another size than the sketch."""
        for name, strokes in (("fill", self.fill), ("paint", self.paint)):
            if strokes is not None and strokes.shape[:2] != image.shape[:2]:
                ours, its = (f"{shape[1]} × {shape[0]}" for shape in (strokes.shape, image.shape))
                raise UserError(f"{name} strokes have {ours} pixels and the sketch {its}: make them equal")


def parse_palette(text: str) -> tuple[Color, ...]:
    """Return the colours of a list such as ``blue,#ff8000``: names or hex, separated by commas.

    Raises:
        UserError: a colour is unknown, or there are too many.
    """
    colors = []
    for name in map(str.strip, text.split(",")):
        if not name:
            raise UserError(f"the palette {quote(text)} has an empty entry: leave no comma without a colour")
        plain = "".join(name.lower().replace("-", " ").split())
        try:
            red, green, blue = ImageColor.getrgb(COLOR_NAMES.get(plain.replace("gray", "grey"), plain))[:3]
        except ValueError:
            raise UserError(
                f"{quote(name)} is no colour: write a name such as dark grey, or #ff8000"
            ) from None
        colors.append((red, green, blue))
    return Request(tuple(colors)).palette


def _check_strokes(name: str, strokes: Strokes) -> None:
    """Raise ``UserError`` for strokes that cannot be told from what is not asked, or that are too dark.

    Colours that were multiplied by alpha (premultiplied) are told by soft edges: these have the colours of
    the strokes' opaque pixels, or one colour where there are none, only after a division by alpha.
    """
    if not (strokes.dtype == np.uint8 and strokes.ndim == 3 and strokes.shape[2] == 4):
        raise UserError(f"{name} strokes must be RGBA, uint8, H × W × 4 (got {strokes.shape})")
    alpha = strokes[..., 3]
    if (alpha >= OPAQUE).all():
        raise UserError(f"{name} strokes cover the whole sketch: leave transparent what they do not ask for")
    soft = _sample(strokes[(alpha > SOFT[0]) & (alpha < SOFT[1])]).astype(np.float32)
    core = np.unique(_sample(strokes[alpha > SOFT[1]])[:, :3], axis=0)[:MAX_STROKE_COLORS]
    divided = soft[:, :3] * (255.0 / soft[:, 3:])
    if (divided < 256.0).all() and _is_of(divided, core) and not _is_of(soft[:, :3], core):
        raise UserError(f"{name} strokes have colours multiplied by alpha: save them with straight alpha")


def _sample(pixels: Strokes) -> Strokes:
    return pixels[:: max(1, len(pixels) // 4096)]


def _is_of(colors: NDArray[np.float32], core: Strokes) -> bool:
    """Return whether most of P × 3 colours are ones of ``core``; if that is empty, of one colour."""
    if not len(colors):
        return False
    known = core if len(core) else np.median(colors, 0)[None]
    return bool(np.median(np.abs(colors[:, None] - known).max(2).min(1)) <= NEAR)


def to_hex(color: Color) -> str:
    """Return ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def stroke_colors(strokes: Strokes) -> list[tuple[Color, NDArray[np.bool_]]]:
    """Return the colours of ``strokes`` with the pixels, H × W, that each covers.

    Where edges are soft, colours that cover little are mixed ones of two strokes, and do not count.

    Raises:
        UserError: there are more colours than strokes of one colour can have.
    """
    covered = strokes[..., 3] >= OPAQUE
    packed = (strokes[..., :3].astype(np.uint32) * np.array([65536, 256, 1], np.uint32)).sum(2)
    values, counts = np.unique(packed[covered], return_counts=True)
    is_soft = ((strokes[..., 3] > 0) & (strokes[..., 3] < 255)).any()
    least = max(4, counts.sum() // 1000) if is_soft else 1
    kept = values[counts >= min(least, counts.max(initial=0))]
    if len(kept) > MAX_STROKE_COLORS:
        raise UserError(f"strokes have more than {MAX_STROKE_COLORS} colours: draw each with one colour")
    return [
        ((int(value) >> 16, int(value) >> 8 & 255, int(value) & 255), covered & (packed == value))
        for value in kept
    ]
