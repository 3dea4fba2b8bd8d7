"""Marks for the last leg of training: outlines of every sort, large plates, writing all over the page.

:mod:`training_marks` draws what publishers of sketches mostly do. Whoever learns that alone finds
nothing else, and misses most of what is large and pale. No outline here is one of
``benchmarks/unseen_marks.py``, but for plates with round corners, which come near one of its.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from marks import HEIGHT, WHITE, Color, Face, Mark, centered, fitted, in_column, in_row
from training_marks import TrainingPen

LARGE = 4
"""Pixels of a layer to one of the page."""


def wider_set(
    size: int, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
) -> list[Mark]:
    """Draw one mark, or two small lines, for a page of ``size`` × ``size`` pixels."""
    pen = TrainingPen(rng, faces, signs)
    drawers: Sequence[Callable[[int, TrainingPen], list[Mark]]] = (_outlined, _plate, _all_over, _pale_lines)
    return drawers[int(rng.choice(len(drawers), p=[0.35, 0.25, 0.2, 0.2]))](size, pen)


def _outlined(size: int, pen: TrainingPen) -> list[Mark]:
    """Draw a plate of any outline, with or without a rim, a second colour and something written on it."""
    rng, color = pen.rng, pen.ink()
    wide, tall = (int(edge) for edge in np.exp(rng.uniform(np.log(80), np.log(420), 2)))
    shape = Image.new("L", (wide, tall))
    _OUTLINES[int(rng.integers(len(_OUTLINES)))](ImageDraw.Draw(shape), wide, tall, rng)
    plate = Image.new("RGBA", shape.size, (*color, 255))
    if pen.chance(0.3):
        part = Image.new("RGBA", shape.size, (*pen.ink(), 255))
        across = pen.chance(0.5)
        cut = rng.uniform(0.25, 0.75)
        plate.paste(part, (int(wide * cut), 0) if across else (0, int(tall * cut)))
    if pen.chance(0.3):
        inner = shape.filter(ImageFilter.MinFilter(int(rng.choice([5, 9, 13]))))
        rim = Image.new("RGBA", shape.size, (*(WHITE if pen.chance(0.6) else pen.ink()), 255))
        plate.paste(rim, (0, 0), ImageChops.subtract(shape, inner))
    if pen.chance(0.85):
        centered(
            plate, fitted(_content(pen, _readable_on(color)), wide * 0.75, tall * 0.6), wide / 2, tall / 2
        )
    plate.putalpha(shape if pen.chance(0.9) else ImageChops.multiply(shape, plate.getchannel("A")))
    plate = plate.rotate(float(rng.normal(0, 12)) if pen.chance(0.3) else 0.0, expand=True)
    return [_placed("badge", plate, _opacity(pen), size, pen)]


def _readable_on(color: Color) -> Color:
    return WHITE if sum(color) < 480 else (20, 20, 24)


def _content(pen: TrainingPen, color: Color) -> Image.Image:
    chance = pen.rng.random()
    if chance < 0.25:
        return pen.glyph(color)
    if chance < 0.6:
        return pen.large(color)
    lines = [pen.large(color), fitted(pen.small(color), 2000, HEIGHT * 0.5)]
    return in_column(lines, 20) if chance < 0.85 else in_row([fitted(pen.glyph(color), 300, 200), *lines], 30)


def _opacity(pen: TrainingPen) -> float:
    ranges = ((1.0, 1.0), (0.55, 0.95), (0.25, 0.55))
    return float(pen.rng.uniform(*ranges[int(pen.rng.choice(3, p=[0.45, 0.3, 0.25]))]))


def _placed(kind: str, layer: Image.Image, opacity: float, size: int, pen: TrainingPen) -> Mark:
    """Shrink a layer by ``LARGE`` and put it along an edge, or anywhere, whole on the page."""
    rng = pen.rng
    small = fitted(layer, min(layer.width / LARGE, 0.9 * size), min(layer.height / LARGE, 0.9 * size))
    room = np.array([size - small.width, size - small.height])
    at = rng.random(2) if pen.chance(0.6) else rng.choice([0.02, 0.98, 0.0, 1.0, 0.5], 2)
    left, top = (room * at).astype(int).tolist()
    return Mark(kind, np.asarray(small), opacity, left, top)


def _closed(
    draw: ImageDraw.ImageDraw,
    wide: int,
    tall: int,
    angles: NDArray[np.float64],
    radius: NDArray[np.float64],
) -> None:
    """Fill the curve through points given by their angle and radius, 1 at the box's edge."""
    x, y = wide * (0.5 + 0.49 * radius * np.cos(angles)), tall * (0.5 + 0.49 * radius * np.sin(angles))
    draw.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), 255)


def _polygon(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """A convex polygon of three to nine corners but six, regular or not."""
    corners = int(rng.choice([3, 4, 5, 7, 8, 9]))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 6)
    if rng.random() < 0.5:
        angles = np.sort(angles + rng.uniform(-0.4, 0.4, corners))
    _closed(draw, wide, tall, angles, np.ones(len(angles)))


