"""Marks for the last phase of training: outlines of every sort, large plates, text all over the image.

:mod:`training_marks` draws what publishers of sketches mostly use. A detector trained on that alone misses
other marks, and most that are large and pale. No outline here is one of ``benchmarks/unseen_marks.py``,
except plates with round corners, which resemble one of them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from marks import HEIGHT, WHITE, Color, Face, Mark, fit, paste_centered, side_by_side, stack
from training_marks import TrainingPen

OVERSAMPLING = 4
"""Pixels of a layer for one of the image."""


def diverse_marks(
    size: int, rng: np.random.Generator, faces: Sequence[Face], signs: Sequence[NDArray[np.uint8]]
) -> list[Mark]:
    """Return one mark, or two small lines, for an image of ``size`` × ``size`` pixels."""
    pen = TrainingPen(rng, faces, signs)
    drawers = _shaped_plate, _plate, _all_over, _pale_lines
    return drawers[int(rng.choice(len(drawers), p=[0.35, 0.25, 0.2, 0.2]))](size, pen)


def _shaped_plate(size: int, pen: TrainingPen) -> list[Mark]:
    """Return a plate of any outline, at times with a rim, a second colour and text."""
    rng, color = pen.rng, pen.ink()
    wide, tall = (int(edge) for edge in np.exp(rng.uniform(np.log(80), np.log(420), 2)))
    shape = Image.new("L", (wide, tall))
    _OUTLINES[int(rng.integers(len(_OUTLINES)))](ImageDraw.Draw(shape), wide, tall, rng)
    plate = Image.new("RGBA", shape.size, (*color, 255))
    if pen.bernoulli(0.3):
        part = Image.new("RGBA", shape.size, (*pen.ink(), 255))
        across = pen.bernoulli(0.5)
        cut = rng.uniform(0.25, 0.75)
        plate.paste(part, (int(wide * cut), 0) if across else (0, int(tall * cut)))
    if pen.bernoulli(0.3):
        inner = shape.filter(ImageFilter.MinFilter(int(rng.choice([5, 9, 13]))))
        rim = Image.new("RGBA", shape.size, (*(WHITE if pen.bernoulli(0.6) else pen.ink()), 255))
        plate.paste(rim, (0, 0), ImageChops.subtract(shape, inner))
    if pen.bernoulli(0.85):
        content = fit(_content(pen, _legible_on(color)), wide * 0.75, tall * 0.6)
        paste_centered(plate, content, wide / 2, tall / 2)
    plate.putalpha(shape if pen.bernoulli(0.9) else ImageChops.multiply(shape, plate.getchannel("A")))
    plate = plate.rotate(float(rng.normal(0, 12)) if pen.bernoulli(0.3) else 0.0, expand=True)
    return [_place("badge", plate, _opacity(pen), size, pen)]


def _legible_on(color: Color) -> Color:
    return WHITE if sum(color) < 480 else (20, 20, 24)


def _content(pen: TrainingPen, color: Color) -> Image.Image:
    choice = pen.rng.random()
    if choice < 0.25:
        return pen.glyph(color)
    if choice < 0.6:
        return pen.large(color)
    lines = [pen.large(color), fit(pen.small(color), 2000, HEIGHT * 0.5)]
    return stack(lines, 20) if choice < 0.85 else side_by_side([fit(pen.glyph(color), 300, 200), *lines], 30)


def _opacity(pen: TrainingPen) -> float:
    ranges = ((1.0, 1.0), (0.55, 0.95), (0.25, 0.55))
    return float(pen.rng.uniform(*ranges[int(pen.rng.choice(3, p=[0.45, 0.3, 0.25]))]))


def _place(kind: str, layer: Image.Image, opacity: float, size: int, pen: TrainingPen) -> Mark:
    """Shrink a layer by ``OVERSAMPLING`` and put it at an edge or anywhere inside the image."""
    rng = pen.rng
    small = fit(layer, *(min(extent / OVERSAMPLING, 0.9 * size) for extent in layer.size))
    free = np.array([size - small.width, size - small.height])
    at = rng.random(2) if pen.bernoulli(0.6) else rng.choice([0.02, 0.98, 0.0, 1.0, 0.5], 2)
    left, top = (free * at).astype(int).tolist()
    return Mark(kind, np.asarray(small), opacity, left, top)


def _polar_polygon(
    draw: ImageDraw.ImageDraw, wide: int, tall: int, angles: NDArray[np.float64], radius: NDArray[np.float64]
) -> None:
    """Fill the polygon of points given by angle and radius, 1 at the box's edge."""
    x, y = wide * (0.5 + 0.49 * radius * np.cos(angles)), tall * (0.5 + 0.49 * radius * np.sin(angles))
    draw.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), 255)


