"""What presentation boards have besides drawings, and publishers' marks are too easily seen in.

Designers write titles in fat letters with a rim and a run of colour, paragraphs by hand, numbers in little
discs, labels on blocks of marker; products have buttons, plates and names on them. All of it must stay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import pages
from marks import Face
from pages import Floats, Stock

TITLES = (
    "SMART LAMP", "KETTLE", "Air Box", "clean up", "MOUSE", "HELMET", "Go Bike", "NEW SHOES", "VAC 01",
    "drill", "FAN", "SOUND", "coffee time", "E-SCOOTER", "Iron man", "watch", "CAMERA", "robot",
    "HOME", "BAG",
)  # fmt: skip
LABELS = ("ON", "POWER", "18V", "PRO", "turbo", "MAX", "No.1", "SPORT", "X5", "AUTO", "start", "A", "3")
HAN = "".join(bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF))
"""The commoner characters of Chinese, level 1 of GB 2312, which every face for that script has."""


@dataclass(frozen=True)
class Hand:
    """The typefaces that hand lettering is bent from."""

    faces: Sequence[Face]

    def face(self, rng: np.random.Generator) -> Face:
        """Choose one."""
        return self.faces[int(rng.integers(len(self.faces)))]

    def words(self, rng: np.random.Generator, face: Face, words: Sequence[str]) -> str:
        """Choose words, or characters where the face has them."""
        if face.han and rng.random() < 0.7:
            return "".join(rng.choice(list(HAN), int(rng.integers(2, 7))))
        return str(rng.choice(np.array(words)))


def board(rng: np.random.Generator, stock: Stock, hand: Hand, size: int) -> NDArray[np.uint8]:
    """Draw a page as :func:`pages.page` does, half of the time with what boards have laid out on it."""
    sheet = pages.page(rng, stock, size).astype(np.float32)
    if rng.random() < 0.4:  # paper levelled to white, as most pages on the web are
        sheet *= 255 / np.maximum(np.percentile(sheet, 85, axis=(0, 1)), 120).astype(np.float32)
    if rng.random() < 0.4:
        return sheet.clip(0, 255).astype(np.uint8)
    extras: list[tuple[float, int, Callable[[np.random.Generator, Floats, Hand], None]]] = [
        (0.35, 3, _solid), (0.25, 2, _panel), (0.35, 3, _paragraph), (0.25, 4, _number), (0.2, 3, _arrow),
        (0.45, 2, _title), (0.15, 2, _label),
    ]  # fmt: skip
    for probability, most, extra in extras:
        if rng.random() < probability:
            for _ in range(int(rng.integers(1, most + 1))):
                extra(rng, sheet, hand)
    if rng.random() < 0.06:
        _photo(rng, sheet, stock)
    return sheet.clip(0, 255).astype(np.uint8)


def _color(rng: np.random.Generator) -> Floats:
    """Choose a marker: a bright one, a grey or nearly black."""
    if rng.random() < 0.4:
        return np.full(3, rng.uniform(15, 200), np.float32) + rng.uniform(-6, 6, 3).astype(np.float32)
    hue = np.uint8([[[int(rng.integers(180)), int(rng.integers(90, 256)), int(rng.integers(90, 256))]]])  # type: ignore[arg-type]
    return cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0].astype(np.float32)


def _gradient(rng: np.random.Generator, height: int, width: int, color: Floats) -> Floats:
    """Run from one tone of ``color`` to another, with a light or two, as smooth metal and plastic show."""
    angle = rng.choice([0, np.pi / 2, rng.random() * np.pi])
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (xs * np.cos(angle) + ys * np.sin(angle)) / max(height, width)
    knots = np.sort(rng.random(int(rng.integers(2, 6))))
    tones = rng.uniform(0.25, 1.7, len(knots))
    tone = np.interp(along, knots, tones).astype(np.float32)[..., None]
    return np.asarray(color * tone)


def _solid(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Draw a smooth body: a disc, a box or a blob in shaded colour, with an outline and a name on it."""
    size = sheet.shape[0]
    height, width = (int(np.exp(rng.uniform(np.log(14), np.log(size * 0.6)))) for _ in range(2))
    if rng.random() < 0.5:
        width = int(np.clip(height * rng.uniform(0.6, 1.5), 10, size))
    cover = np.zeros((height, width), np.uint8)
    shape = rng.random()
    if shape < 0.5:
        cv2.ellipse(
            cover,
            (width // 2, height // 2),
            (width // 2 - 1, height // 2 - 1),
            0,
            0,
            360,
            255,
            -1,
            cv2.LINE_AA,
        )
    elif shape < 0.75:
        art = Image.new("L", (width, height), 0)
        ImageDraw.Draw(art).rounded_rectangle(
            (1, 1, width - 2, height - 2), int(rng.integers(1, max(2, min(height, width) // 2))), 255
        )
        cover = np.array(art)
    else:
        points = rng.random((int(rng.integers(4, 8)), 2)) * [width, height]
        cv2.fillPoly(cover, [cv2.convexHull(points.astype(np.int32))], 255, cv2.LINE_AA)
    paint = _gradient(rng, height, width, _color(rng))
    if rng.random() < 0.3:  # strokes of the marker show
        paint = paint * (0.85 + 0.15 * pages._stripes(rng, height, width))[..., None]
    if rng.random() < 0.35:
        face = hand.face(rng)
        words = hand.words(rng, face, LABELS)
        letters = _lettered(
            rng,
            words,
            face,
            max(5, int(min(height, width / max(1, len(words)) * 1.6) * rng.uniform(0.15, 0.5))),
            2,
        )
        h, w = min(letters.shape[0], height), min(letters.shape[1], width)
        y, x = (height - h) // 2, (width - w) // 2
        tint = 255.0 if paint.mean() < 120 else 20.0
        inside = letters[:h, :w, None]
        paint[y : y + h, x : x + w] = paint[y : y + h, x : x + w] * (1 - inside) + tint * inside
    edge = cv2.morphologyEx(cover, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    left, top = (int(rng.integers(-extent // 3, size - extent * 2 // 3)) for extent in (width, height))
    pages._paint(sheet, cover.astype(np.float32) / 255, paint.clip(0, 255), left, top)
    if rng.random() < 0.75:
        pages._multiply(sheet, edge * float(rng.uniform(0.4, 1)), (25, 25, 28), left, top)


def _lettered(rng: np.random.Generator, words: str, face: Face, height: int, wobble: float) -> Floats:
    """Write ``words`` with every letter turned, moved and bent a little; coverage in [0, 1], trimmed."""
    tall = height * 3
    font = face.at(tall)
    step = [int(font.getlength(letter)) for letter in words]
    line = Image.new("L", (sum(step) + 2 * tall, 2 * tall), 0)
    left = tall // 2
    for letter, advance in zip(words, step, strict=True):
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
    bent = np.asarray(Image.fromarray(_bent(rng, art, wobble)).resize((w, h), Image.Resampling.BOX))
    return bent.astype(np.float32) / 255


def _bent(rng: np.random.Generator, art: NDArray[np.uint8], wobble: float) -> NDArray[np.uint8]:
    height, width = art.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = wobble * height * 0.04
    cells = 3 + width // max(20, height)
    dx, dy = ((pages._clouds(rng, height, width, cells) - 0.5) * reach * 2 for _ in range(2))
    return np.asarray(cv2.remap(art, xs + dx, ys + dy, cv2.INTER_LINEAR))


def _title(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Letter a title: fat, filled with a run of colour or with stripes, mostly with a dark rim."""
    size = sheet.shape[0]
    face = hand.face(rng)
    height = int(np.exp(rng.uniform(np.log(9), np.log(46))))
    cover = _lettered(rng, hand.words(rng, face, TITLES), face, height, rng.uniform(1, 4))
    if cover.shape[1] > size:
        cover = cv2.resize(
            cover, (size, max(4, cover.shape[0] * size // cover.shape[1])), interpolation=cv2.INTER_AREA
        )
    h, w = cover.shape
    left = int(rng.integers(0, max(1, size - w)))
    top = int(rng.choice([rng.integers(0, 25), rng.integers(0, max(1, size - h))]))
    if rng.random() < 0.6:
        fat = cv2.dilate(np.pad(cover, 3), np.ones((3, 3), np.uint8), iterations=int(rng.integers(1, 3)))
        if rng.random() < 0.3:  # a shade beside it
            pages._multiply(sheet, fat, _color(rng), left + 1, top)
        pages._multiply(sheet, fat, (30, 30, 34), left - 3, top - 3)
        cover = cover * 1.0
    paint = _gradient(rng, h, w, _color(rng))
    if rng.random() < 0.3:
        paint = paint * (0.6 + 0.4 * pages._stripes(rng, h, w))[..., None]
    pages._paint(sheet, cover, paint.clip(0, 255), left, top)


def _paragraph(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Write notes by hand, in several lines of uneven length."""
    size = sheet.shape[0]
    face = hand.face(rng)
    height = int(rng.integers(3, 10))
    color = (
        _color(rng)
        if rng.random() < 0.3
        else np.array(pages.PENS[int(rng.integers(len(pages.PENS)))], np.float32)
    )
    left, top = (int(rng.integers(-10, size - 20)) for _ in range(2))
    letters = "abcdefghijklmnopqrstuvwxyz     "
    long = int(rng.integers(4, 20))
    for line in range(int(rng.integers(1, 9))):
        count = max(2, int(long * rng.uniform(0.4, 1.1)))
        if face.han:
            words = "".join(rng.choice(list(HAN), count))
        else:
            words = "".join(rng.choice(list(letters), count * 2)).strip() or "notes"
        cover = _lettered(rng, words, face, height, rng.uniform(1.5, 4))
        pages._multiply(
            sheet,
            cover * float(rng.uniform(0.6, 1)),
            color,
            left + int(rng.normal(0, 1)),
            top + int(line * height * 1.5),
        )


def _label(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Write a word on a stroke of marker."""
    size = sheet.shape[0]
    face = hand.face(rng)
    cover = _lettered(
        rng, hand.words(rng, face, TITLES + LABELS), face, int(rng.integers(5, 14)), rng.uniform(2, 4)
    )
    h, w = cover.shape
    left, top = (int(rng.integers(0, size - 20)) for _ in range(2))
    block = np.ones((h + int(rng.integers(0, 8)), w + int(rng.integers(2, 14))), np.float32)
    block *= 0.75 + 0.25 * pages._stripes(rng, *block.shape)
    ends = rng.integers(0, 4, block.shape[0])
    block[np.arange(block.shape[1])[None] < ends[:, None]] = 0
    color = _color(rng)
    pages._multiply(sheet, block * float(rng.uniform(0.5, 1)), color, left - 3, top - 2)
    if color.mean() < 110:
        pages._paint(sheet, cover, np.full((h, w, 3), 250, np.float32), left, top)
    else:
        pages._multiply(sheet, cover, (25, 25, 28), left, top)


def _panel(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Draw a row or grid of frames by hand, at times filled with a pale colour."""
    size = sheet.shape[0]
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    width, height = rng.uniform(15, 70), rng.uniform(10, 50)
    x0, y0 = rng.random(2) * size * 0.7
    color = _color(rng) if rng.random() < 0.4 else np.array((30, 30, 34), np.float32)
    fill = _color(rng) * 0.3 + 178 if rng.random() < 0.4 else None
    for column in range(columns):
        for row in range(rows):
            x, y = x0 + column * width * 1.15, y0 + row * height * 1.2
            corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]])
            corners = corners + rng.normal(0, 0.6, (5, 2))
            if fill is not None:
                cover = np.zeros(sheet.shape[:2], np.uint8)
                cv2.fillPoly(cover, [corners.astype(np.int32)], 255, cv2.LINE_AA)
                pages._multiply(sheet, cover.astype(np.float32) / 255, fill, 0, 0)
            pages._stroke(rng, sheet, corners, color, int(rng.choice([1, 1, 2])), rng.uniform(0.5, 1))


def _number(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Draw a digit or sign in a little disc or ring."""
    size, radius = sheet.shape[0], int(rng.integers(3, 10))
    x, y = (int(rng.integers(radius, size - radius)) for _ in range(2))
    cover = np.zeros((size, size), np.uint8)
    full = rng.random() < 0.5
    cv2.circle(cover, (x, y), radius, 255, -1 if full else 1, cv2.LINE_AA)
    color = _color(rng)
    pages._multiply(sheet, cover.astype(np.float32) / 255, color, 0, 0)
    face = hand.face(rng)
    digit = _lettered(rng, str(rng.integers(1, 10)), face, max(4, int(radius * 1.3)), 2)
    tint = 250.0 if full and color.mean() < 130 else 25.0
    pages._paint(
        sheet,
        digit,
        np.full((*digit.shape, 3), tint, np.float32),
        x - digit.shape[1] // 2,
        y - digit.shape[0] // 2,
    )


def _arrow(rng: np.random.Generator, sheet: Floats, hand: Hand) -> None:
    """Draw a fat arrow, filled or in outline."""
    size = sheet.shape[0]
    long, wide = rng.uniform(10, 45), rng.uniform(4, 14)
    shape = np.array(
        [[0, -0.25], [0.6, -0.25], [0.6, -0.5], [1, 0], [0.6, 0.5], [0.6, 0.25], [0, 0.25], [0, -0.25]]
    )
    shape = shape * [long, wide]
    angle = rng.choice([0, np.pi / 2, np.pi, rng.random() * 7])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = shape @ turn + rng.random(2) * size + rng.normal(0, 0.4, shape.shape)
    if rng.random() < 0.7:
        cover = np.zeros((size, size), np.uint8)
        cv2.fillPoly(cover, [points.astype(np.int32)], 255, cv2.LINE_AA)
        pages._multiply(sheet, cover.astype(np.float32) / 255, _color(rng), 0, 0)
    if rng.random() < 0.6:
        pages._stroke(rng, sheet, points, (30, 30, 34), 1, rng.uniform(0.5, 1))


def _photo(rng: np.random.Generator, sheet: Floats, stock: Stock) -> None:
    """Paste a photograph, as boards do; at times it is the whole page."""
    size = sheet.shape[0]
    photo = stock.photos[int(rng.integers(len(stock.photos)))]
    side = int(rng.integers(64, min(photo.shape[:2])))
    y, x = (int(rng.integers(0, extent - side + 1)) for extent in photo.shape[:2])
    whole = rng.random() < 0.3
    height, width = (size if whole else int(rng.integers(30, size // 2)) for _ in range(2))
    crop = cv2.resize(photo[y : y + side, x : x + side], (width, height), interpolation=cv2.INTER_AREA)
    left, top = (int(rng.integers(0, size - extent + 1)) for extent in (width, height))
    sheet[top : top + height, left : left + width] = crop
