"""Marks of kinds that never train the detector, with their exact masks.

The detector learns from discs, pills, rectangles, lines of writing, QR codes, wedges and tiled names
(``tools/``). Here are other outlines, plates whose opacity runs from one end to the other, text on a
circle and in signatures, and typefaces of neither ``marks.TRAINING_FACES`` nor ``marks.HELD_OUT_FACES``.
Every word is invented. A mark is drawn four times as large, shrunk with antialiasing and composited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sketch2color.imaging import ImageArray

Color = tuple[int, int, int]
FACES = (
    "STIXGeneralBolIta", "DejaVuSerif-BoldItalic", "DejaVuSansMono-BoldOblique", "DejaVuSansMono-Oblique",
    "cmmi10", "cmti10",
)  # fmt: skip
"""Typefaces that matplotlib ships and that are used nowhere else here."""
COLORS: tuple[Color, ...] = (
    (150, 60, 170), (0, 120, 130), (235, 95, 75), (60, 65, 20), (250, 220, 120), (30, 60, 40),
    (130, 205, 195),     (90, 30, 20), (252, 252, 252), (205, 205, 215), (45, 45, 52), (240, 170, 200),
)  # fmt: skip
WORDS = (
    "Obrika", "Tuvalen", "Ysmar", "Nektorin", "Plavio", "Zumeth", "Ardenoq", "Wistral", "Komira", "Feyund",
)  # fmt: skip
LINES = (
    "sample copy", "for view only", "protected work", "sold by license", "preview", "not for print",
    "property of the house", "proof no. 51",
)  # fmt: skip
LARGE = 4
"""Pixels of the layer for one of the image."""


@dataclass(frozen=True)
class Marked:
    """An image with a mark: uint8 H × W × 3, the mask as uint8 H × W (0 or 255), kind and mean opacity."""

    image: ImageArray
    mask: NDArray[np.uint8]
    kind: str
    opacity: float


def mark_image(image: ImageArray, kind: str, rng: np.random.Generator) -> Marked:
    """Composite a mark of ``kind``, a key of ``KINDS``, over ``image`` (uint8, H × W × 3; not changed).

    The mask covers every pixel that the mark changes by half a level or could change on another image.
    """
    height, width = image.shape[:2]
    canvas = Image.new("RGBA", (width * LARGE, height * LARGE))
    brush = _Brush(canvas, rng)
    KINDS[kind].draw(brush)
    layer = np.asarray(canvas.convert("RGBa").resize((width, height), Image.Resampling.BOX), np.float64)
    opacity = KINDS[kind].opacity(rng)
    opacities = np.full((height, width, 1), opacity)
    if brush.fades:
        direction = rng.normal(size=2)
        ramp = np.add.outer(np.linspace(0, direction[0], height), np.linspace(0, direction[1], width))
        inside = ramp[layer[..., 3] > 0]
        low, high = inside.min(), max(inside.max(), inside.min() + 1e-6)
        opacities = np.clip(0.3 + 0.55 * (ramp - low) / (high - low), 0.3, 0.85)[..., None]
    alpha = layer[..., 3:] / 255 * opacities
    mask = alpha[..., 0] >= 1 / 255
    mixed = np.rint(image * (1 - alpha) + layer[..., :3] * opacities).clip(0, 255).astype(np.uint8)
    marked = np.where(mask[..., None], mixed, image)
    mean = float(opacities[mask].mean()) if mask.any() else opacity
    return Marked(marked, mask.astype(np.uint8) * 255, kind, mean)


class _Brush:
    """Draws on a canvas of the image's shape, ``LARGE`` times as wide."""

    def __init__(self, canvas: Image.Image, rng: np.random.Generator) -> None:
        self.canvas = canvas
        self.draw = ImageDraw.Draw(canvas)
        self.rng = rng
        self.face = FACES[int(rng.integers(len(FACES)))]
        self.color: Color = COLORS[int(rng.integers(len(COLORS)))]
        self.on: Color = (250, 250, 250) if sum(self.color) < 420 else (25, 25, 30)
        self.fades = False
        self.edge = float(min(canvas.size))

    def font(self, size: float) -> ImageFont.FreeTypeFont:
        path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{self.face}.ttf"
        return ImageFont.truetype(path, max(8, round(size)))

    def words(self) -> str:
        rng = self.rng
        word = str(rng.choice(WORDS))
        return str(rng.choice([word, word.upper(), f"{word} {rng.choice(WORDS)}", str(rng.choice(LINES))]))

    def place(self, radius: float) -> tuple[float, float]:
        """Return a random centre, near an edge or anywhere, for a shape of ``radius`` pixels."""
        at = []
        for extent in self.canvas.size:
            low, high = radius, max(radius, extent - radius)
            near = float(self.rng.choice([low, high])) + float(self.rng.normal(0, radius / 6))
            at.append(near if self.rng.random() < 0.5 else float(self.rng.uniform(low, high)))
        return at[0], at[1]

    def size(self, least: float, most: float) -> float:
        """Return a log-uniform length between two shares of the image's shorter edge."""
        return self.edge * float(np.exp(self.rng.uniform(np.log(least), np.log(most))))

    def write(self, words: str, color: Color, middle: tuple[float, float], width: float, tall: float) -> None:
        """Write ``words`` into ``width`` × ``tall`` pixels around ``middle``."""
        font = self.font(200)
        left, top, right, bottom = font.getbbox(words)
        font = self.font(200 * min(width / max(1, right - left), tall / max(1, bottom - top)))
        self.draw.text(middle, words, (*color, 255), font, anchor="mm")

    def paste_rotated(self, art: Image.Image, middle: tuple[float, float], angle: float) -> None:
        art = art.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        corner = int(middle[0] - art.width / 2), int(middle[1] - art.height / 2)
        layer = Image.new("RGBA", self.canvas.size)
        layer.paste(art, corner)
        self.canvas.alpha_composite(layer)


