"""Designers' sheets, drawn by chance from clean drawings: what the mark finder must leave alone.

A page is paper (white, cream, grey, unevenly lit) with one or many drawings on it, re-inked as pencil, pen or
marker, with construction lines, hatching, marker blocks, frames, handwriting and hand-lettered titles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import marks

Floats = NDArray[np.float32]
Window = tuple[slice, slice]
PAPERS = (
    (255, 255, 255),
    (255, 255, 255),
    (252, 252, 250),
    (246, 244, 238),
    (238, 230, 212),
    (225, 225, 228),
    (205, 190, 165),
)
PENS = ((25, 25, 28), (25, 25, 28), (60, 60, 66), (40, 45, 110), (30, 60, 150), (95, 60, 40), (120, 30, 30))


@dataclass(frozen=True)
class Stock:
    """Clean drawings as uint8 h × w × 4 RGBA, and photographs (uint8 h × w × 3) to take shading from."""

    line: Sequence[NDArray[np.uint8]]
    color: Sequence[NDArray[np.uint8]]
    photos: Sequence[NDArray[np.uint8]]


def page(rng: np.random.Generator, stock: Stock, size: int) -> NDArray[np.uint8]:
    """Draw a page of ``size`` × ``size`` pixels, uint8 RGB, with no publisher's mark on it."""
    sheet = _paper(rng, size)
    colored = rng.random() < 0.5
    if rng.random() < 0.25:
        _block(rng, sheet, stock)
    if rng.random() < 0.4:
        _construction(rng, sheet)
    crowd = int(rng.choice([1, 1, 2, 3, 5, 8, 16]))
    for _ in range(crowd):
        _drawing(rng, sheet, stock, colored, crowd)
    for _ in range(int(rng.choice([0, 0, 0, 1, 4]))):
        _curves(rng, sheet)
    extras: list[tuple[float, Callable[..., None]]] = [
        (0.45, _handwriting),
        (0.25, _lettering),
        (0.3, _hatching),
        (0.12, _frame),
    ]
    for probability, extra in extras:
        if rng.random() < probability:
            for _ in range(int(rng.integers(1, 4))):
                extra(rng, sheet)
    if rng.random() < 0.03:
        sheet = 255 - sheet
    return sheet.clip(0, 255).astype(np.uint8)


def _paper(rng: np.random.Generator, size: int) -> Floats:
    paper = np.array(PAPERS[int(rng.integers(len(PAPERS)))], np.float32) - rng.integers(0, 6)
    sheet = np.broadcast_to(paper, (size, size, 3)).copy()
    if rng.random() < 0.3:
        light = _clouds(rng, size, size, 3) * rng.uniform(4, 40)
        sheet += light[..., None] - light.max()
    if rng.random() < 0.3:
        sheet += rng.normal(0, rng.uniform(0.5, 4), (size, size, 1)).astype(np.float32)
    return sheet


