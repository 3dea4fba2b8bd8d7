"""Synthetic designers' sketches composed of clean drawings: what the mark detector must leave alone.

A sketch is paper (white, cream, grey, unevenly lit) with one or many drawings on it, re-inked as pencil, pen
or marker, with construction lines, hatching, marker blocks, frames, handwriting and hand-lettered titles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import marks

Floats = NDArray[np.float32]
Alpha = NDArray[np.floating[Any]]
Points = NDArray[np.float64]
Window = tuple[slice, slice]
PAPERS = (
    (255, 255, 255), (255, 255, 255), (252, 252, 250), (246, 244, 238), (238, 230, 212), (225, 225, 228),
    (205, 190, 165),
)  # fmt: skip
PENS = ((25, 25, 28), (25, 25, 28), (60, 60, 66), (40, 45, 110), (30, 60, 150), (95, 60, 40), (120, 30, 30))
TITLES = (
    "CONCEPT", "idea", "Turbo", "X-200", "ON", "front view", "PRODUCT", "Helmet", "No. 3", "2019.6.14",
    "grip",
)  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Clean drawings as uint8 h × w × 4 RGBA, and photographs (uint8 h × w × 3) to take shading from."""

    line: Sequence[NDArray[np.uint8]]
    color: Sequence[NDArray[np.uint8]]
    photos: Sequence[NDArray[np.uint8]]


def sketch(rng: np.random.Generator, stock: Stock, size: int) -> NDArray[np.uint8]:
    """Return a sketch of ``size`` × ``size`` pixels, uint8 RGB, with no publisher's mark on it."""
    canvas = _paper(rng, size)
    colored = rng.random() < 0.5
    if rng.random() < 0.25:
        _marker_block(rng, canvas, stock)
    if rng.random() < 0.4:
        _construction(rng, canvas)
    count = int(rng.choice([1, 1, 2, 3, 5, 8, 16]))
    for _ in range(count):
        _drawing(rng, canvas, stock, colored, count)
    for _ in range(int(rng.choice([0, 0, 0, 1, 4]))):
        _curves(rng, canvas)
    extras: list[tuple[float, Callable[[np.random.Generator, Floats], None]]] = [
        (0.45, _handwriting), (0.25, _lettering), (0.3, _hatching), (0.12, _frame),
    ]  # fmt: skip
    for probability, extra in extras:
        if rng.random() < probability:
            for _ in range(int(rng.integers(1, 4))):
                extra(rng, canvas)
    if rng.random() < 0.03:
        canvas = 255 - canvas
    return canvas.clip(0, 255).astype(np.uint8)