def _tips(middle: tuple[float, float], radii: list[float], angle: float) -> list[tuple[float, float]]:
    turns = angle + np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return [
        (middle[0] + r * float(np.cos(t)), middle[1] + r * float(np.sin(t)))
        for r, t in zip(radii, turns, strict=True)
    ]


def _hexagon(brush: _Brush) -> None:
    """Draw a hexagon with a name on it, at times with a rim inside its edge."""
    radius = brush.size(0.07, 0.2)
    middle = brush.place(radius)
    turn = float(brush.rng.choice([0, np.pi / 6]))
    brush.draw.polygon(_tips(middle, [radius] * 6, turn), (*brush.color, 255))
    if brush.rng.random() < 0.5:
        rim = _tips(middle, [radius * 0.86] * 6, turn)
        brush.draw.line([*rim, rim[0]], (*brush.on, 255), max(4, int(radius * 0.05)))
    brush.write(brush.words(), brush.on, middle, radius * 1.4, radius * 0.5)


def _star(brush: _Brush) -> None:
    """Draw a seal with many teeth, or a star of five, with a word on it."""
    radius = brush.size(0.07, 0.19)
    middle = brush.place(radius)
    teeth, depth = (5, 0.55) if brush.rng.random() < 0.4 else (int(brush.rng.integers(12, 25)), 0.85)
    brush.draw.polygon(_tips(middle, [radius, radius * depth] * teeth, -np.pi / 2), (*brush.color, 255))
    brush.write(brush.words(), brush.on, middle, radius * 2 * depth * 0.75, radius * 0.45)


def _ribbon(brush: _Brush) -> None:
    """Draw a ribbon with swallow tails, level or slanting."""
    long, tall = brush.size(0.3, 0.75), brush.size(0.05, 0.1)
    art = Image.new("RGBA", (int(long), int(tall)), (*brush.color, 0))
    tail = tall * 0.7
    outline = [(0, 0), (long, 0), (long - tail, tall / 2), (long, tall), (0, tall), (tail, tall / 2)]
    inner = _Brush(art, brush.rng)
    inner.draw.polygon(outline, (*brush.color, 255))
    inner.face = brush.face
    inner.write(brush.words(), brush.on, (long / 2, tall / 2), long - 3 * tall, tall * 0.6)
    angle = float(brush.rng.choice([0, 0, brush.rng.uniform(-40, 40)]))
    brush.paste_rotated(art, brush.place(tall + long / 4), angle)


