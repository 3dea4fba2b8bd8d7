"""Marks for training alone, nearer to what publishers do than :mod:`marks`, which marks the data sets.

A publisher seldom uses one mark: the name is in one corner, an address in another, a QR code in a third. So
marks are drawn in sets. Added to the kinds of :mod:`marks` are small QR codes, very thin lines of text,
letters with a rim, pairs of small logos, plates that extend beyond the image, coloured corners, and a large
pale name across the drawing. Logos are silhouettes of OpenMoji's symbols, which no sketch contains.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

import marks
from marks import (
    HEIGHT,
    WHITE,
    Color,
    Face,
    Layer,
    Mark,
    Pen,
    encode_qr,
    fit,
    on_plate,
    paste_centered,
    recolor,
    render_qr,
    side_by_side,
    stack,
)


class TrainingPen(Pen):
    """A pen whose logos may be silhouettes, too."""

    def __init__(
        self, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
    ) -> None:
        super().__init__(rng, faces)
        self.signs = signs
        self.letters = rng.random() < 0.7  # real characters come with the faces

    def glyph(self, color: Color) -> Image.Image:
        """Return a silhouette in ``color``, a coloured image, or a logo of :meth:`marks.Pen.glyph`."""
        if not self.signs or self.bernoulli(0.35):
            return super().glyph(color)
        art = self.signs[int(self.rng.integers(len(self.signs)))]
        sign = Image.fromarray(art).resize((300, 300), Image.Resampling.BILINEAR)
        if self.bernoulli(0.3):
            return sign
        sign.putalpha(sign.getchannel("A").filter(ImageFilter.MaxFilter(5)))
        return recolor(sign, color)


@dataclass(frozen=True)
class Place:
    """The place of a mark on the image: 0 is left or top, 1 right or bottom."""

    x: float
    y: float


CORNERS = (Place(0, 0), Place(1, 0), Place(0, 1), Place(1, 1))


def mark_set(
    size: int, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
) -> list[Mark]:
    """Return one publisher's marks, one to five, for an image of ``size`` × ``size`` pixels."""
    pen = TrainingPen(rng, faces, signs)
    kind = rng.random()
    if kind < 0.45:
        return [_plain(size, pen)]
    if kind < 0.62:
        return _corners(size, pen)
    if kind < 0.70:
        return _colored_corners(size, pen)
    names = list(SINGLE)
    chosen = SINGLE[str(rng.choice(names, p=[SINGLE[name].weight for name in names]))]
    layer, opacity = chosen.draw(pen)
    place = Place(float(rng.random()), float(rng.random())) if pen.bernoulli(0.45) else None
    return [_place(chosen.kind, layer, opacity, chosen.height(rng), size, pen, place)]


def _plain(size: int, pen: TrainingPen) -> Mark:
    """Return a mark of :mod:`marks`, with this pen's logos; badges, bars and logos most often."""
    rng = pen.rng
    kind = str(rng.choice(list(marks.KINDS), p=[0.34, 0.15, 0.12, 0.16, 0.05, 0.1, 0.08]))
    return marks.draw_kind(pen, kind, size, size)


def _place(
    kind: str,
    layer: Image.Image,
    opacity: float,
    height: float,
    size: int,
    pen: TrainingPen,
    place: Place | None = None,
) -> Mark:
    """Shrink ``layer`` to ``height`` pixels, squash it a little, and put it at ``place`` or in a corner."""
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
    return marks.opacity(pen.rng, 0.6, (0.25, 0.55), [0.55, 0.3, 0.15])


def _corners(size: int, pen: TrainingPen) -> list[Mark]:
    """Return marks in two to four corners: logo, caption, QR code, contact; at times a line between."""
    rng = pen.rng
    corners = list(CORNERS)
    rng.shuffle(corners)
    drawers = ["name", "line", "code", "lines", "name", "line"]
    rng.shuffle(drawers)
    drawn = []
    for name, place in zip(drawers[: int(rng.integers(2, 5))], corners, strict=False):
        one = SINGLE[name]
        layer, opacity = one.draw(pen)
        drawn.append(_place(one.kind, layer, opacity, one.height(rng), size, pen, place))
    if pen.bernoulli(0.15):
        layer, opacity = _long_line(pen)
        height, place = float(rng.uniform(7, 15)), Place(0.5, float(rng.integers(2)))
        drawn.append(_place("caption", layer, opacity, height, size, pen, place))
    return drawn


