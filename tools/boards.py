"""Synthetic presentation boards: sketches with what is most easily mistaken for a publisher's mark.

Designers write titles in fat letters with a rim and a colour gradient, paragraphs by hand, numbers in small
discs, labels on blocks of marker; products have buttons, plates and names on them. All of it must stay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import sketches
from marks import Face
from sketches import Alpha, Floats, Stock, blend, multiply, stroke

TITLES = (
    "SMART LAMP", "KETTLE", "Air Box", "clean up", "MOUSE", "HELMET", "Go Bike", "NEW SHOES", "VAC 01",
    "drill", "FAN", "SOUND", "coffee time", "E-SCOOTER", "Iron man", "watch", "CAMERA", "robot",
    "HOME", "BAG",
)  # fmt: skip
LABELS = ("ON", "POWER", "18V", "PRO", "turbo", "MAX", "No.1", "SPORT", "X5", "AUTO", "start", "A", "3")
HAN = "".join(bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF))
"""The commoner characters of Chinese, level 1 of GB 2312, which every face for that script has."""
DARK = (30, 30, 34)
ARROW = ((0, -0.25), (0.6, -0.25), (0.6, -0.5), (1, 0), (0.6, 0.5), (0.6, 0.25), (0, 0.25), (0, -0.25))


@dataclass(frozen=True)
class Hand:
    """The typefaces that hand lettering is derived from."""

    faces: Sequence[Face]

    def face(self, rng: np.random.Generator) -> Face:
        """Return a random face."""
        return self.faces[int(rng.integers(len(self.faces)))]

    def words(self, rng: np.random.Generator, face: Face, words: Sequence[str]) -> str:
        """Return one of ``words``, or Chinese characters if the face has them."""
        if face.han and rng.random() < 0.7:
            return "".join(rng.choice(list(HAN), int(rng.integers(2, 7))))
        return str(rng.choice(np.array(words)))


def board(rng: np.random.Generator, stock: Stock, hand: Hand, size: int) -> NDArray[np.uint8]:
    """Return a sketch, half of the time with the elements of a presentation board."""
    canvas = sketches.sketch(rng, stock, size).astype(np.float32)
    if rng.random() < 0.4:  # paper levelled to white, as in most images on the web
        canvas *= 255 / np.maximum(np.percentile(canvas, 85, axis=(0, 1)), 120).astype(np.float32)
    if rng.random() < 0.4:
        return canvas.clip(0, 255).astype(np.uint8)
    extras: list[tuple[float, int, Callable[[np.random.Generator, Floats, Hand], None]]] = [
        (0.35, 3, _solid), (0.25, 2, _panel), (0.35, 3, _paragraph), (0.25, 4, _number), (0.2, 3, _arrow),
        (0.45, 2, _title), (0.15, 2, _label),
    ]  # fmt: skip
    for probability, most, extra in extras:
        if rng.random() < probability:
            for _ in range(int(rng.integers(1, most + 1))):
                extra(rng, canvas, hand)
    if rng.random() < 0.06:
        _photo(rng, canvas, stock)
    return canvas.clip(0, 255).astype(np.uint8)


def _color(rng: np.random.Generator) -> Floats:
    """Return the colour of a random marker: bright, grey or nearly black."""
    if rng.random() < 0.4:
        return np.full(3, rng.uniform(15, 200), np.float32) + rng.uniform(-6, 6, 3).astype(np.float32)
    hsv = int(rng.integers(180)), int(rng.integers(90, 256)), int(rng.integers(90, 256))
    return np.asarray(cv2.cvtColor(np.array([[hsv]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def _gradient(rng: np.random.Generator, height: int, width: int, color: Floats) -> Floats:
    """Return a gradient between tones of ``color`` with highlights, as smooth metal and plastic show."""
    angle = rng.choice([0, np.pi / 2, rng.random() * np.pi])
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (xs * np.cos(angle) + ys * np.sin(angle)) / max(height, width)
    knots = np.sort(rng.random(int(rng.integers(2, 6))))
    tones = rng.uniform(0.25, 1.7, len(knots))
    return np.asarray(color * np.interp(along, knots, tones).astype(np.float32)[..., None])


def _solid(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Draw a smooth body: a disc, a box or a blob in shaded colour, with an outline and a name on it."""
    size = canvas.shape[0]
    height, width = (int(np.exp(rng.uniform(np.log(14), np.log(size * 0.6)))) for _ in range(2))
    if rng.random() < 0.5:
        width = int(np.clip(height * rng.uniform(0.6, 1.5), 10, size))
    mask = np.zeros((height, width), np.uint8)
    shape = rng.random()
    if shape < 0.5:
        axes = width // 2 - 1, height // 2 - 1
        cv2.ellipse(mask, (width // 2, height // 2), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    elif shape < 0.75:
        art = Image.new("L", (width, height), 0)
        radius = int(rng.integers(1, max(2, min(height, width) // 2)))
        ImageDraw.Draw(art).rounded_rectangle((1, 1, width - 2, height - 2), radius, 255)
        mask = np.array(art)
    else:
        points = rng.random((int(rng.integers(4, 8)), 2)) * [width, height]
        cv2.fillPoly(mask, [cv2.convexHull(points.astype(np.int32))], 255, cv2.LINE_AA)
    color = _gradient(rng, height, width, _color(rng))
    if rng.random() < 0.3:  # strokes of the marker are visible
        color = color * (0.85 + 0.15 * sketches.stripes(rng, height, width))[..., None]
    if rng.random() < 0.35:
        _name(rng, color, hand)
    outline = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    left, top = (int(rng.integers(-extent // 3, size - extent * 2 // 3)) for extent in (width, height))
    blend(canvas, mask.astype(np.float32) / 255, color.clip(0, 255), left, top)
    if rng.random() < 0.75:
        multiply(canvas, outline * float(rng.uniform(0.4, 1)), (25, 25, 28), left, top)


def _name(rng: np.random.Generator, color: Floats, hand: Hand) -> None:
    """Write a label in the middle of a body's ``color``, height × width × 3."""
    height, width = color.shape[:2]
    face = hand.face(rng)
    words = hand.words(rng, face, LABELS)
    tall = max(5, int(min(height, width / max(1, len(words)) * 1.6) * rng.uniform(0.15, 0.5)))
    letters = _letter(rng, words, face, tall, 2)
    h, w = min(letters.shape[0], height), min(letters.shape[1], width)
    y, x = (height - h) // 2, (width - w) // 2
    tint = 255.0 if color.mean() < 120 else 20.0
    alpha = letters[:h, :w, None]
    color[y : y + h, x : x + w] = color[y : y + h, x : x + w] * (1 - alpha) + tint * alpha


def _letter(rng: np.random.Generator, words: str, face: Face, height: int, wobble: float) -> Alpha:
    """Write ``words`` with every letter rotated, displaced and bent a little; alpha in [0, 1], trimmed."""
    tall = height * 3
    font = face.at(tall)
    advances = [int(font.getlength(letter)) for letter in words]
    line = Image.new("L", (sum(advances) + 2 * tall, 2 * tall), 0)
    left = tall // 2
    for letter, advance in zip(words, advances, strict=True):
        tile = Image.new("L", (2 * tall, 2 * tall), 0)
        ImageDraw.Draw(tile).text((tall // 2, tall // 3), letter, 255, font)
        tile = tile.rotate(rng.normal(0, wobble * 2), Image.Resampling.BILINEAR)
        line.paste(255, (left - tall // 2, int(rng.normal(0, wobble * tall * 0.015))), tile)
        left += int(advance * rng.uniform(0.92, 1.12)) + 1
    box = line.getbbox()
    if box is None:
        return np.zeros((height, height), np.float32)
    art = np.asarray(line.crop(box))
    h, w = max(3, round(art.shape[0] / 3)), max(3, round(art.shape[1] / 3))
    bent = Image.fromarray(_bend(rng, art, wobble)).resize((w, h), Image.Resampling.BOX)
    return np.asarray(bent).astype(np.float32) / 255


def _bend(rng: np.random.Generator, art: NDArray[np.uint8], wobble: float) -> NDArray[np.uint8]:
    height, width = art.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    cells = 3 + width // max(20, height)
    dx, dy = (
        (sketches.noise(rng, height, width, cells) - 0.5) * (wobble * height * 0.04) * 2 for _ in range(2)
    )
    return np.asarray(cv2.remap(art, xs + dx, ys + dy, cv2.INTER_LINEAR), np.uint8)


def _title(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Letter a title: fat, filled with a gradient or stripes, mostly with a dark rim."""
    size = canvas.shape[0]
    face = hand.face(rng)
    height = int(np.exp(rng.uniform(np.log(9), np.log(46))))
    alpha = _letter(rng, hand.words(rng, face, TITLES), face, height, rng.uniform(1, 4))
    if alpha.shape[1] > size:
        shape = size, max(4, alpha.shape[0] * size // alpha.shape[1])
        alpha = np.asarray(cv2.resize(alpha, shape, interpolation=cv2.INTER_AREA))
    h, w = alpha.shape
    left = int(rng.integers(0, max(1, size - w)))
    top = int(rng.choice([rng.integers(0, 25), rng.integers(0, max(1, size - h))]))
    if rng.random() < 0.6:
        kernel, iterations = np.ones((3, 3), np.uint8), int(rng.integers(1, 3))
        rim = np.asarray(cv2.dilate(np.pad(alpha, 3), kernel, iterations=iterations), np.float32)
        if rng.random() < 0.3:  # a shadow beside it
            multiply(canvas, rim, _color(rng), left + 1, top)
        multiply(canvas, rim, DARK, left - 3, top - 3)
    color = _gradient(rng, h, w, _color(rng))
    if rng.random() < 0.3:
        color = color * (0.6 + 0.4 * sketches.stripes(rng, h, w))[..., None]
    blend(canvas, alpha, color.clip(0, 255), left, top)


def _paragraph(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Write notes by hand, in several lines of uneven length."""
    size = canvas.shape[0]
    face = hand.face(rng)
    height = int(rng.integers(3, 10))
    color = _color(rng) if rng.random() < 0.3 else sketches.pen_color(rng)
    left, top = (int(rng.integers(-10, size - 20)) for _ in range(2))
    letters = list("abcdefghijklmnopqrstuvwxyz     ")
    length = int(rng.integers(4, 20))
    for line in range(int(rng.integers(1, 9))):
        count = max(2, int(length * rng.uniform(0.4, 1.1)))
        if face.han:
            words = "".join(rng.choice(list(HAN), count))
        else:
            words = "".join(rng.choice(letters, count * 2)).strip() or "notes"
        alpha = _letter(rng, words, face, height, rng.uniform(1.5, 4)) * float(rng.uniform(0.6, 1))
        multiply(canvas, alpha, color, left + int(rng.normal(0, 1)), top + int(line * height * 1.5))


def _label(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Write a word on a stroke of marker."""
    size = canvas.shape[0]
    face = hand.face(rng)
    words = hand.words(rng, face, TITLES + LABELS)
    alpha = _letter(rng, words, face, int(rng.integers(5, 14)), rng.uniform(2, 4))
    h, w = alpha.shape
    left, top = (int(rng.integers(0, size - 20)) for _ in range(2))
    block = np.ones((h + int(rng.integers(0, 8)), w + int(rng.integers(2, 14))), np.float32)
    block *= 0.75 + 0.25 * sketches.stripes(rng, *block.shape)
    ends = rng.integers(0, 4, block.shape[0])
    block[np.arange(block.shape[1])[None] < ends[:, None]] = 0
    color = _color(rng)
    multiply(canvas, block * float(rng.uniform(0.5, 1)), color, left - 3, top - 2)
    if color.mean() < 110:
        blend(canvas, alpha, np.full((h, w, 3), 250, np.float32), left, top)
    else:
        multiply(canvas, alpha, (25, 25, 28), left, top)


def _panel(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Draw a row or grid of frames by hand, at times filled with a pale colour."""
    size = canvas.shape[0]
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    width, height = rng.uniform(15, 70), rng.uniform(10, 50)
    x0, y0 = rng.random(2) * size * 0.7
    color = _color(rng) if rng.random() < 0.4 else np.array(DARK, np.float32)
    fill = _color(rng) * 0.3 + 178 if rng.random() < 0.4 else None
    for column in range(columns):
        for row in range(rows):
            x, y = x0 + column * width * 1.15, y0 + row * height * 1.2
            corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]])
            corners = corners + rng.normal(0, 0.6, (5, 2))
            if fill is not None:
                multiply(canvas, _polygon(canvas, corners), fill, 0, 0)
            stroke(rng, canvas, corners, color, int(rng.choice([1, 1, 2])), rng.uniform(0.5, 1))


def _polygon(canvas: Floats, corners: NDArray[np.float64]) -> Alpha:
    """Return 1 inside a polygon, 0 outside, antialiased, for the whole canvas."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 255, cv2.LINE_AA)
    return mask.astype(np.float32) / 255


def _number(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Draw a digit in a small disc or ring."""
    size, radius = canvas.shape[0], int(rng.integers(3, 10))
    x, y = (int(rng.integers(radius, size - radius)) for _ in range(2))
    mask = np.zeros((size, size), np.uint8)
    filled = rng.random() < 0.5
    cv2.circle(mask, (x, y), radius, 255, -1 if filled else 1, cv2.LINE_AA)
    color = _color(rng)
    multiply(canvas, mask.astype(np.float32) / 255, color, 0, 0)
    face = hand.face(rng)
    digit = _letter(rng, str(rng.integers(1, 10)), face, max(4, int(radius * 1.3)), 2)
    tint = np.full((*digit.shape, 3), 250.0 if filled and color.mean() < 130 else 25.0, np.float32)
    blend(canvas, digit, tint, x - digit.shape[1] // 2, y - digit.shape[0] // 2)


def _arrow(rng: np.random.Generator, canvas: Floats, hand: Hand) -> None:
    """Draw a fat arrow, filled or outlined."""
    size = canvas.shape[0]
    length, width = rng.uniform(10, 45), rng.uniform(4, 14)
    shape = np.array(ARROW) * [length, width]
    angle = rng.choice([0, np.pi / 2, np.pi, rng.random() * 7])
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = shape @ rotation + rng.random(2) * size + rng.normal(0, 0.4, shape.shape)
    if rng.random() < 0.7:
        multiply(canvas, _polygon(canvas, points), _color(rng), 0, 0)
    if rng.random() < 0.6:
        stroke(rng, canvas, points, DARK, 1, rng.uniform(0.5, 1))


def _photo(rng: np.random.Generator, canvas: Floats, stock: Stock) -> None:
    """Paste a photograph, at times over the whole canvas."""
    size = canvas.shape[0]
    photo = stock.photos[int(rng.integers(len(stock.photos)))]
    edge = int(rng.integers(64, min(photo.shape[:2])))
    y, x = (int(rng.integers(0, extent - edge + 1)) for extent in photo.shape[:2])
    whole = rng.random() < 0.3
    height, width = (size if whole else int(rng.integers(30, size // 2)) for _ in range(2))
    crop = cv2.resize(photo[y : y + edge, x : x + edge], (width, height), interpolation=cv2.INTER_AREA)
    left, top = (int(rng.integers(0, size - extent + 1)) for extent in (width, height))
    canvas[top : top + height, left : left + width] = crop