def _polygon(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill a convex polygon of three to nine corners except six, regular or not."""
    corners = int(rng.choice([3, 4, 5, 7, 8, 9]))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 6)
    if rng.random() < 0.5:
        angles = np.sort(angles + rng.uniform(-0.4, 0.4, corners))
    _polar_polygon(draw, wide, tall, angles, np.ones(len(angles)))


def _slanted(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill a parallelogram, a trapezoid, or a tag with one pointed end."""
    a, b = (rng.uniform(0, 0.3, 2) * wide).tolist()
    ends = (
        [(a, 0), (wide, 0), (wide - a, tall), (0, tall)],
        [(a, 0), (wide - b, 0), (wide, tall), (0, tall)],
        [(0, 0), (wide - a, 0), (wide, tall / 2), (wide - a, tall), (0, tall)],
    )
    draw.polygon(ends[int(rng.integers(3))], 255)


def _blob(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill a smooth closed curve with lobes, like clouds, flowers and splashes."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = np.full(200, 0.8)
    for _ in range(int(rng.integers(1, 4))):
        radius += rng.uniform(0, 0.15) * np.cos(int(rng.integers(2, 10)) * angles + rng.uniform(0, 6))
    radius /= radius.max()
    _polar_polygon(draw, wide, tall, angles, radius)


def _sector(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill a part of a disc: a half, a quarter, or any sector or segment."""
    start = int(rng.choice([0, 90, 180, 270, int(rng.integers(360))]))
    end = start + int(rng.choice([90, 180, 270, int(rng.integers(60, 330))]))
    box = (0, 0, wide - 1, tall - 1)
    if rng.random() < 0.6:
        draw.pieslice(box, start, end, 255)
    else:
        draw.chord(box, start, end, 255)


def _rounded(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill a rectangle with some round corners."""
    rounded = tuple(bool(each) for each in rng.random(4) < 0.6)
    radius = int(rng.uniform(0.05, 0.4) * min(wide, tall))
    draw.rounded_rectangle((0, 0, wide - 1, tall - 1), radius, 255, corners=rounded)  # type: ignore[arg-type]


def _cross(draw: ImageDraw.ImageDraw, wide: int, tall: int, rng: np.random.Generator) -> None:
    """Fill two bars or two discs that overlap."""
    a, b = rng.uniform(0.2, 0.4, 2)
    if rng.random() < 0.5:
        draw.rectangle((0, tall * a, wide, tall * (1 - a)), 255)
        draw.rectangle((wide * b, 0, wide * (1 - b), tall), 255)
    else:
        draw.ellipse((0, 0, wide * (0.5 + a), tall - 1), 255)
        draw.ellipse((wide * (0.5 - b), tall * 0.1, wide - 1, tall * 0.9), 255)


_OUTLINES = (_polygon, _slanted, _blob, _sector, _rounded, _cross)


def _plate(size: int, pen: TrainingPen) -> list[Mark]:
    """Return a large translucent plate, mostly from edge to edge."""
    rng = pen.rng
    long = float(rng.choice([1.0, 1.0, 0.8, rng.uniform(0.3, 1)]))
    short = float(np.exp(rng.uniform(-2.7, -0.75)))
    shares = (long, short) if pen.bernoulli(0.8) else (short, long)
    wide, tall = (int(size * OVERSAMPLING * share) for share in shares)
    grey = int(rng.choice([rng.integers(0, 110), rng.integers(110, 200), rng.integers(235, 256)]))
    color: Color = (grey, grey, grey) if pen.bernoulli(0.65) else pen.ink()
    layer = Image.new("RGBA", (wide, tall), (*color, 255))
    for _ in range(int(rng.integers(1, 3))):
        words = _content(pen, _legible_on(color))
        words = fit(words, wide * rng.uniform(0.3, 0.9), tall * rng.uniform(0.3, 0.75))
        x, y = (
            float(rng.uniform(length / 2, max(length / 2, whole - length / 2)))
            for length, whole in zip(words.size, layer.size, strict=True)
        )
        paste_centered(layer, words, x, y)
    return [_place("bar", layer, float(rng.uniform(0.2, 0.85)), size, pen)]


def _all_over(size: int, pen: TrainingPen) -> list[Mark]:
    """Return a name repeated over the whole image, small or huge, in rows that may slant."""
    rng = pen.rng
    grey = int(rng.choice([rng.integers(0, 120), rng.integers(120, 200), rng.integers(235, 256)]))
    words = pen.large((grey, grey, grey)) if pen.bernoulli(0.8) else pen.large(pen.ink())
    if pen.bernoulli(0.3):
        words = side_by_side([fit(pen.glyph((grey, grey, grey)), 300, HEIGHT), words], 30)
    large = size * OVERSAMPLING
    words = fit(words, large * 0.9, OVERSAMPLING * float(np.exp(rng.uniform(np.log(7), np.log(64)))))
    layer = Image.new("RGBA", (2 * large, 2 * large), (grey, grey, grey, 0))
    step_x, step_y = int(words.width * rng.uniform(1.1, 2.2)), int(words.height * rng.uniform(1.3, 5))
    for row, y in enumerate(range(0, 2 * large, max(step_y, 40))):
        for x in range((row % 2) * step_x // 2, 2 * large, max(step_x, 60)):
            layer.alpha_composite(words, (x, y))
    angle = float(rng.choice([0.0, rng.uniform(-50, 50)]))
    layer = layer.rotate(angle).crop((large // 2, large // 2, large // 2 + large, large // 2 + large))
    tiled = np.asarray(layer.resize((size, size), Image.Resampling.BOX))
    return [Mark("tiled", tiled, float(rng.uniform(0.12, 0.6)), 0, 0)]


def _pale_lines(size: int, pen: TrainingPen) -> list[Mark]:
    """Return one or two small lines in grey or a faint colour."""
    rng = pen.rng
    lines = []
    for _ in range(int(rng.integers(1, 3))):
        grey = int(rng.integers(60, 190))
        words = pen.small((grey, grey, grey) if pen.bernoulli(0.7) else pen.ink())
        height = OVERSAMPLING * float(rng.uniform(5, 12))
        line = fit(words, size * OVERSAMPLING * 0.7, height)
        lines.append(_place("caption", line, float(rng.uniform(0.4, 1)), size, pen))
    return lines