def _clouds(rng: np.random.Generator, height: int, width: int, cells: int) -> Floats:
    coarse = rng.random((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def _multiply(sheet: Floats, coverage: Floats, color: Floats | Sequence[float], left: int, top: int) -> None:
    """Multiply ``color`` (0 to 255) into ``sheet`` where ``coverage`` (h × w, 0 to 1) says; cut at edges."""
    place, inner = _overlap(sheet, coverage, left, top)
    tint = np.asarray(color, np.float32)
    tint = tint[inner] if tint.ndim == 3 else tint
    window = sheet[place]
    window *= 1 - coverage[inner][..., None] * (1 - tint / 255)


def _paint(sheet: Floats, coverage: Floats, color: Floats, left: int, top: int) -> None:
    """Lay ``color`` over ``sheet`` where ``coverage`` says, as opaque paint."""
    place, inner = _overlap(sheet, coverage, left, top)
    cover = coverage[inner][..., None]
    sheet[place] = sheet[place] * (1 - cover) + color[inner] * cover


def _overlap(sheet: Floats, coverage: Floats, left: int, top: int) -> tuple[Window, Window]:
    """Return where ``coverage`` lies on the sheet, and which part of it does; empty where none does."""
    size_y, size_x = sheet.shape[:2]
    h, w = coverage.shape
    y0, x0 = min(max(0, top), size_y), min(max(0, left), size_x)
    y1, x1 = max(y0, min(size_y, top + h)), max(x0, min(size_x, left + w))
    inner = slice(max(0, y0 - top), max(0, y1 - top)), slice(max(0, x0 - left), max(0, x1 - left))
    return (slice(y0, y1), slice(x0, x1)), inner


def _warped(rng: np.random.Generator, image: NDArray[np.uint8], width: int, height: int) -> Floats:
    """Turn, squash and wobble a drawing; float32 height × width × 4, 0 to 255."""
    h, w = image.shape[:2]
    angle, wobble = rng.normal(0, 25), rng.uniform(0, 0.035)
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), angle, 1.0)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    xs, ys = xs * (w / width), ys * (h / height)
    u = (
        turn[0, 0] * xs
        + turn[0, 1] * ys
        + turn[0, 2]
        + (_clouds(rng, height, width, 5) - 0.5) * wobble * w * 2
    )
    v = (
        turn[1, 0] * xs
        + turn[1, 1] * ys
        + turn[1, 2]
        + (_clouds(rng, height, width, 5) - 0.5) * wobble * h * 2
    )
    source = image
    shrink = w / max(width, 1)
    if shrink > 1.5:  # remap does not antialias
        source = cv2.GaussianBlur(image, (0, 0), shrink * 0.4)
    return np.asarray(cv2.remap(source, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)).astype(
        np.float32
    )