def _stamp(brush: _Brush) -> None:
    """Draw a rubber stamp: two rings, text along a circle between them, a word across."""
    radius = brush.size(0.1, 0.24)
    side = int(radius * 2) + 8
    art = Image.new("RGBA", (side, side), (*brush.color, 0))
    draw, middle = ImageDraw.Draw(art), side / 2
    for share, width in ((1.0, 0.06), (0.66, 0.03)):
        r = radius * share
        box = (middle - r, middle - r, middle + r, middle + r)
        draw.ellipse(box, outline=(*brush.color, 255), width=max(4, int(radius * width)))
    words = f"{brush.rng.choice(LINES)} · {brush.rng.choice(WORDS)} · ".upper()
    tall = min(radius * 0.22, 2 * np.pi * radius * 0.8 / len(words) * 1.3)
    for number, letter in enumerate(words):
        turn = 2 * np.pi * number / len(words)
        tile = Image.new("RGBA", (int(tall * 2), int(tall * 2)), (*brush.color, 0))
        ImageDraw.Draw(tile).text((tall, tall), letter, (*brush.color, 255), brush.font(tall), anchor="mm")
        tile = tile.rotate(-np.degrees(turn), Image.Resampling.BICUBIC)
        at = middle + radius * 0.81 * np.sin(turn) - tall, middle - radius * 0.81 * np.cos(turn) - tall
        art.alpha_composite(tile, (max(0, int(at[0])), max(0, int(at[1]))))
    inner = _Brush(art, brush.rng)
    inner.face = brush.face
    inner.write(str(brush.rng.choice(WORDS)), brush.color, (middle, middle), radius * 1.1, radius * 0.4)
    brush.paste_rotated(art, brush.place(radius), float(brush.rng.uniform(-30, 30)))


