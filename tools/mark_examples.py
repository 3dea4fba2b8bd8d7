"""Images to learn from: drawn marks over drawn boards and plain drawings, and real images.

What each kind teaches: boards, what a publisher's mark is among titles, labels and shading; plain drawings,
that lines and flat fills stay; real images and the marks cut from them, how both look on the web.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

import marks
import real_marks
from real_marks import Boxed, Example

Bytes = NDArray[np.uint8]

MIXES = {
    "first": (0.34, 0.2, 0.22, 0.24, 0.0, 0.0),
    "second": (0.22, 0.1, 0.2, 0.13, 0.35, 0.0),
    "third": (0.12, 0.08, 0.17, 0.08, 0.15, 0.4),
}
"""Shares of boards, plain drawings, real images, real ones with more on them, real ones with drawn marks,
every kind as often (bars and tiled writing are rare among the boxed marks), and any of them with one of the
wider marks."""


@dataclass(frozen=True)
class Stores:
    """What examples are made from, all at ``SIZE`` × ``SIZE``."""

    boards: Bytes
    drawings: Bytes
    sets: Sequence[Sequence[marks.Mark]]
    wider: Sequence[Sequence[marks.Mark]]
    real: Sequence[Boxed]


def example(rng: np.random.Generator, stores: Stores, shares: Sequence[float]) -> Example:
    """Make one example, of a kind chosen by chance; ``shares`` are one of ``MIXES``."""
    makers: Sequence[Callable[[np.random.Generator, Stores], Example]] = (
        _board, _drawing, _real, _real_and_more, _real_and_drawn, _wider,
    )  # fmt: skip
    made = makers[int(rng.choice(len(makers), p=shares))](rng, stores)
    return Example(_worn(rng, made.image), made.truth, made.judged)


def _board(rng: np.random.Generator, stores: Stores) -> Example:
    image = stores.boards[int(rng.integers(len(stores.boards)))]
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.2:
        image = image[::-1]
    image = np.ascontiguousarray(image)
    if rng.random() < 0.2:
        image = _stained(rng, image)
    return _marked(rng, _unmarked(image), stores, int(rng.choice([0, 1, 2], p=[0.35, 0.5, 0.15])))


def _drawing(rng: np.random.Generator, stores: Stores) -> Example:
    image = stores.drawings[int(rng.integers(len(stores.drawings)))]
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    example = _marked(rng, _unmarked(image), stores, int(rng.random() < 0.5))
    return real_marks.bent(rng, example) if rng.random() < 0.3 else example


def _real(rng: np.random.Generator, stores: Stores) -> Example:
    """Bend a real image; marked ones twice as often as others."""
    weights = np.array([2.0 if one.marked else 1.0 for one in stores.real])
    one = stores.real[int(rng.choice(len(stores.real), p=weights / weights.sum()))]
    return real_marks.bent(rng, one.example)


def _real_and_more(rng: np.random.Generator, stores: Stores) -> Example:
    """Lay drawn marks or real cuttings on a real image, or a cutting on a board."""
    cuttings = [cutting for one in stores.real for cutting in one.cuttings]
    chance = rng.random()
    if chance < 0.25:
        image = stores.boards[int(rng.integers(len(stores.boards)))]
        return real_marks.pasted(rng, _unmarked(image), cuttings[int(rng.integers(len(cuttings)))])
    base = real_marks.bent(rng, stores.real[int(rng.integers(len(stores.real)))].example)
    if chance < 0.6:
        return _marked(rng, base, stores, 1)
    for _ in range(int(rng.integers(1, 3))):
        base = real_marks.pasted(rng, base, cuttings[int(rng.integers(len(cuttings)))])
    return base


def _real_and_drawn(rng: np.random.Generator, stores: Stores) -> Example:
    """Lay a drawn mark on a real image, of a kind chosen by chance."""
    base = real_marks.bent(rng, stores.real[int(rng.integers(len(stores.real)))].example)
    kind = str(rng.choice(list(marks.KINDS)))
    while True:
        drawn = stores.sets[int(rng.integers(len(stores.sets)))]
        if any(mark.kind == kind for mark in drawn):
            return _laid(base, drawn)


def _wider(rng: np.random.Generator, stores: Stores) -> Example:
    """Lay one of the wider marks on a page of any kind, real ones most of all."""
    drawn = stores.wider[int(rng.integers(len(stores.wider)))]
    chance = rng.random()
    if chance < 0.6:
        base = real_marks.bent(rng, stores.real[int(rng.integers(len(stores.real)))].example)
    else:
        pages = stores.boards if chance < 0.8 else stores.drawings
        base = _unmarked(pages[int(rng.integers(len(pages)))])
    return _laid(base, drawn)


def _unmarked(image: Bytes) -> Example:
    truth = np.zeros((*image.shape[:2], 2), np.uint8)
    return Example(image, truth, np.full_like(truth, 255))


def _marked(rng: np.random.Generator, base: Example, stores: Stores, count: int) -> Example:
    for _ in range(count):
        base = _laid(base, stores.sets[int(rng.integers(len(stores.sets)))])
    return base


def _laid(base: Example, drawn: Sequence[marks.Mark]) -> Example:
    """Lay one publisher's marks on an example; on their ground everything is judged by them."""
    image, truth, judged = base.image, base.truth.copy(), base.judged.copy()
    for mark in drawn:
        image, mask = marks.lay(image, mark)
        ground = _ground(mask, mark.kind) > 0
        known = np.where(judged[..., 1] > 0, truth[..., 1], 0)
        truth[..., 1] = np.where(ground, known | mask, truth[..., 1])
        truth[..., 0][ground] = 255
        judged[ground] = 255
    return Example(image, truth, judged)