def _drawing(rng: np.random.Generator, sheet: Floats, stock: Stock, colored: bool, crowd: int) -> None:
    size = sheet.shape[0]
    scale = float(np.clip(rng.uniform(0.5, 1.3) / np.sqrt(crowd) * 1.1, 0.12, 1.2))
    width = max(12, int(size * scale * np.exp(rng.normal(0, 0.2))))
    height = max(12, int(size * scale * np.exp(rng.normal(0, 0.2))))
    left, top = (
        int(rng.integers(-extent // 4, max(1, size - extent * 3 // 4))) for extent in (width, height)
    )
    if not colored or rng.random() < 0.15:
        art = _warped(rng, stock.line[int(rng.integers(len(stock.line)))], width, height)
        _ink(rng, sheet, art[..., 3] / 255, left, top)
        return
    art = _warped(rng, stock.color[int(rng.integers(len(stock.color)))], width, height)
    cover, paint = art[..., 3] / 255, art[..., :3]
    style = rng.random()
    if style < 0.45:  # shaded softly
        paint = paint * (0.35 + 1.1 * _clouds(rng, height, width, int(rng.integers(3, 7))))[..., None]
    elif style < 0.7:  # shaded as things are in photographs
        photo = stock.photos[int(rng.integers(len(stock.photos)))]
        y, x = (int(rng.integers(0, max(1, extent - 64))) for extent in photo.shape[:2])
        crop = cv2.resize(
            photo[y : y + int(rng.integers(64, 400)), x : x + int(rng.integers(64, 400))], (width, height)
        )
        tint = crop.astype(np.float32) if rng.random() < 0.4 else crop.mean(2, keepdims=True)
        paint = paint * (0.3 + tint / 160)
    if rng.random() < 0.4:
        turn = rng.permutation(3)
        paint = paint[..., turn]
    if rng.random() < 0.4:
        cover = cover * (0.75 + 0.25 * _stripes(rng, height, width))
    _paint(sheet, cover.astype(np.float32), paint.clip(0, 255).astype(np.float32), left, top)


def _ink(rng: np.random.Generator, sheet: Floats, cover: Floats, left: int, top: int) -> None:
    color = np.array(PENS[int(rng.integers(len(PENS)))], np.float32) + rng.uniform(0, 60)
    strength = rng.uniform(0.35, 1)
    if rng.random() < 0.5:  # pencil: grain and uneven pressure
        strength = strength * (0.4 + 0.8 * _clouds(rng, *cover.shape, 8)) * rng.uniform(0.6, 1, cover.shape)
    thin = cover
    if rng.random() < 0.45:  # a fine pen goes along both sides of what was a broad line
        edges = cv2.Canny((cover * 255).astype(np.uint8), 60, 160)
        thin = cv2.GaussianBlur(edges, (0, 0), rng.uniform(0.4, 0.7)).astype(np.float32) / 255 * 1.6
    elif rng.random() < 0.4:
        thin = cv2.erode(cover, np.ones((2, 2), np.uint8))
    for _ in range(int(rng.choice([1, 1, 2, 3]))):  # drawn over again beside itself
        dx, dy = rng.normal(0, 1.5, 2).astype(int)
        _multiply(
            sheet, (thin * strength).clip(0, 1).astype(np.float32), color, left + int(dx), top + int(dy)
        )


def _stripes(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Give the stripes of a marker, 0 to 1."""
    angle, period = rng.random() * np.pi, rng.uniform(2, 12)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * 2 * np.pi / period + rng.random() * 6)
    return np.asarray((wave * rng.uniform(1, 4)).clip(-1, 1) * 0.5 + 0.5, np.float32)


def _block(rng: np.random.Generator, sheet: Floats, stock: Stock) -> None:
    """Lay a block of marker behind the drawings, as designers do."""
    size = sheet.shape[0]
    width, height = (int(size * rng.uniform(0.15, 0.9)) for _ in range(2))
    left, top = (int(rng.integers(-extent // 5, max(1, size - extent))) for extent in (width, height))
    cover = np.full((height, width), 1.0, np.float32) * (0.6 + 0.4 * _stripes(rng, height, width))
    if rng.random() < 0.4:
        cover *= _warped(rng, stock.color[int(rng.integers(len(stock.color)))], width, height)[..., 3] / 255
    elif rng.random() < 0.6:  # ragged ends of the strokes
        ends = rng.integers(0, max(2, width // 8), height)
        cover[np.arange(width)[None] < ends[:, None]] = 0
    color = rng.uniform(40, 255, 3).astype(np.float32)
    _multiply(sheet, cover * rng.uniform(0.4, 1), color, left, top)


def _stroke(
    rng: np.random.Generator,
    sheet: Floats,
    points: NDArray[np.float64],
    color: Sequence[float] | Floats,
    width: int,
    strength: float,
) -> None:
    cover = np.zeros(sheet.shape[:2], np.uint8)
    cv2.polylines(cover, [np.rint(points * 8).astype(np.int32)], False, 255, width, cv2.LINE_AA, 3)
    _multiply(sheet, cover.astype(np.float32) * (strength / 255), color, 0, 0)


def _curve(controls: NDArray[np.float64], count: int = 40) -> NDArray[np.float64]:
    """Give ``count`` points of the Bézier curve of four control points."""
    t = np.linspace(0, 1, count)[:, None]
    a, b, c, d = controls
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)


def _construction(rng: np.random.Generator, sheet: Floats) -> None:
    size = sheet.shape[0]
    color = np.array(PENS[int(rng.integers(len(PENS)))], np.float32)
    for _ in range(int(rng.integers(2, 14))):
        ends = rng.uniform(-0.1, 1.1, (2, 2)) * size
        if rng.random() < 0.5:
            ends[1, int(rng.integers(2))] = ends[0, int(rng.integers(2))]
        _stroke(rng, sheet, ends, color, 1, rng.uniform(0.15, 0.6))


def _curves(rng: np.random.Generator, sheet: Floats) -> None:
    size = sheet.shape[0]
    color = np.array(PENS[int(rng.integers(len(PENS)))], np.float32)
    center, spread = rng.random(2) * size, size * rng.uniform(0.05, 0.4)
    for _ in range(int(rng.integers(2, 9))):
        controls = center + rng.normal(0, 1, (4, 2)) * spread
        if rng.random() < 0.35:
            axes = np.abs(rng.normal(0, spread, 2)) + 3
            angles = np.linspace(0, 2 * np.pi, 60)[:, None] + rng.random()
            points = center + np.hstack([np.cos(angles) * axes[0], np.sin(angles) * axes[1]])
        else:
            points = _curve(controls)
        _stroke(rng, sheet, points, color, int(rng.choice([1, 1, 2, 3])), rng.uniform(0.3, 1))


def _hatching(rng: np.random.Generator, sheet: Floats) -> None:
    size = sheet.shape[0]
    color = np.array(PENS[int(rng.integers(len(PENS)))], np.float32)
    start, along = rng.random(2) * size, rng.normal(0, 1, 2)
    along /= np.hypot(*along)
    step, length = rng.uniform(1.5, 5), rng.uniform(8, 60)
    across = np.array([-along[1], along[0]]) + rng.normal(0, 0.3, 2)
    for number in range(int(rng.integers(6, 40))):
        foot = start + along * step * number + rng.normal(0, 0.5, 2)
        _stroke(
            rng,
            sheet,
            np.array([foot, foot + across * length * rng.uniform(0.7, 1.1)]),
            color,
            1,
            rng.uniform(0.3, 0.9),
        )


def _handwriting(rng: np.random.Generator, sheet: Floats) -> None:
    """Scribble lines of letter-like loops: notes, signatures, measures."""
    size = sheet.shape[0]
    color = np.array(PENS[int(rng.integers(len(PENS)))], np.float32)
    height, slope = rng.uniform(3, 14), rng.normal(0, 0.06)
    left, top = rng.random(2) * size * 0.9
    heavy = int(rng.choice([1, 1, 2])) if height > 6 else 1
    for line in range(int(rng.choice([1, 1, 2, 4]))):
        x = left + rng.normal(0, 2)
        for _ in range(int(rng.integers(2, 14))):
            base = top + line * height * 2 + (x - left) * slope
            points = np.array([x, base]) + rng.random((4, 2)) * [height * 0.9, height]
            _stroke(rng, sheet, _curve(points, 12), color, heavy, 0.9)
            x += height * rng.uniform(0.4, 1.3)


def _lettering(rng: np.random.Generator, sheet: Floats) -> None:
    """Write a title or a product's name by hand: letters that lean, wobble and change in size."""
    words = str(
        rng.choice(
            [
                "CONCEPT",
                "idea",
                "Turbo",
                "X-200",
                "ON",
                "front view",
                "PRODUCT",
                "Helmet",
                "No. 3",
                "2019.6.14",
                "grip",
            ]
        )
    )
    faces = marks.TRAINING_FACES
    height = int(rng.integers(6, 34))
    color = (
        rng.uniform(0, 200, 3) if rng.random() < 0.4 else np.array(PENS[int(rng.integers(len(PENS)))], float)
    )
    left = int(rng.integers(0, sheet.shape[0]))
    top = int(rng.integers(0, sheet.shape[0]))
    for letter in words:
        face = faces[int(rng.integers(len(faces)))]
        tall = int(height * rng.uniform(0.85, 1.2)) + 2
        tile = Image.new("L", (tall * 3, tall * 3), 0)
        ImageDraw.Draw(tile).text((tall, tall), letter, 255, face.at(tall))
        tile = tile.rotate(rng.normal(0, 9), Image.Resampling.BILINEAR)
        wobbled = _warped(rng, np.repeat(np.asarray(tile)[..., None], 4, 2), tall * 3, tall * 3)[..., 3] / 255
        _multiply(
            sheet,
            wobbled * rng.uniform(0.6, 1),
            color.astype(np.float32),
            left - tall,
            top - tall + int(rng.normal(0, 1)),
        )
        left += int(tall * 0.62) + 1


def _frame(rng: np.random.Generator, sheet: Floats) -> None:
    size = sheet.shape[0]
    low, high = rng.uniform(0, 0.5, 2) * size, rng.uniform(0.5, 1, 2) * size
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]], low])
    _stroke(
        rng,
        sheet,
        corners + rng.normal(0, 0.7, (5, 2)),
        (30, 30, 35),
        int(rng.choice([1, 1, 2, 4])),
        rng.uniform(0.4, 1),
    )
