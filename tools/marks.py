"""Random publishers' marks, to stamp on clean drawings.

What publishers put over drawings on the web: round badges, translucent bars, captions and web addresses,
logos, QR codes, tiled text, banners. Every name is invented. A mark is drawn large on a layer of its own,
shrunk with antialiasing to its size on the image, and composited there; the layer's alpha gives the mask.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ImageArray = NDArray[np.uint8]
Color = tuple[int, int, int]
HEIGHT = 160
"""Pixels that a line of large text is high on a layer; layers are shrunk to the size of the mark."""


@dataclass(frozen=True)
class Face:
    """A typeface: a font file, or None for Pillow's own, and whether it writes Chinese."""

    path: Path | None
    han: bool = False

    def at(self, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        """Return the font at ``size`` pixels."""
        return ImageFont.load_default(size) if self.path is None else ImageFont.truetype(self.path, size)


def _bundled(*names: str) -> tuple[Face, ...]:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return tuple(Face(folder / f"{name}.ttf") for name in names)


HELD_OUT_FACES = (
    Face(None),
    *_bundled("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "cmr10", "DejaVuSansMono"),
)
"""Typefaces of the marks in the bundled data sets: none of them is in ``TRAINING_FACES``."""

TRAINING_FACES = _bundled(
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique", "DejaVuSerif",
    "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSansMono-Bold", "cmss10", "cmtt10", "cmb10",
)  # fmt: skip

INKS: tuple[Color, ...] = (
    (88, 88, 88), (70, 70, 74), (20, 20, 22), (110, 112, 116), (165, 165, 168), (172, 38, 42), (205, 60, 35),
    (200, 25, 100), (228, 16, 130), (40, 185, 230), (70, 150, 220), (20, 70, 150), (35, 30, 120),
    (242, 150, 20), (250, 195, 30), (95, 175, 40), (20, 130, 90), (225, 130, 140), (190, 160, 90),
    (120, 90, 70),
)  # fmt: skip
SYLLABLES = (
    "ar", "bel", "cor", "dan", "el", "fen", "gro", "hal", "ib", "jun", "kor", "lum", "mar", "nov", "or",
    "pel", "qua", "rin", "sol", "tam", "ul", "ver", "wen", "xan", "yor", "zel", "bri", "cas", "dul",
    "fro", "gim", "hob", "kle", "lin", "mop", "nud", "pra", "ros", "sti", "tur", "vol",
)  # fmt: skip
TRADES = (
    "Design", "Studio", "Sketch", "Drawing", "Workshop", "Lab", "School",
    "Works", "Form", "Ideas", "Atelier", "Academy", "Press",
)  # fmt: skip
SLOGANS = (
    "one sketch a day", "industrial design", "learn to draw", "hand drawn concepts", "all rights reserved",
    "design sketching course", "follow us for more", "the art of product form", "sketch book no. 7",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A mark drawn for one size of image: a uint8 h × w × 4 RGBA layer, its opacity and its corner."""

    kind: str
    layer: NDArray[np.uint8]
    opacity: float
    left: int
    top: int


def stamp(
    image: ImageArray, rng: np.random.Generator, faces: Sequence[Face]
) -> tuple[ImageArray, NDArray[np.uint8], str]:
    """Composite one random mark over ``image``.

    Args:
        image: uint8, H × W × 3, RGB; not changed.
        rng: draws the mark and its place.
        faces: the typefaces to choose from.

    Returns:
        The marked image; the mask, uint8, H × W, 255 on every pixel that the mark covers, antialiased rim
        included (all others are unchanged); and the kind, a key of ``KINDS``.
    """
    mark = draw(image.shape[1], image.shape[0], rng, faces)
    return *composite(image, mark), mark.kind


def draw(width: int, height: int, rng: np.random.Generator, faces: Sequence[Face]) -> Mark:
    """Return a random mark for an image of ``width`` × ``height`` pixels."""
    weights = [entry.weight for entry in KINDS.values()]
    kind = str(rng.choice(np.array(list(KINDS)), p=weights))
    return draw_kind(Pen(rng, faces), kind, width, height)


def draw_kind(pen: "Pen", kind: str, width: int, height: int) -> Mark:
    """Return a mark of ``kind`` for an image of ``width`` × ``height`` pixels."""
    layer, opacity = KINDS[kind].draw(pen)
    if layer.size == FULL_SIZE:
        layer = layer.resize((width, height), Image.Resampling.BILINEAR)
        return Mark(kind, np.asarray(layer), opacity, 0, 0)
    layer = layer.resize(_size(layer, kind, width, height, pen.rng), Image.Resampling.BILINEAR)
    return Mark(kind, np.asarray(layer), opacity, *_place(layer, kind, width, height, pen.rng))


def composite(image: ImageArray, mark: Mark) -> tuple[ImageArray, NDArray[np.uint8]]:
    """Composite ``mark`` on ``image``; return the marked image and the mask as :func:`stamp` does."""
    height, width = mark.layer.shape[:2]
    window = slice(mark.top, mark.top + height), slice(mark.left, mark.left + width)
    alpha = mark.layer[..., 3:] / 255 * mark.opacity
    mixed = image[window] * (1 - alpha) + mark.layer[..., :3] * alpha
    covered = alpha >= 1 / 255
    marked, mask = image.copy(), np.zeros(image.shape[:2], dtype=np.uint8)
    marked[window] = np.where(covered, np.rint(mixed).astype(np.uint8), image[window])
    mask[window] = np.where(covered[..., 0], 255, 0)
    return marked, mask


def _size(
    layer: Image.Image, kind: str, width: int, height: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Return the width and height of a mark: mostly 2 to 3 % of the image, squashed as on the web."""
    aspect = layer.width / layer.height * np.exp(rng.normal(0, 0.12))
    share = np.clip(np.exp(rng.normal(np.log(0.024), 0.5)), 0.006, 0.3)
    if kind == "banner":
        long = rng.choice([1.0, 1.0, 0.6, 0.4])
        short = np.clip(np.exp(rng.normal(np.log(0.08), 0.35)), 0.04, 0.3)
        across, down = (long, short) if aspect > 1 else (short, long)
        return max(8, int(width * across)), max(8, int(height * down))
    if kind == "badge" and rng.random() < 0.12:
        share *= 3
    w = min(np.sqrt(share * width * height * aspect), 0.92 * width)
    h = min(w / aspect, 0.92 * height)
    return max(6, round(min(w, h * aspect))), max(5, round(h))


def _place(
    layer: Image.Image, kind: str, width: int, height: int, rng: np.random.Generator
) -> tuple[int, int]:
    free_x, free_y = width - layer.width, height - layer.height
    gap = int(rng.integers(0, max(2, width // 16)))
    near_x, near_y = min(gap, free_x), min(gap, free_y)
    if kind == "banner":
        near_x = near_y = 0
    if kind == "banner" or rng.random() < 0.6:  # in a corner or along an edge
        x = int(rng.choice(np.array([near_x, free_x - near_x, rng.integers(0, free_x + 1)])))
        y = int(rng.choice([near_y, free_y - near_y]))
        if kind == "banner" and layer.height > layer.width:
            x, y = int(rng.choice([0, free_x])), int(rng.choice([0, free_y]))
        return x, y
    return int(rng.integers(0, free_x + 1)), int(rng.integers(0, free_y + 1))


class Pen:
    """Draws the parts of marks, each an RGBA layer trimmed to its ink."""

    def __init__(self, rng: np.random.Generator, faces: Sequence[Face]) -> None:
        self.rng = rng
        self.face = faces[int(rng.integers(len(faces)))]
        self.stretch = float(np.exp(rng.normal(0, 0.2)))
        self.letters = rng.random() < 0.55  # else square characters

    def bernoulli(self, probability: float) -> bool:
        """Return True with the given probability."""
        return bool(self.rng.random() < probability)

    def ink(self) -> Color:
        """Return a colour near one of ``INKS``."""
        color = np.array(INKS[int(self.rng.integers(len(INKS)))]) + self.rng.integers(-18, 19, 3)
        red, green, blue = color.clip(0, 255).tolist()
        return red, green, blue

    def name(self) -> str:
        """Return an invented publisher's name."""
        word = "".join(self.rng.choice(SYLLABLES, int(self.rng.integers(2, 4)))).capitalize()
        trade = str(self.rng.choice(TRADES))
        both = f"{word} {trade}"
        styles = word, word.upper(), both, both.upper(), word.lower() + trade.lower()
        return styles[int(self.rng.integers(5))]

    def address(self) -> str:
        """Return an invented web address, account or number."""
        site = self.name().replace(" ", "").lower()
        digits = "".join(map(str, self.rng.integers(0, 10, 8)))
        host = f"{site}.example"
        styles = [f"www.{host}", host, f"@{site}", f"http://{host}/{digits[:4]}", f"ID: {digits}"]
        return str(self.rng.choice(styles))

    def sentence(self) -> str:
        """Return an address or a slogan."""
        address, slogan, other = self.address(), str(self.rng.choice(SLOGANS)), str(self.rng.choice(SLOGANS))
        return str(self.rng.choice([address, slogan.upper(), other]))

    def large(self, color: Color) -> Image.Image:
        """Return a publisher's name, in letters or in square characters."""
        if self.letters:
            return self.text(self.name(), color)
        return self.characters(int(self.rng.integers(2, 7)), color)

    def small(self, color: Color) -> Image.Image:
        """Return a line of small text."""
        if self.letters or self.bernoulli(0.6):
            return self.text(self.sentence(), color)
        return self.characters(int(self.rng.integers(6, 14)), color)

    def text(self, words: str, color: Color) -> Image.Image:
        """Write ``words`` in the pen's face; a Chinese face writes random characters instead."""
        if self.face.han:
            words = "".join(chr(c) for c in self.rng.integers(0x4E00, 0x7F00, max(2, len(words) // 3)))
        font = self.face.at(HEIGHT)
        left, top, right, bottom = font.getbbox(words)
        line = Image.new("RGBA", (int(right - left) + 8, int(bottom - top) + 8), (*color, 0))
        ImageDraw.Draw(line).text((4 - left, 4 - top), words, (*color, 255), font)
        return line.resize((max(8, int(line.width * self.stretch)), line.height), Image.Resampling.BILINEAR)

    def characters(self, count: int, color: Color) -> Image.Image:
        """Write square pseudo-characters made of strokes."""
        step, width = HEIGHT, int(self.rng.integers(6, 18))
        line = Image.new("RGBA", (step * count, HEIGHT), (*color, 0))
        draw = ImageDraw.Draw(line)
        for at in range(count):
            self._character(draw, at * step + step * 0.06, step * 0.88, width, (*color, 255))
        return line

    def _character(
        self, draw: ImageDraw.ImageDraw, x: float, size: float, width: int, fill: tuple[int, ...]
    ) -> None:
        rng, top = self.rng, size * 0.06
        for y in rng.choice(np.linspace(0.04, 0.96, 7), int(rng.integers(2, 5)), replace=False):
            a, b = rng.choice([0.05, 0.2, 0.5]), rng.choice([0.55, 0.8, 0.95])
            line = x + a * size, top + y * size, x + b * size, top + y * size
            draw.line(line, fill, max(3, int(width * 0.8)))
        for at in rng.choice(np.linspace(0.1, 0.9, 5), int(rng.integers(1, 4)), replace=False):
            a, b = rng.choice([0.0, 0.25, 0.45]), rng.choice([0.6, 0.8, 1.0])
            draw.line((x + at * size, top + a * size, x + at * size, top + b * size), fill, width)
        if self.bernoulli(0.5):
            xs, ys = x + rng.random(2) * size, top + rng.random(2) * size
            draw.line((xs[0], ys[0], xs[1], ys[1]), fill, width)
        if self.bernoulli(0.4):
            a, b = rng.choice([0.05, 0.4]), rng.choice([0.1, 0.5])
            box = (x + a * size, top + b * size, x + (a + 0.5) * size, top + (b + 0.4) * size)
            draw.rectangle(box, outline=fill, width=width)

    def glyph(self, color: Color) -> Image.Image:
        """Return a logo: blocks, a polygon of facets, a ring, a letter in a tile, or curves."""
        rng, size = self.rng, 300
        sign = Image.new("RGBA", (size, size), (*color, 0))
        draw = ImageDraw.Draw(sign)
        shape = int(rng.integers(5))
        if shape == 0:
            for x, y in zip(*np.nonzero(rng.random((3, 3)) < 0.55), strict=True):
                draw.rectangle((x * 100, y * 100, x * 100 + 96, y * 100 + 96), (*color, 255))
        elif shape == 1:
            angles = np.linspace(0, 2 * np.pi, int(rng.integers(4, 8)), endpoint=False) + rng.random() * 6
            radii = rng.uniform(70, 148, len(angles))
            tips = [(150 + r * np.cos(a), 150 + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)]
            for first, second in zip(tips, tips[1:] + tips[:1], strict=True):
                shade = tuple(int(c) for c in (np.array(color) * rng.uniform(0.7, 1.2)).clip(0, 255))
                draw.polygon([(150, 150), first, second], (*shade, 255))
        elif shape == 2:
            draw.ellipse((6, 6, 294, 294), outline=(*color, 255), width=int(rng.integers(20, 90)))
            if self.bernoulli(0.6):
                draw.rectangle((150, 130, 294, 170), (*color, 255))
        elif shape == 3:
            draw.rounded_rectangle((4, 4, 296, 296), int(rng.integers(10, 140)), (*color, 255))
            self._character(draw, 60, 180, 26, (255, 255, 255, 255))
        else:  # a figure of curves
            for _ in range(int(rng.integers(3, 6))):
                x, y = rng.uniform(0, 180, 2)
                w, h = rng.uniform(40, 150, 2)
                start = int(rng.integers(360))
                draw.pieslice((x, y, x + w, y + h), start, start + int(rng.integers(90, 300)), (*color, 255))
        return sign


def fit(part: Image.Image, width: float, height: float) -> Image.Image:
    """Resize a part to fit into ``width`` × ``height``, keeping its aspect."""
    factor = min(width / part.width, height / part.height)
    size = max(1, int(part.width * factor)), max(1, int(part.height * factor))
    return part.resize(size, Image.Resampling.BILINEAR)


def paste_centered(canvas: Image.Image, part: Image.Image, x: float, y: float) -> None:
    """Composite a part on a canvas, centred at x, y."""
    canvas.alpha_composite(part, (max(0, int(x - part.width / 2)), max(0, int(y - part.height / 2))))


def stack(parts: Sequence[Image.Image], gap: int, align: float = 0.5) -> Image.Image:
    """Place parts below one another; ``align`` is 0 for left, 0.5 for centre, 1 for right."""
    width, height = max(p.width for p in parts), sum(p.height for p in parts) + gap * (len(parts) - 1)
    column = Image.new("RGBA", (width, height), (*parts[0].getpixel((0, 0))[:3], 0))  # type: ignore[index]
    top = 0
    for part in parts:
        column.alpha_composite(part, (int((width - part.width) * align), top))
        top += part.height + gap
    return column


def side_by_side(parts: Sequence[Image.Image], gap: int) -> Image.Image:
    """Place parts side by side, centred vertically."""
    transposed = [part.transpose(Image.Transpose.TRANSPOSE) for part in parts]
    return stack(transposed, gap).transpose(Image.Transpose.TRANSPOSE)


def on_plate(part: Image.Image, color: Color, margin: tuple[int, int]) -> Image.Image:
    """Put a part on an opaque plate that is wider and higher by ``margin``."""
    plate = Image.new("RGBA", (part.width + margin[0], part.height + margin[1]), (*color, 255))
    paste_centered(plate, part, plate.width / 2, plate.height / 2)
    return plate


def recolor(part: Image.Image, color: Color) -> Image.Image:
    """Return a part in one colour, with its alpha."""
    recolored = Image.new("RGBA", part.size, (*color, 0))
    recolored.putalpha(part.getchannel("A"))
    return recolored


def opacity(
    rng: np.random.Generator, strong: float, weak: tuple[float, float], shares: Sequence[float]
) -> float:
    """Return 1, an opacity from ``strong`` to 0.95, or one in the range ``weak``, in these shares."""
    return float(rng.choice([1.0, rng.uniform(strong, 0.95), rng.uniform(*weak)], p=shares))


def encode_qr(pen: Pen, digits: int, trim: float) -> NDArray[np.uint8]:
    """Return a QR code of fewer than ``digits`` random digits, with probability ``trim`` without margin."""
    payload = "".join(map(str, pen.rng.integers(0, 10, int(pen.rng.integers(12, digits)))))
    code = cv2.QRCodeEncoder.create().encode(payload)
    return np.asarray(code[2:-2, 2:-2] if pen.bernoulli(trim) else code, np.uint8)


def render_qr(code: NDArray[np.uint8], ink: Color) -> Image.Image:
    """Enlarge a QR code to about 600 pixels and colour it."""
    edge = code.shape[0] * (600 // code.shape[0])
    values = np.where(code[..., None] > 127, 255, np.array(ink)).astype(np.uint8)
    return Image.fromarray(values).convert("RGBA").resize((edge, edge), Image.Resampling.NEAREST)


Layer = tuple[Image.Image, float]
"""A mark's layer, RGBA, and its opacity."""
WHITE: Color = (255, 255, 255)
FULL_SIZE = (1200, 1200)
"""A layer of this size covers the whole image."""


def _badge(pen: Pen) -> Layer:
    """Draw a filled disc, oval or pill with logo and name in white, or only a ring."""
    rng, color = pen.rng, pen.ink()
    width, height = 700, int(700 * rng.choice([1.0, 1.0, 1.35, 0.75]))
    pill = pen.bernoulli(0.12)
    height = 260 if pill else height
    badge = Image.new("RGBA", (width, height), (*color, 0))
    draw = ImageDraw.Draw(badge)
    box = (3, 3, width - 4, height - 4)
    ring = pen.bernoulli(0.15) and not pill
    if pill:
        draw.rounded_rectangle(box, height // 2 if pen.bernoulli(0.6) else 60, (*color, 255))
    elif ring:
        draw.ellipse(box, outline=(*color, 255), width=int(rng.integers(18, 50)))
    else:
        draw.ellipse(box, (*color, 255))
        if pen.bernoulli(0.3):
            inner = 40, 40, width - 41, height - 41
            draw.ellipse(inner, outline=(*WHITE, 255), width=int(rng.integers(6, 16)))
    on = color if ring else WHITE

    def paste(part: Image.Image, wide: float, tall: float, at: float) -> None:
        paste_centered(badge, fit(part, width * wide, height * tall), width / 2, height * at)

    if pill:
        paste(pen.large(on), 0.8, 0.5, 0.5)
    else:
        with_glyph = pen.bernoulli(0.6)
        if with_glyph:
            paste(pen.glyph(on), 0.4, 0.26, 0.25)
        paste(pen.large(on), 0.72, 0.24, 0.52 if with_glyph else 0.45)
        if pen.bernoulli(0.75):
            paste(pen.small(on), 0.64, 0.1, 0.72)
    return badge, opacity(rng, 0.7, (0.25, 0.6), [0.45, 0.35, 0.2])


def _bar(pen: Pen) -> Layer:
    """Draw a translucent plate with a line of text on it."""
    rng = pen.rng
    grey = int(rng.integers(60, 190))
    color: Color = (grey, grey, grey) if pen.bernoulli(0.7) else pen.ink()
    on: Color = (20, 20, 20) if grey > 150 and pen.bernoulli(0.5) else WHITE
    line = pen.large(on) if pen.bernoulli(0.5) else pen.small(on)
    if pen.bernoulli(0.4):
        line = side_by_side([fit(pen.glyph(on), 400, HEIGHT * 1.2), line], 40)
    margin_x, margin_y = int(rng.integers(20, 400)), int(rng.integers(15, 90))
    width = max(line.width + 2 * margin_x, int(rng.uniform(3, 7) * line.height))
    bar = Image.new("RGBA", (width, line.height + 2 * margin_y), (*color, 255))
    x = bar.width / 2 if pen.bernoulli(0.7) else margin_x + line.width / 2
    paste_centered(bar, line, x, bar.height / 2)
    return bar, float(rng.uniform(0.3, 0.85) if pen.bernoulli(0.8) else rng.uniform(0.9, 1.0))


def _caption(pen: Pen) -> Layer:
    """Write one to three lines of name, slogan and address."""
    rng, color = pen.rng, pen.ink()
    lines = [pen.large(color) if pen.bernoulli(0.6) else pen.small(color)]
    for _ in range(int(rng.choice([0, 0, 1, 2]))):
        line, width = pen.small(color), lines[0].width * rng.uniform(0.6, 1.1)
        lines.append(fit(line, width, HEIGHT * rng.uniform(0.5, 0.9)))
    caption = stack(lines, int(rng.integers(20, 70)), float(rng.choice([0.0, 0.5, 1.0])))
    return caption, opacity(rng, 0.6, (0.2, 0.5), [0.45, 0.35, 0.2])


def _logo(pen: Pen) -> Layer:
    """Draw a logo with the name beside or below it, at times a second logo; or the name on a plate."""
    rng, color = pen.rng, pen.ink()
    other = pen.ink() if pen.bernoulli(0.35) else color
    words = pen.large(other)
    if pen.bernoulli(0.5):
        words = stack([words, fit(pen.small(other), words.width, HEIGHT * 0.45)], 30)
    if pen.bernoulli(0.2):
        plate = on_plate(words if other != color else recolor(words, WHITE), color, (120, 90))
        return plate, float(rng.uniform(0.7, 1.0))
    glyph = pen.glyph(color)
    glyph = glyph.resize((int(words.height * rng.uniform(1.2, 2.2)),) * 2, Image.Resampling.BILINEAR)
    if pen.bernoulli(0.65):
        logo = side_by_side([glyph, words] if pen.bernoulli(0.6) else [words, glyph], 50)
    else:
        logo = stack([glyph, words], 40)
    if pen.bernoulli(0.2):
        rule = Image.new("RGBA", (8, logo.height), (*color, 255))
        logo = side_by_side([logo, rule, fit(pen.glyph(color), 900, logo.height)], 50)
    return logo, opacity(rng, 0.6, (0.2, 0.5), [0.5, 0.35, 0.15])


def _qr(pen: Pen) -> Layer:
    """Draw a QR code, at times with a line of text below it."""
    code = encode_qr(pen, 120, 0.5)
    ink = pen.ink() if pen.bernoulli(0.15) else (10, 10, 12)
    plate = render_qr(code, ink)
    if pen.bernoulli(0.35):
        plate = stack([plate, fit(pen.small(ink), plate.width, 90)], 16)
    return plate, 1.0 if pen.bernoulli(0.8) else float(pen.rng.uniform(0.6, 0.95))


def _tiled(pen: Pen) -> Layer:
    """Repeat one faint name over the whole image, level or slanting."""
    rng = pen.rng
    grey = int(rng.integers(90, 190))
    color: Color = (grey, grey, grey) if pen.bernoulli(0.7) else pen.ink()
    line = fit(pen.large(color), rng.uniform(350, 800), rng.uniform(60, 130))
    size = line.width + int(rng.integers(30, 300)), line.height + int(rng.integers(120, 420))
    tile = Image.new("RGBA", size, (*color, 0))
    tile.alpha_composite(line)
    shift = int(rng.integers(tile.width))
    width, height = FULL_SIZE
    large = Image.new("RGBA", (2 * width, 2 * height), (*color, 0))
    for number, y in enumerate(range(0, large.height, tile.height)):
        for x in range(-(number % 2) * shift, large.width, tile.width):
            large.alpha_composite(tile.crop((max(0, -x), 0, tile.width, tile.height)), (max(0, x), y))
    angle = float(rng.choice([0, 0, rng.uniform(15, 45), rng.uniform(-45, -15)]))
    large = large.rotate(angle, Image.Resampling.BILINEAR)
    box = width // 2, height // 2, width // 2 + width, height // 2 + height
    return large.crop(box), float(rng.uniform(0.2, 0.6))


def _banner(pen: Pen) -> Layer:
    """Draw an opaque strip along an edge with name and address on it."""
    rng, color = pen.rng, pen.ink()
    on = WHITE if sum(color) < 480 else (30, 30, 30)
    parts = [pen.large(on)] + [pen.small(on) for _ in range(int(rng.integers(0, 3)))]
    if pen.bernoulli(0.4):
        parts.insert(0, fit(pen.glyph(on), 400, HEIGHT * 1.3))
    line = side_by_side(parts, int(rng.integers(60, 400)))
    size = max(line.width + 120, 2000), line.height + int(rng.integers(40, 160))
    strip = Image.new("RGBA", size, (*color, 255))
    line = fit(line, strip.width * 0.94, strip.height * 0.8)
    paste_centered(strip, line, strip.width / 2, strip.height / 2)
    if pen.bernoulli(0.25):  # a slanting end in a second colour
        tip = int(rng.integers(200, 900))
        corners = [(strip.width - tip, strip.height), (strip.width, 0), (strip.width, strip.height)]
        ImageDraw.Draw(strip).polygon(corners, (*pen.ink(), 255))
    if pen.bernoulli(0.4):
        strip = strip.transpose(Image.Transpose.ROTATE_90)
    return strip, 1.0 if pen.bernoulli(0.8) else float(rng.uniform(0.7, 0.95))


@dataclass(frozen=True)
class _Kind:
    draw: Callable[[Pen], Layer]
    weight: float


KINDS: dict[str, _Kind] = {
    "badge": _Kind(_badge, 0.25),
    "bar": _Kind(_bar, 0.15),
    "caption": _Kind(_caption, 0.2),
    "logo": _Kind(_logo, 0.17),
    "qr": _Kind(_qr, 0.08),
    "tiled": _Kind(_tiled, 0.07),
    "banner": _Kind(_banner, 0.08),
}
"""Every kind with the probability that it is drawn."""
