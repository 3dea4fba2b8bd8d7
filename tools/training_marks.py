"""Marks for training alone, nearer to what publishers do than :mod:`marks`, from which the sample is drawn.

A publisher seldom lays down one mark: the name stands in one corner, an address in another, a QR code in a
third. So marks are drawn in sets. Added to the kinds of :mod:`marks` are small QR codes, lines as thin as
letters can be, letters with a rim, pairs of little signs, plates that run off the page, coloured corners,
and a large pale name across the drawing. Signs are silhouettes of OpenMoji's symbols, which no page shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

import marks
from marks import HEIGHT, WHITE, Color, Face, Mark, Pen, centered, fitted, in_column, in_row


class TrainingPen(Pen):
    """A pen that draws silhouettes as signs, too, and may keep to one ink."""

    def __init__(
        self, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
    ) -> None:
        super().__init__(rng, faces)
        self.signs = signs
        self.letters = rng.random() < 0.7  # true characters come with the faces

    def glyph(self, color: Color) -> Image.Image:
        """Give a sign: a silhouette in ``color``, a coloured image, or one of :meth:`marks.Pen.glyph`."""
        if not self.signs or self.chance(0.35):
            return super().glyph(color)
        art = self.signs[int(self.rng.integers(len(self.signs)))]
        sign = Image.fromarray(art).resize((300, 300), Image.Resampling.BILINEAR)
        if self.chance(0.3):
            return sign
        alpha = sign.getchannel("A").filter(ImageFilter.MaxFilter(5))
        flat = Image.new("RGBA", sign.size, (*color, 0))
        flat.putalpha(alpha)
        return flat


@dataclass(frozen=True)
class Place:
    """Where on the page a mark of a set goes: 0 is left or top, 1 right or bottom."""

    x: float
    y: float


CORNERS = (Place(0, 0), Place(1, 0), Place(0, 1), Place(1, 1))


def publishers_set(
    size: int, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
) -> list[Mark]:
    """Draw what one publisher lays over a page of ``size`` × ``size`` pixels: one to five marks."""
    pen = TrainingPen(rng, faces, signs)
    kind = rng.random()
    if kind < 0.45:
        return [_plain(size, pen)]
    if kind < 0.62:
        return _corners(size, pen)
    if kind < 0.70:
        return _coloured_corners(size, pen)
    names = list(SINGLE)
    chosen = SINGLE[str(rng.choice(names, p=[SINGLE[name].weight for name in names]))]
    layer, opacity = chosen.draw(pen)
    place = Place(float(rng.random()), float(rng.random())) if pen.chance(0.45) else None
    return [_laid(chosen.kind, layer, opacity, chosen.height(rng), size, pen, place)]


def _plain(size: int, pen: TrainingPen) -> Mark:
    """Draw a mark of :mod:`marks`, with this pen's signs; badges, bars and logos most of all."""
    rng = pen.rng
    kind = str(rng.choice(list(marks.KINDS), p=[0.34, 0.15, 0.12, 0.16, 0.05, 0.1, 0.08]))
    return marks.drawn_by(pen, kind, size, size)


def _laid(
    kind: str,
    layer: Image.Image,
    opacity: float,
    height: float,
    size: int,
    pen: TrainingPen,
    place: Place | None = None,
) -> Mark:
    """Shrink ``layer`` to ``height`` pixels on the page, squash it a little, and put it in its place."""
    rng = pen.rng
    aspect = layer.width / layer.height * np.exp(rng.normal(0, 0.15))
    h = min(height, 0.9 * size / aspect, 0.9 * size)
    w = h * aspect
    layer = layer.resize((max(5, round(w)), max(4, round(h))), Image.Resampling.BILINEAR)
    place = place or CORNERS[int(rng.integers(4))]
    gap_x, gap_y = (float(rng.choice([0, 1, 3, 6, 12])) for _ in range(2))
    left = gap_x + (size - layer.width - 2 * gap_x) * place.x
    top = gap_y + (size - layer.height - 2 * gap_y) * place.y
    left, top = (
        int(np.clip(at, 0, size - extent)) for at, extent in ((left, layer.width), (top, layer.height))
    )
    return Mark(kind, np.asarray(layer), opacity, left, top)