def _colored_corners(size: int, pen: TrainingPen) -> list[Mark]:
    """Return bands, wedges and strips in one to three bright colours along the edges, with text on them."""
    rng, large = pen.rng, size * 4
    layer = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    colors = [pen.ink() for _ in range(int(rng.integers(1, 4)))]
    for _ in range(int(rng.integers(1, 6))):
        color = (*colors[int(rng.integers(len(colors)))], 255)
        edge = int(rng.integers(4))
        a, b = np.sort(rng.choice([0.0, rng.random(), rng.random(), 1.0], 2, replace=False))
        deep, deeper = rng.uniform(0.03, 0.14), rng.uniform(0.0, 0.3)
        if pen.bernoulli(0.5):
            deeper = deep
        corners = np.array([[a, 0], [b, 0], [b, deeper], [a, deep]])
        if edge % 2:
            corners = corners[:, ::-1]
        if edge >= 2:
            corners = 1 - corners
        draw.polygon([(float(x), float(y)) for x, y in corners * large], color)
    written = layer.copy()
    alpha = np.asarray(layer.getchannel("A"))
    for _ in range(int(rng.integers(1, 5))):
        ys, xs = np.nonzero(alpha[::8, ::8])
        if len(xs) == 0:
            break
        at = int(rng.integers(len(xs)))
        line = pen.small((25, 25, 25) if pen.bernoulli(0.6) else WHITE)
        line = fit(line, large * rng.uniform(0.15, 0.5), large * rng.uniform(0.02, 0.045))
        line = line.crop((0, 0, min(line.width, large), min(line.height, large)))
        x, y = min(int(xs[at]) * 8, large - line.width // 2), min(int(ys[at]) * 8, large - line.height)
        paste_centered(written, line, x, y)
    written = written.resize((size, size), Image.Resampling.BOX)
    opacity = 1.0 if pen.bernoulli(0.85) else float(rng.uniform(0.6, 0.95))
    return [Mark("banner", np.asarray(written), opacity, 0, 0)]


def _outline(part: Image.Image, color: Color, width: int) -> Image.Image:
    """Add a rim to letters, as captions have that must be legible on any ground."""
    wide = Image.new("RGBA", (part.width + 4 * width, part.height + 4 * width), (*color, 0))
    wide.paste(part, (2 * width, 2 * width))
    rim = Image.new("RGBA", wide.size, (*color, 0))
    rim.putalpha(wide.getchannel("A").filter(ImageFilter.MaxFilter(2 * width + 1)))
    rim.alpha_composite(wide)
    return rim


def _words(pen: TrainingPen, color: Color, name: bool) -> Image.Image:
    words = pen.large(color) if name else pen.small(color)
    if pen.bernoulli(0.25):
        rim: Color = WHITE if sum(color) < 380 else (60, 60, 62)
        words = _outline(words, rim, int(pen.rng.integers(4, 9)))
    return words


def _line(pen: TrainingPen) -> Layer:
    """Write one short line, at times after a logo or with a coloured plate at its end."""
    rng, color = pen.rng, pen.ink() if pen.bernoulli(0.5) else _grey(pen)
    parts = [_words(pen, color, pen.bernoulli(0.3))]
    if pen.bernoulli(0.25):
        parts.insert(0, fit(pen.glyph(color), 300, HEIGHT * 1.3))
    if pen.bernoulli(0.2):
        ink = pen.ink()
        parts.append(on_plate(pen.small(WHITE), ink, (60, 40)))
    return side_by_side(parts, int(rng.integers(10, 60))), _opacity(pen)


def _grey(pen: TrainingPen) -> Color:
    grey = int(pen.rng.integers(10, 175))
    return grey, grey, grey


def _lines(pen: TrainingPen) -> Layer:
    """Write two to four small lines, aligned left, centre or right."""
    rng = pen.rng
    color = pen.ink() if pen.bernoulli(0.4) else _grey(pen)
    lines = [
        fit(_words(pen, color, pen.bernoulli(0.3)), 3000, HEIGHT * rng.uniform(0.6, 1.2))
        for _ in range(int(rng.integers(2, 5)))
    ]
    return stack(lines, int(rng.integers(15, 60)), float(rng.choice([0.0, 0.5, 1.0]))), _opacity(pen)


def _long_line(pen: TrainingPen) -> Layer:
    color = pen.ink() if pen.bernoulli(0.6) else _grey(pen)
    parts = [_words(pen, color, False) for _ in range(int(pen.rng.integers(2, 5)))]
    return side_by_side(parts, int(pen.rng.integers(30, 160))), _opacity(pen)


def _name(pen: TrainingPen) -> Layer:
    """Draw a logo, name in one or two inks and small line below it, at times a second one beside it."""
    parts = [_one_name(pen)]
    if pen.bernoulli(0.3):
        second = _one_name(pen)
        parts.append(fit(second, 4000, parts[0].height))
    return side_by_side(parts, int(pen.rng.integers(60, 300))), _opacity(pen)


def _one_name(pen: TrainingPen) -> Image.Image:
    rng, color = pen.rng, pen.ink()
    name = _words(pen, color, True)
    lines = [name]
    for _ in range(int(rng.choice([0, 1, 1, 2]))):
        small = _words(pen, color if pen.bernoulli(0.6) else pen.ink(), pen.bernoulli(0.3))
        lines.append(fit(small, name.width * rng.uniform(0.8, 1.1), HEIGHT * rng.uniform(0.3, 1.1)))
    if pen.bernoulli(0.4):
        rng.shuffle(lines)
    words = stack(lines, int(rng.integers(10, 40)), float(rng.choice([0.0, 0.5])))
    if pen.bernoulli(0.25):
        ink = pen.ink()
        words = on_plate(words if pen.bernoulli(0.3) else recolor(words, WHITE), ink, (80, 60))
    if pen.bernoulli(0.65):
        tall = int(words.height * rng.uniform(0.8, 1.6))
        glyph = pen.glyph(color if pen.bernoulli(0.5) else pen.ink())
        glyph = glyph.resize((tall, tall), Image.Resampling.BILINEAR)
        parts = [glyph, words] if pen.bernoulli(0.7) else [words, glyph]
        words = side_by_side(parts, int(rng.integers(10, 60)))
    return words


def _logos(pen: TrainingPen) -> Layer:
    """Draw two or three small logos side by side, each with a small name below it, in one ink."""
    rng, color = pen.rng, pen.ink()
    columns = []
    for _ in range(int(rng.integers(2, 4))):
        glyph = fit(pen.glyph(color), 400, 300)
        columns.append(stack([glyph, fit(pen.large(color), 330, 120)], 20))
    return side_by_side(columns, int(rng.integers(60, 500))), _opacity(pen)


def _qr(pen: TrainingPen) -> Layer:
    """Draw a QR code with or without its quiet zone, at times with text beside it."""
    rng = pen.rng
    plate = render_qr(encode_qr(pen, 160, 0.6), (10, 10, 12))
    edge = plate.width
    if pen.bernoulli(0.2):  # a logo in the middle
        paste_centered(plate, fit(pen.glyph(pen.ink()), 140, 140), edge / 2, edge / 2)
    if pen.bernoulli(0.3):
        lines, _ = _lines(pen)
        lines = fit(lines, edge * 2.5, edge)
        plate = side_by_side([lines, plate] if pen.bernoulli(0.6) else [plate, lines], 40)
    return plate, 1.0 if pen.bernoulli(0.85) else float(rng.uniform(0.6, 0.95))


def _running_plate(pen: TrainingPen) -> Layer:
    """Draw a wide plate with a logo and a name at one end; it mostly extends beyond the image."""
    rng = pen.rng
    grey = int(rng.integers(60, 210))
    color: Color = (grey, grey, grey) if pen.bernoulli(0.6) else pen.ink()
    on: Color = (20, 20, 20) if sum(color) > 480 and pen.bernoulli(0.5) else WHITE
    words = side_by_side([fit(pen.glyph(on), 300, HEIGHT * 1.2), fit(_one_line(pen, on), 2000, HEIGHT)], 30)
    size = int(words.width * rng.uniform(1.1, 3)), int(words.height * rng.uniform(1.2, 2.4))
    plate = Image.new("RGBA", size, (*color, 255))
    x = plate.width - words.width / 2 - 30 if pen.bernoulli(0.5) else words.width / 2 + 30
    paste_centered(plate, words, x, plate.height / 2)
    return plate, float(rng.uniform(0.3, 0.85) if pen.bernoulli(0.75) else rng.uniform(0.9, 1.0))


def _one_line(pen: TrainingPen, color: Color) -> Image.Image:
    if pen.bernoulli(0.6):
        return pen.large(color)
    return stack([pen.large(color), fit(pen.small(color), 2000, 70)], 20)


def _across(pen: TrainingPen) -> Layer:
    """Write one large pale name, or only its outline."""
    rng = pen.rng
    grey = int(rng.choice([rng.integers(60, 190), rng.integers(230, 256)]))
    words = pen.large((grey, grey, grey))
    if pen.bernoulli(0.4):
        outer = words.getchannel("A").filter(ImageFilter.MaxFilter(9))
        ring = np.clip(np.asarray(outer).astype(int) - np.asarray(words.getchannel("A")), 0, 255)
        words.putalpha(Image.fromarray(ring.astype(np.uint8)))
    return words, float(rng.uniform(0.2, 0.65))


def _upright(pen: TrainingPen) -> Layer:
    layer, opacity = _line(pen) if pen.bernoulli(0.5) else _running_plate(pen)
    return layer.transpose(Image.Transpose.ROTATE_90), opacity


@dataclass(frozen=True)
class _Single:
    """A mark that can be used alone: its drawing function, range of heights in pixels, and share."""

    kind: str
    draw: Callable[[TrainingPen], Layer]
    least: float
    most: float
    weight: float

    def height(self, rng: np.random.Generator) -> float:
        """Return a height, log-uniform."""
        return float(np.exp(rng.uniform(np.log(self.least), np.log(self.most))))


SINGLE = {
    "line": _Single("caption", _line, 6, 18, 0.2),
    "lines": _Single("caption", _lines, 10, 36, 0.1),
    "name": _Single("logo", _name, 12, 46, 0.24),
    "logos": _Single("logo", _logos, 14, 36, 0.08),
    "code": _Single("qr", _qr, 15, 48, 0.12),
    "plate": _Single("bar", _running_plate, 12, 44, 0.12),
    "across": _Single("logo", _across, 18, 60, 0.06),
    "upright": _Single("banner", _upright, 60, 180, 0.08),
}
"""Marks that can be used alone; weights sum to one."""