def _slanted(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """A parallelogram, a trapezoid, or a tag with one pointed end."""
    a, b = (rng.uniform(0, 0.3, 2) * wide).tolist()
    ends = (
        [(a, 0), (wide, 0), (wide - a, tall), (0, tall)],
        [(a, 0), (wide - b, 0), (wide, tall), (0, tall)],
        [(0, 0), (wide - a, 0), (wide, tall / 2), (wide - a, tall), (0, tall)],
    )
    draw.polygon(ends[int(rng.integers(3))], 255)


def _blob(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """A smooth closed curve, lobed by a few waves, as clouds, flowers and splashes are."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = np.full(200, 0.8)
    for _ in range(int(rng.integers(1, 4))):
        radius += rng.uniform(0, 0.15) * np.cos(int(rng.integers(2, 10)) * angles + rng.uniform(0, 6))
    radius /= radius.max()
    _closed(draw, wide, tall, angles, radius)


def _sector(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Part of a disc: a half, a quarter, or any sector or segment."""
    start = int(rng.choice([0, 90, 180, 270, rng.integers(360)]))
    end = start + int(rng.choice([90, 180, 270, rng.integers(60, 330)]))
    box = (0, 0, wide - 1, tall - 1)
    if rng.random() < 0.6:
        draw.pieslice(box, start, end, 255)
    else:
        draw.chord(box, start, end, 255)


def _rounded(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """A rectangle, some of its corners round."""
    round_ones = tuple(bool(chance) for chance in rng.random(4) < 0.6)
    radius = int(rng.uniform(0.05, 0.4) * min(wide, tall))
    draw.rounded_rectangle((0, 0, wide - 1, tall - 1), radius, 255, corners=round_ones)  # type: ignore[arg-type]


def _cross(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Two bars or two discs that overlap."""
    a, b = rng.uniform(0.2, 0.4, 2)
    if rng.random() < 0.5:
        draw.rectangle((0, tall * a, wide, tall * (1 - a)), 255)
        draw.rectangle((wide * b, 0, wide * (1 - b), tall), 255)
    else:
        draw.ellipse((0, 0, wide * (0.5 + a), tall - 1), 255)
        draw.ellipse((wide * (0.5 - b), tall * 0.1, wide - 1, tall * 0.9), 255)


_OUTLINES = (_polygon, _slanted, _blob, _sector, _rounded, _cross)


def _plate(size: int, pen: TrainingPen) -> list[Mark]:
    """Draw a translucent plate over a good part of the page, mostly from edge to edge."""
    rng = pen.rng
    long, deep = (
        float(rng.choice([1.0, 1.0, 0.8, rng.uniform(0.3, 1)])),
        float(np.exp(rng.uniform(-2.7, -0.75))),
    )
    shares = (long, deep) if pen.chance(0.8) else (deep, long)
    wide, tall = (int(size * LARGE * share) for share in shares)
    grey = int(rng.choice([rng.integers(0, 110), rng.integers(110, 200), rng.integers(235, 256)]))
    color: Color = (grey, grey, grey) if pen.chance(0.65) else pen.ink()
    layer = Image.new("RGBA", (wide, tall), (*color, 255))
    for _ in range(int(rng.integers(1, 3))):
        words = fitted(
            _content(pen, _readable_on(color)), wide * rng.uniform(0.3, 0.9), tall * rng.uniform(0.3, 0.75)
        )
        x, y = (
            float(rng.uniform(length / 2, max(length / 2, whole - length / 2)))
            for length, whole in zip(words.size, layer.size, strict=True)
        )
        centered(layer, words, x, y)
    return [_placed("bar", layer, float(rng.uniform(0.2, 0.85)), size, pen)]


def _all_over(size: int, pen: TrainingPen) -> list[Mark]:
    """Write a name again and again over the page, small or huge, in rows that may slant."""
    rng = pen.rng
    grey = int(rng.choice([rng.integers(0, 120), rng.integers(120, 200), rng.integers(235, 256)]))
    words = pen.large((grey, grey, grey)) if pen.chance(0.8) else pen.large(pen.ink())
    if pen.chance(0.3):
        words = in_row([fitted(pen.glyph((grey, grey, grey)), 300, HEIGHT), words], 30)
    words = fitted(words, size * LARGE * 0.9, LARGE * float(np.exp(rng.uniform(np.log(7), np.log(64)))))
    large = size * LARGE
    layer = Image.new("RGBA", (2 * large, 2 * large), (grey, grey, grey, 0))
    step_x, step_y = int(words.width * rng.uniform(1.1, 2.2)), int(words.height * rng.uniform(1.3, 5))
    for row, y in enumerate(range(0, 2 * large, max(step_y, 40))):
        for x in range((row % 2) * step_x // 2, 2 * large, max(step_x, 60)):
            layer.alpha_composite(words, (x, y))
    angle = float(rng.choice([0.0, rng.uniform(-50, 50)]))
    layer = layer.rotate(angle).crop((large // 2, large // 2, large // 2 + large, large // 2 + large))
    page = np.asarray(layer.resize((size, size), Image.Resampling.BOX))
    return [Mark("tiled", page, float(rng.uniform(0.12, 0.6)), 0, 0)]


def _pale_lines(size: int, pen: TrainingPen) -> list[Mark]:
    """Write one or two small lines in grey or a faint colour."""
    rng = pen.rng
    drawn = []
    for _ in range(int(rng.integers(1, 3))):
        grey = int(rng.integers(60, 190))
        words = pen.small((grey, grey, grey) if pen.chance(0.7) else pen.ink())
        height = LARGE * float(rng.uniform(5, 12))
        line = fitted(words, size * LARGE * 0.7, height)
        drawn.append(_placed("caption", line, float(rng.uniform(0.4, 1)), size, pen))
    return drawn