def _opacity(pen: TrainingPen) -> float:
    return float(
        pen.rng.choice([1.0, pen.rng.uniform(0.6, 0.95), pen.rng.uniform(0.25, 0.55)], p=[0.55, 0.3, 0.15])
    )


def _corners(size: int, pen: TrainingPen) -> list[Mark]:
    """Draw a logo, a caption, a QR code and lines of contact in two to four corners, and lines between."""
    rng = pen.rng
    corners = list(CORNERS)
    rng.shuffle(corners)  # type: ignore[arg-type]
    drawers = ["name", "line", "code", "lines", "name", "line"]
    rng.shuffle(drawers)
    drawn = []
    for name, place in zip(drawers[: int(rng.integers(2, 5))], corners, strict=False):
        one = SINGLE[name]
        layer, opacity = one.draw(pen)
        drawn.append(_laid(one.kind, layer, opacity, one.height(rng), size, pen, place))
    if pen.chance(0.15):
        layer, opacity = _long_line(pen)
        drawn.append(
            _laid(
                "caption",
                layer,
                opacity,
                float(rng.uniform(7, 15)),
                size,
                pen,
                Place(0.5, float(rng.integers(2))),
            )
        )
    return drawn


def _coloured_corners(size: int, pen: TrainingPen) -> list[Mark]:
    """Draw bands, wedges and strips in one to three bright colours along the edges, with writing on them."""
    rng = pen.rng
    layer = Image.new("RGBA", (size * 4, size * 4), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    large = size * 4
    colors = [pen.ink() for _ in range(int(rng.integers(1, 4)))]
    for _ in range(int(rng.integers(1, 6))):
        color = (*colors[int(rng.integers(len(colors)))], 255)
        side = int(rng.integers(4))
        a, b = np.sort(rng.choice([0.0, rng.random(), rng.random(), 1.0], 2, replace=False))
        deep, deeper = rng.uniform(0.03, 0.14), rng.uniform(0.0, 0.3)
        if pen.chance(0.5):
            deeper = deep
        corners = np.array([[a, 0], [b, 0], [b, deeper], [a, deep]])
        if side % 2:
            corners = corners[:, ::-1]
        if side >= 2:
            corners = 1 - corners
        draw.polygon([(float(x), float(y)) for x, y in corners * large], color)
    written = layer.copy()
    alpha = np.asarray(layer.getchannel("A"))
    for _ in range(int(rng.integers(1, 5))):
        ys, xs = np.nonzero(alpha[::8, ::8])
        if len(xs) == 0:
            break
        at = int(rng.integers(len(xs)))
        line = fitted(
            pen.small((25, 25, 25) if pen.chance(0.6) else WHITE),
            large * rng.uniform(0.15, 0.5),
            large * rng.uniform(0.02, 0.045),
        )
        centered(
            written,
            line.crop((0, 0, min(line.width, large), min(line.height, large))),
            min(int(xs[at]) * 8, large - line.width // 2),
            min(int(ys[at]) * 8, large - line.height),
        )
    written = written.resize((size, size), Image.Resampling.BOX)
    return [
        Mark("banner", np.asarray(written), 1.0 if pen.chance(0.85) else float(rng.uniform(0.6, 0.95)), 0, 0)
    ]


Drawn = tuple[Image.Image, float]


def _rimmed(part: Image.Image, color: Color, width: int) -> Image.Image:
    """Give letters a rim, as captions have that must be read on any ground."""
    wide = Image.new("RGBA", (part.width + 4 * width, part.height + 4 * width), (*color, 0))
    wide.paste(part, (2 * width, 2 * width))
    rim = Image.new("RGBA", wide.size, (*color, 0))
    rim.putalpha(wide.getchannel("A").filter(ImageFilter.MaxFilter(2 * width + 1)))
    rim.alpha_composite(wide)
    return rim


def _words(pen: TrainingPen, color: Color, name: bool) -> Image.Image:
    words = pen.large(color) if name else pen.small(color)
    if pen.chance(0.25):
        rim: Color = WHITE if sum(color) < 380 else (60, 60, 62)
        words = _rimmed(words, rim, int(pen.rng.integers(4, 9)))
    return words


def _line(pen: TrainingPen) -> Drawn:
    """Write one short line, at times behind a sign or with a plate of colour at its end."""
    rng, color = pen.rng, pen.ink() if pen.chance(0.5) else _grey(pen)
    parts = [_words(pen, color, pen.chance(0.3))]
    if pen.chance(0.25):
        parts.insert(0, fitted(pen.glyph(color), 300, HEIGHT * 1.3))
    if pen.chance(0.2):
        ink = pen.ink()
        end = pen.small(WHITE)
        plate = Image.new("RGBA", (end.width + 60, end.height + 40), (*ink, 255))
        centered(plate, end, plate.width / 2, plate.height / 2)
        parts.append(plate)
    return in_row(parts, int(rng.integers(10, 60))), _opacity(pen)


def _grey(pen: TrainingPen) -> Color:
    grey = int(pen.rng.integers(10, 175))
    return grey, grey, grey


def _lines(pen: TrainingPen) -> Drawn:
    """Write two to five small lines, to the left, in the middle or to the right."""
    rng = pen.rng
    color = pen.ink() if pen.chance(0.4) else _grey(pen)
    lines = [
        fitted(_words(pen, color, pen.chance(0.3)), 3000, HEIGHT * rng.uniform(0.6, 1.2))
        for _ in range(int(rng.integers(2, 5)))
    ]
    return in_column(lines, int(rng.integers(15, 60)), float(rng.choice([0.0, 0.5, 1.0]))), _opacity(pen)


def _long_line(pen: TrainingPen) -> Drawn:
    color = pen.ink() if pen.chance(0.6) else _grey(pen)
    parts = [_words(pen, color, False) for _ in range(int(pen.rng.integers(2, 5)))]
    return in_row(parts, int(pen.rng.integers(30, 160))), _opacity(pen)


def _name(pen: TrainingPen) -> Drawn:
    """Draw a logo: sign, name in one or two inks, small line under it, at times a second logo beside it."""
    parts = [_one_name(pen)]
    if pen.chance(0.3):
        second = _one_name(pen)
        parts.append(fitted(second, 4000, parts[0].height))
    return in_row(parts, int(pen.rng.integers(60, 300))), _opacity(pen)


def _one_name(pen: TrainingPen) -> Image.Image:
    rng, color = pen.rng, pen.ink()
    name = _words(pen, color, True)
    lines = [name]
    for _ in range(int(rng.choice([0, 1, 1, 2]))):
        small = _words(pen, color if pen.chance(0.6) else pen.ink(), pen.chance(0.3))
        lines.append(fitted(small, name.width * rng.uniform(0.8, 1.1), HEIGHT * rng.uniform(0.3, 1.1)))
    if pen.chance(0.4):
        rng.shuffle(lines)  # type: ignore[arg-type]
    words = in_column(lines, int(rng.integers(10, 40)), float(rng.choice([0.0, 0.5])))
    if pen.chance(0.25):  # the first line on a plate of its own
        plate = Image.new("RGBA", (words.width + 80, words.height + 60), (*pen.ink(), 255))
        centered(plate, words if pen.chance(0.3) else _flat(words, WHITE), plate.width / 2, plate.height / 2)
        words = plate
    if pen.chance(0.65):
        tall = int(words.height * rng.uniform(0.8, 1.6))
        sign = pen.glyph(color if pen.chance(0.5) else pen.ink()).resize(
            (tall, tall), Image.Resampling.BILINEAR
        )
        words = in_row([sign, words] if pen.chance(0.7) else [words, sign], int(rng.integers(10, 60)))
    return words


def _flat(part: Image.Image, color: Color) -> Image.Image:
    flat = Image.new("RGBA", part.size, (*color, 0))
    flat.putalpha(part.getchannel("A"))
    return flat


def _signs(pen: TrainingPen) -> Drawn:
    """Draw two or three little signs side by side, each with a small name under it, in one ink."""
    rng, color = pen.rng, pen.ink()
    columns = []
    for _ in range(int(rng.integers(2, 4))):
        sign = fitted(pen.glyph(color), 400, 300)
        columns.append(in_column([sign, fitted(pen.large(color), 330, 120)], 20))
    return in_row(columns, int(rng.integers(60, 500))), _opacity(pen)


def _code(pen: TrainingPen) -> Drawn:
    """Draw a QR code with or without its quiet zone; at times writing beside it."""
    rng = pen.rng
    payload = "".join(map(str, rng.integers(0, 10, int(rng.integers(12, 160)))))
    code = cv2.QRCodeEncoder.create().encode(payload)
    if pen.chance(0.6):
        code = code[2:-2, 2:-2]
    edge = code.shape[0] * (600 // code.shape[0])
    values = np.where(code[..., None] > 127, 255, np.array([10, 10, 12])).astype(np.uint8)
    plate = Image.fromarray(values).convert("RGBA").resize((edge, edge), Image.Resampling.NEAREST)
    if pen.chance(0.2):  # a sign in the middle
        centered(plate, fitted(pen.glyph(pen.ink()), 140, 140), edge / 2, edge / 2)
    if pen.chance(0.3):
        lines, _ = _lines(pen)
        lines = fitted(lines, edge * 2.5, edge)
        plate = in_row([lines, plate] if pen.chance(0.6) else [plate, lines], 40)
    return plate, 1.0 if pen.chance(0.85) else float(rng.uniform(0.6, 0.95))


def _running_plate(pen: TrainingPen) -> Drawn:
    """Draw a wide plate with a sign and a name at one end of it; it mostly runs off the page."""
    rng = pen.rng
    grey = int(rng.integers(60, 210))
    color: Color = (grey, grey, grey) if pen.chance(0.6) else pen.ink()
    on: Color = (20, 20, 20) if sum(color) > 480 and pen.chance(0.5) else WHITE
    words = in_row([fitted(pen.glyph(on), 300, HEIGHT * 1.2), fitted(_one_line(pen, on), 2000, HEIGHT)], 30)
    plate = Image.new(
        "RGBA",
        (int(words.width * rng.uniform(1.1, 3)), int(words.height * rng.uniform(1.2, 2.4))),
        (*color, 255),
    )
    x = plate.width - words.width / 2 - 30 if pen.chance(0.5) else words.width / 2 + 30
    centered(plate, words, x, plate.height / 2)
    return plate, float(rng.uniform(0.3, 0.85) if pen.chance(0.75) else rng.uniform(0.9, 1.0))


def _one_line(pen: TrainingPen, color: Color) -> Image.Image:
    return (
        pen.large(color)
        if pen.chance(0.6)
        else in_column([pen.large(color), fitted(pen.small(color), 2000, 70)], 20)
    )


def _across(pen: TrainingPen) -> Drawn:
    """Write one large pale name, or only its outline."""
    rng = pen.rng
    grey = int(rng.choice([rng.integers(60, 190), rng.integers(230, 256)]))
    words = pen.large((grey, grey, grey))
    if pen.chance(0.4):
        outer = words.getchannel("A").filter(ImageFilter.MaxFilter(9))
        ring = np.clip(np.asarray(outer).astype(int) - np.asarray(words.getchannel("A")), 0, 255)
        words.putalpha(Image.fromarray(ring.astype(np.uint8)))
    return words, float(rng.uniform(0.2, 0.65))


def _upright(pen: TrainingPen) -> Drawn:
    layer, opacity = _line(pen) if pen.chance(0.5) else _running_plate(pen)
    return layer.transpose(Image.Transpose.ROTATE_90), opacity


@dataclass(frozen=True)
class _Single:
    """A mark that can stand alone: how it is drawn, between which heights in pixels, and how often."""

    kind: str
    draw: Callable[[TrainingPen], Drawn]
    least: float
    most: float
    weight: float

    def height(self, rng: np.random.Generator) -> float:
        """Choose a height; small ones are as common as large ones."""
        return float(np.exp(rng.uniform(np.log(self.least), np.log(self.most))))


SINGLE = {
    "line": _Single("caption", _line, 6, 18, 0.2),
    "lines": _Single("caption", _lines, 10, 36, 0.1),
    "name": _Single("logo", _name, 12, 46, 0.24),
    "signs": _Single("logo", _signs, 14, 36, 0.08),
    "code": _Single("qr", _code, 15, 48, 0.12),
    "plate": _Single("bar", _running_plate, 12, 44, 0.12),
    "across": _Single("logo", _across, 18, 60, 0.06),
    "upright": _Single("banner", _upright, 60, 180, 0.08),
}
"""What can stand alone; weights sum to one."""