def noise(rng: np.random.Generator, height: int, width: int, cells: int) -> Floats:
    """Return smooth noise, about 0 to 1, interpolated from ``cells`` × ``cells`` random values."""
    coarse = rng.random((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def stripes(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Return the stripes of a marker, 0 to 1."""
    angle, period = rng.random() * np.pi, rng.uniform(2, 12)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * 2 * np.pi / period + rng.random() * 6)
    return np.asarray((wave * rng.uniform(1, 4)).clip(-1, 1) * 0.5 + 0.5, np.float32)


def multiply(canvas: Floats, alpha: Alpha, color: Floats | Sequence[float], left: int, top: int) -> None:
    """Multiply ``color`` (0 to 255) into ``canvas`` by ``alpha`` (h × w, 0 to 1), cropped at its edges."""
    outer, inner = _overlap(canvas, alpha, left, top)
    tint = np.asarray(color, np.float32)
    tint = tint[inner] if tint.ndim == 3 else tint
    window = canvas[outer]
    window *= 1 - alpha[inner][..., None] * (1 - tint / 255)


def blend(canvas: Floats, alpha: Alpha, color: Alpha, left: int, top: int) -> None:
    """Blend ``color``, h × w × 3, over ``canvas`` by ``alpha``."""
    outer, inner = _overlap(canvas, alpha, left, top)
    opacity = alpha[inner][..., None]
    canvas[outer] = canvas[outer] * (1 - opacity) + color[inner] * opacity


def stroke(
    rng: np.random.Generator,
    canvas: Floats,
    points: Points,
    color: Sequence[float] | Floats,
    width: int,
    strength: float,
) -> None:
    """Multiply a line through ``points`` (x, y; N × 2) into ``canvas``."""
    alpha = np.zeros(canvas.shape[:2], np.uint8)
    cv2.polylines(alpha, [np.rint(points * 8).astype(np.int32)], False, 255, width, cv2.LINE_AA, 3)
    multiply(canvas, alpha.astype(np.float32) * (strength / 255), color, 0, 0)


def pen_color(rng: np.random.Generator) -> Floats:
    """Return the colour of a random pen."""
    return np.array(PENS[int(rng.integers(len(PENS)))], np.float32)


def _overlap(canvas: Floats, alpha: Alpha, left: int, top: int) -> tuple[Window, Window]:
    """Return the window of the canvas that ``alpha`` covers, and the part of it inside; may be empty."""
    size_y, size_x = canvas.shape[:2]
    h, w = alpha.shape
    y0, x0 = min(max(0, top), size_y), min(max(0, left), size_x)
    y1, x1 = max(y0, min(size_y, top + h)), max(x0, min(size_x, left + w))
    inner = slice(max(0, y0 - top), max(0, y1 - top)), slice(max(0, x0 - left), max(0, x1 - left))
    return (slice(y0, y1), slice(x0, x1)), inner


def _paper(rng: np.random.Generator, size: int) -> Floats:
    paper = np.array(PAPERS[int(rng.integers(len(PAPERS)))], np.float32) - rng.integers(0, 6)
    canvas = np.broadcast_to(paper, (size, size, 3)).copy()
    if rng.random() < 0.3:
        light = noise(rng, size, size, 3) * rng.uniform(4, 40)
        canvas += light[..., None] - light.max()
    if rng.random() < 0.3:
        canvas += rng.normal(0, rng.uniform(0.5, 4), (size, size, 1)).astype(np.float32)
    return canvas


def _warp(rng: np.random.Generator, image: NDArray[np.uint8], width: int, height: int) -> Floats:
    """Rotate, squash and wobble a drawing; float32 height × width × 4, 0 to 255."""
    h, w = image.shape[:2]
    angle, wobble = rng.normal(0, 25), rng.uniform(0, 0.035)
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), angle, 1.0)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    xs, ys = xs * (w / width), ys * (h / height)
    u, v = (
        row[0] * xs + row[1] * ys + row[2] + (noise(rng, height, width, 5) - 0.5) * wobble * extent * 2
        for row, extent in zip(matrix, (w, h), strict=True)
    )
    source = image
    factor = w / max(width, 1)
    if factor > 1.5:  # remap does not antialias
        source = np.asarray(cv2.GaussianBlur(image, (0, 0), factor * 0.4), np.uint8)
    warped = cv2.remap(source, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(warped, np.float32)


def _drawing(rng: np.random.Generator, canvas: Floats, stock: Stock, colored: bool, count: int) -> None:
    """Put one of ``count`` drawings on the canvas, as line art or shaded in colour."""
    size = canvas.shape[0]
    scale = float(np.clip(rng.uniform(0.5, 1.3) / np.sqrt(count) * 1.1, 0.12, 1.2))
    width, height = (max(12, int(size * scale * np.exp(rng.normal(0, 0.2)))) for _ in range(2))
    left, top = (int(rng.integers(-edge // 4, max(1, size - edge * 3 // 4))) for edge in (width, height))
    if not colored or rng.random() < 0.15:
        art = _warp(rng, stock.line[int(rng.integers(len(stock.line)))], width, height)
        _ink(rng, canvas, art[..., 3] / 255, left, top)
        return
    art = _warp(rng, stock.color[int(rng.integers(len(stock.color)))], width, height)
    alpha, color = art[..., 3] / 255, art[..., :3]
    style = rng.random()
    if style < 0.45:  # shaded softly
        color = color * (0.35 + 1.1 * noise(rng, height, width, int(rng.integers(3, 7))))[..., None]
    elif style < 0.7:  # shaded like objects in photographs
        photo = stock.photos[int(rng.integers(len(stock.photos)))]
        y, x = (int(rng.integers(0, max(1, extent - 64))) for extent in photo.shape[:2])
        crop = photo[y : y + int(rng.integers(64, 400)), x : x + int(rng.integers(64, 400))]
        crop = np.asarray(cv2.resize(crop, (width, height)), np.uint8)
        tint: Alpha = crop.astype(np.float32) if rng.random() < 0.4 else crop.mean(2, keepdims=True)
        color = np.asarray(color * (0.3 + tint / 160))
    if rng.random() < 0.4:
        color = color[..., rng.permutation(3)]
    if rng.random() < 0.4:
        alpha = alpha * (0.75 + 0.25 * stripes(rng, height, width))
    blend(canvas, alpha.astype(np.float32), color.clip(0, 255).astype(np.float32), left, top)


def _ink(rng: np.random.Generator, canvas: Floats, alpha: Alpha, left: int, top: int) -> None:
    color = pen_color(rng) + rng.uniform(0, 60)
    strength: float | NDArray[np.float64] = rng.uniform(0.35, 1)
    if rng.random() < 0.5:  # pencil: grain and uneven pressure
        height, width = alpha.shape
        strength = strength * (0.4 + 0.8 * noise(rng, height, width, 8)) * rng.uniform(0.6, 1, alpha.shape)
    line: Alpha = alpha
    if rng.random() < 0.45:  # a fine pen along both edges of what was a broad line
        edges = cv2.Canny((alpha * 255).astype(np.uint8), 60, 160)
        line = cv2.GaussianBlur(edges, (0, 0), rng.uniform(0.4, 0.7)).astype(np.float32) / 255 * 1.6
    elif rng.random() < 0.4:
        line = np.asarray(cv2.erode(alpha, np.ones((2, 2), np.uint8)))
    for _ in range(int(rng.choice([1, 1, 2, 3]))):  # drawn repeatedly, slightly displaced
        dx, dy = rng.normal(0, 1.5, 2).astype(int)
        inked = (line * strength).clip(0, 1).astype(np.float32)
        multiply(canvas, inked, color, left + int(dx), top + int(dy))


def _marker_block(rng: np.random.Generator, canvas: Floats, stock: Stock) -> None:
    """Put a block of marker behind the drawings, as designers do."""
    size = canvas.shape[0]
    width, height = (int(size * rng.uniform(0.15, 0.9)) for _ in range(2))
    left, top = (int(rng.integers(-extent // 5, max(1, size - extent))) for extent in (width, height))
    alpha = np.full((height, width), 1.0, np.float32) * (0.6 + 0.4 * stripes(rng, height, width))
    if rng.random() < 0.4:
        alpha *= _warp(rng, stock.color[int(rng.integers(len(stock.color)))], width, height)[..., 3] / 255
    elif rng.random() < 0.6:  # ragged ends of the strokes
        ends = rng.integers(0, max(2, width // 8), height)
        alpha[np.arange(width)[None] < ends[:, None]] = 0
    color = rng.uniform(40, 255, 3).astype(np.float32)
    multiply(canvas, alpha * rng.uniform(0.4, 1), color, left, top)


def _bezier(controls: Points, count: int = 40) -> Points:
    """Return ``count`` points of the cubic Bézier curve of four control points."""
    t = np.linspace(0, 1, count)[:, None]
    a, b, c, d = controls
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)


def _construction(rng: np.random.Generator, canvas: Floats) -> None:
    size = canvas.shape[0]
    color = pen_color(rng)
    for _ in range(int(rng.integers(2, 14))):
        ends = rng.uniform(-0.1, 1.1, (2, 2)) * size
        if rng.random() < 0.5:
            ends[1, int(rng.integers(2))] = ends[0, int(rng.integers(2))]
        stroke(rng, canvas, ends, color, 1, rng.uniform(0.15, 0.6))


def _curves(rng: np.random.Generator, canvas: Floats) -> None:
    size = canvas.shape[0]
    color = pen_color(rng)
    center, spread = rng.random(2) * size, size * rng.uniform(0.05, 0.4)
    for _ in range(int(rng.integers(2, 9))):
        controls = center + rng.normal(0, 1, (4, 2)) * spread
        if rng.random() < 0.35:
            axes = np.abs(rng.normal(0, spread, 2)) + 3
            angles = np.linspace(0, 2 * np.pi, 60)[:, None] + rng.random()
            points = center + np.hstack([np.cos(angles) * axes[0], np.sin(angles) * axes[1]])
        else:
            points = _bezier(controls)
        stroke(rng, canvas, points, color, int(rng.choice([1, 1, 2, 3])), rng.uniform(0.3, 1))


def _hatching(rng: np.random.Generator, canvas: Floats) -> None:
    size = canvas.shape[0]
    color = pen_color(rng)
    start, along = rng.random(2) * size, rng.normal(0, 1, 2)
    along /= np.hypot(*along)
    step, length = rng.uniform(1.5, 5), rng.uniform(8, 60)
    across = np.array([-along[1], along[0]]) + rng.normal(0, 0.3, 2)
    for number in range(int(rng.integers(6, 40))):
        foot = start + along * step * number + rng.normal(0, 0.5, 2)
        line = np.array([foot, foot + across * length * rng.uniform(0.7, 1.1)])
        stroke(rng, canvas, line, color, 1, rng.uniform(0.3, 0.9))


def _handwriting(rng: np.random.Generator, canvas: Floats) -> None:
    """Scribble lines of letter-like loops: notes, signatures, measures."""
    size = canvas.shape[0]
    color = pen_color(rng)
    height, slope = rng.uniform(3, 14), rng.normal(0, 0.06)
    left, top = rng.random(2) * size * 0.9
    width = int(rng.choice([1, 1, 2])) if height > 6 else 1
    for line in range(int(rng.choice([1, 1, 2, 4]))):
        x = left + rng.normal(0, 2)
        for _ in range(int(rng.integers(2, 14))):
            base = top + line * height * 2 + (x - left) * slope
            points = np.array([x, base]) + rng.random((4, 2)) * [height * 0.9, height]
            stroke(rng, canvas, _bezier(points, 12), color, width, 0.9)
            x += height * rng.uniform(0.4, 1.3)


def _lettering(rng: np.random.Generator, canvas: Floats) -> None:
    """Letter a title or a product's name by hand: letters lean, wobble and vary in size."""
    words, faces = str(rng.choice(TITLES)), marks.TRAINING_FACES
    height = int(rng.integers(6, 34))
    color = rng.uniform(0, 200, 3).astype(np.float32) if rng.random() < 0.4 else pen_color(rng)
    left, top = (int(rng.integers(0, canvas.shape[0])) for _ in range(2))
    for letter in words:
        face = faces[int(rng.integers(len(faces)))]
        tall = int(height * rng.uniform(0.85, 1.2)) + 2
        tile = Image.new("L", (tall * 3, tall * 3), 0)
        ImageDraw.Draw(tile).text((tall, tall), letter, 255, face.at(tall))
        tile = tile.rotate(rng.normal(0, 9), Image.Resampling.BILINEAR)
        alpha = _warp(rng, np.repeat(np.asarray(tile)[..., None], 4, 2), tall * 3, tall * 3)[..., 3] / 255
        alpha = alpha * rng.uniform(0.6, 1)
        multiply(canvas, alpha, color, left - tall, top - tall + int(rng.normal(0, 1)))
        left += int(tall * 0.62) + 1


def _frame(rng: np.random.Generator, canvas: Floats) -> None:
    size = canvas.shape[0]
    low, high = rng.uniform(0, 0.5, 2) * size, rng.uniform(0.5, 1, 2) * size
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]], low]) + rng.normal(0, 0.7, (5, 2))
    stroke(rng, canvas, corners, (30, 30, 35), int(rng.choice([1, 1, 2, 4])), rng.uniform(0.4, 1))