def _ground(mask: Bytes, kind: str) -> Bytes:
    """Close the gaps between letters and lines; of a badge, all inside its rim, too."""
    kernel = np.ones((5, 9) if kind == "tiled" else (9, 15), np.uint8)
    padded = cv2.copyMakeBorder(mask, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    if kind in ("badge", "qr", "logo"):
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(closed, contours, -1, 255, -1)
    return np.asarray(closed)[16:-16, 16:-16]


def _stained(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Lay a soft stain or shadow on the paper, mostly at an edge of the page."""
    height, width = image.shape[:2]
    at = rng.uniform(-0.05, 1.05, 2) * (width, height)
    if rng.random() < 0.7:
        side = int(rng.integers(2))
        at[side] = (width, height)[side] * float(rng.integers(2))
    spot = np.zeros((height, width), np.uint8)
    axes = rng.uniform(4, 60), rng.uniform(3, 20)
    cv2.ellipse(spot, (at.tolist(), axes, float(rng.normal(0, 20))), 255, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(1.5, 8))).astype(np.float32)[..., None] / 255
    tint = rng.uniform(0, 0.5) * rng.uniform(0.4, 1, 3).astype(np.float32)
    return np.asarray((image * (1 - soft * tint)).clip(0, 255), np.uint8)


def _worn(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Wear an image as the web does: brightness, blur, sharpening, JPEG."""
    if rng.random() < 0.3:
        levels = (np.arange(256) / 255.0) ** rng.uniform(0.75, 1.3) * 255 * rng.uniform(0.92, 1.0)
        image = levels.clip(0, 255).astype(np.uint8)[image]
    if rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.9))
    elif rng.random() < 0.3:
        soft = cv2.GaussianBlur(image, (0, 0), 1.0)
        image = cv2.addWeighted(image, 1.6, soft, -0.6, 0)
    if rng.random() < 0.6:
        quality = int(rng.integers(35, 96))
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = cv2.imdecode(content, cv2.IMREAD_COLOR)
    return np.asarray(image)