def _signature(brush: _Brush) -> None:
    """Draw a name in one flowing pen line, underlined with a flourish."""
    long = brush.size(0.2, 0.5)
    middle = brush.place(long / 2)
    steps = np.linspace(0, 1, 160)
    loops = int(brush.rng.integers(4, 9))
    phase, swing = brush.rng.random(2) * 6
    xs = middle[0] + long * (steps - 0.5) + long * 0.05 * np.cos(2 * np.pi * loops * steps + phase)
    tall = long * 0.12 * (0.4 + np.abs(np.sin(swing + steps * 7)))
    ys = middle[1] + tall * np.sin(2 * np.pi * loops * steps)
    width = max(5, int(long * 0.018))
    line = list(zip(xs.tolist(), ys.tolist(), strict=True))
    brush.draw.line(line, (*brush.color, 255), width, joint="curve")
    under = [
        (middle[0] + long * (s - 0.5) * 0.9, middle[1] + long * (0.2 + 0.05 * np.sin(4 * s))) for s in steps
    ]
    brush.draw.line([(float(x), float(y)) for x, y in under], (*brush.color, 255), max(4, width // 2))


def _frame(brush: _Brush) -> None:
    """Draw words in a transparent frame of single or double lines."""
    long, tall = brush.size(0.25, 0.6), brush.size(0.08, 0.16)
    x, y = brush.place(long / 2)
    width = max(4, int(tall * 0.05))
    for gap in (0, 3 * width) if brush.rng.random() < 0.5 else (0,):
        box = (x - long / 2 + gap, y - tall / 2 + gap, x + long / 2 - gap, y + tall / 2 - gap)
        brush.draw.rectangle(box, outline=(*brush.color, 255), width=width)
    brush.write(brush.words(), brush.color, (x, y), long * 0.85, tall * 0.5)


def _gradient(brush: _Brush) -> None:
    """Draw a rounded plate whose opacity runs from one side to the other."""
    _plate(brush)
    brush.fades = True


def _plate(brush: _Brush) -> None:
    """Draw a plate with well rounded ends and words on it."""
    long, tall = brush.size(0.35, 0.85), brush.size(0.08, 0.22)
    x, y = brush.place(min(long, brush.edge) / 2)
    box = (x - long / 2, y - tall / 2, x + long / 2, y + tall / 2)
    brush.draw.rounded_rectangle(box, tall * 0.4, (*brush.color, 255))
    brush.write(brush.words(), brush.on, (x, y), long * 0.7, tall * 0.5)


def _barcode(brush: _Brush) -> None:
    """Draw bars of many widths on a white ground, with digits under them."""
    long, tall = brush.size(0.15, 0.4), brush.size(0.08, 0.18)
    x, y = brush.place(long / 2)
    left, top = x - long / 2, y - tall / 2
    brush.draw.rectangle((left, top, left + long, top + tall), (255, 255, 255, 255))
    at, module = left + long * 0.06, long / 80
    while at < left + long * 0.92:
        width = module * int(brush.rng.integers(1, 4))
        brush.draw.rectangle((at, top + tall * 0.06, at + width, top + tall * 0.74), (15, 15, 15, 255))
        at += width + module * int(brush.rng.integers(1, 4))
    digits = "".join(map(str, brush.rng.integers(0, 10, 12)))
    brush.write(digits, (15, 15, 15), (x, top + tall * 0.87), long * 0.8, tall * 0.2)


def _bubble(brush: _Brush) -> None:
    """Draw a speech bubble with its tail."""
    long, tall = brush.size(0.2, 0.45), brush.size(0.1, 0.2)
    x, y = brush.place(long / 2)
    box = (x - long / 2, y - tall / 2, x + long / 2, y + tall / 2)
    brush.draw.ellipse(box, (*brush.color, 255))
    side = float(brush.rng.choice([-1, 1]))
    tail = [
        (x, y + tall * 0.3),
        (x + side * long * 0.2, y + tall * 0.4),
        (x + side * long * 0.3, y + tall * 0.8),
    ]
    brush.draw.polygon(tail, (*brush.color, 255))
    brush.write(brush.words(), brush.on, (x, y), long * 0.75, tall * 0.4)


def _diagonal(brush: _Brush) -> None:
    """Draw one large word from corner to corner."""
    words = brush.words()
    long = brush.edge * float(brush.rng.uniform(0.6, 1.1))
    art = Image.new("RGBA", (int(long), int(long * 0.3)), (*brush.color, 0))
    inner = _Brush(art, brush.rng)
    inner.face = brush.face
    inner.write(words, brush.color, (long / 2, art.height / 2), long * 0.95, art.height * 0.8)
    middle = brush.canvas.width / 2, brush.canvas.height / 2
    brush.paste_rotated(art, middle, float(brush.rng.choice([-1, 1])) * float(brush.rng.uniform(20, 60)))


def _signs(brush: _Brush) -> None:
    """Draw small signs, far apart, over the whole image."""
    step = brush.edge / float(brush.rng.uniform(2.5, 4.5))
    radius, sides = step * float(brush.rng.uniform(0.1, 0.2)), int(brush.rng.integers(3, 7))
    offset = brush.rng.random(2) * step
    wide, tall = brush.canvas.size
    for row, y in enumerate(np.arange(offset[1], tall, step)):
        for x in np.arange(offset[0] + row % 2 * step / 2, wide, step):
            tips = _tips((float(x), float(y)), [radius] * sides, 0.4)
            brush.draw.line([*tips, tips[0], tips[1]], (*brush.color, 255), max(6, int(radius * 0.22)))


def _shield(brush: _Brush) -> None:
    """Draw a shield in two colours with a word across."""
    wide = brush.size(0.1, 0.24)
    x, y = brush.place(wide * 0.6)
    tall = wide * 1.2
    sides = [(0.0, -0.5), (0.5, -0.42), (0.46, 0.1), (0.0, 0.5)]
    right = [(x + wide * a, y + tall * b) for a, b in sides]
    left = [(x - wide * a, y + tall * b) for a, b in sides]
    second = COLORS[int(brush.rng.integers(len(COLORS)))]
    brush.draw.polygon(right, (*brush.color, 255))
    brush.draw.polygon(left, (*second, 255))
    band = (x - wide * 0.48, y - tall * 0.12, x + wide * 0.48, y + tall * 0.12)
    brush.draw.rectangle(band, (*brush.on, 255))
    brush.write(str(brush.rng.choice(WORDS)), brush.color, (x, y), wide * 0.85, tall * 0.18)


def _solid(rng: np.random.Generator) -> float:
    return float(rng.choice([1.0, 1.0, 1.0, rng.uniform(0.6, 0.7)]))


def _translucent(rng: np.random.Generator) -> float:
    return float(rng.choice([rng.uniform(0.6, 0.7), rng.uniform(0.3, 0.6), rng.uniform(0.15, 0.25)]))


@dataclass(frozen=True)
class _Kind:
    draw: Callable[[_Brush], None]
    opacity: Callable[[np.random.Generator], float]


KINDS = {
    "hexagon": _Kind(_hexagon, _solid),
    "star": _Kind(_star, _solid),
    "shield": _Kind(_shield, _solid),
    "bubble": _Kind(_bubble, _solid),
    "ribbon": _Kind(_ribbon, _solid),
    "barcode": _Kind(_barcode, _solid),
    "stamp": _Kind(_stamp, _solid),
    "signature": _Kind(_signature, _solid),
    "frame": _Kind(_frame, _solid),
    "plate": _Kind(_plate, _translucent),
    "gradient": _Kind(_gradient, _translucent),
    "diagonal": _Kind(_diagonal, _translucent),
    "signs": _Kind(_signs, _translucent),
}
"""Every kind with its opacity: mostly opaque before ``plate``, translucent from there on."""
