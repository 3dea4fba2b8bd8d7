"""Training examples: generated marks over generated boards and plain drawings, and real images.

Boards teach what a publisher's mark is among titles, labels and shading; plain drawings, that lines and flat
fills stay; real images and the marks cut from them, how both look on the web.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

import marks
import real_marks
from real_marks import BoxedExample, Example

Bytes = NDArray[np.uint8]

MIXES = {
    "first": (0.34, 0.2, 0.22, 0.24, 0.0, 0.0),
    "second": (0.22, 0.1, 0.2, 0.13, 0.35, 0.0),
    "third": (0.12, 0.08, 0.17, 0.08, 0.15, 0.4),
}
"""Shares of boards, plain drawings, real images, real images with more marks, real images with generated
marks of every kind equally often (bars and tiled text are rare among the boxed marks), and images of any of
these with one of the :mod:`diverse_marks`."""


@dataclass(frozen=True)
class Stores:
    """What examples are composed of, all at the same size; sets are the marks of one publisher."""

    boards: Bytes
    drawings: Bytes
    sets: Sequence[Sequence[marks.Mark]]
    diverse: Sequence[Sequence[marks.Mark]]
    real: Sequence[BoxedExample]


def make_example(rng: np.random.Generator, stores: Stores, shares: Sequence[float]) -> Example:
    """Return one example of a random type; ``shares`` is one of ``MIXES``."""
    makers: Sequence[Callable[[np.random.Generator, Stores], Example]] = (
        _board, _drawing, _real, _real_with_more, _real_with_generated, _diverse,
    )  # fmt: skip
    made = makers[int(rng.choice(len(makers), p=shares))](rng, stores)
    return Example(_degrade(rng, made.image), made.truth, made.valid)


def _board(rng: np.random.Generator, stores: Stores) -> Example:
    image = stores.boards[int(rng.integers(len(stores.boards)))]
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.2:
        image = image[::-1]
    image = np.ascontiguousarray(image)
    if rng.random() < 0.2:
        image = _stain(rng, image)
    return _mark(rng, _unmarked(image), stores, int(rng.choice([0, 1, 2], p=[0.35, 0.5, 0.15])))


def _drawing(rng: np.random.Generator, stores: Stores) -> Example:
    image = stores.drawings[int(rng.integers(len(stores.drawings)))]
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    example = _mark(rng, _unmarked(image), stores, int(rng.random() < 0.5))
    return real_marks.augment(rng, example) if rng.random() < 0.3 else example


def _real(rng: np.random.Generator, stores: Stores) -> Example:
    """Augment a real image; marked images are twice as likely as others."""
    weights = np.array([2.0 if one.marked else 1.0 for one in stores.real])
    one = stores.real[int(rng.choice(len(stores.real), p=weights / weights.sum()))]
    return real_marks.augment(rng, one.example)


def _augmented_real(rng: np.random.Generator, stores: Stores) -> Example:
    return real_marks.augment(rng, stores.real[int(rng.integers(len(stores.real)))].example)


def _real_with_more(rng: np.random.Generator, stores: Stores) -> Example:
    """Put generated marks or real cutouts on a real image, or a cutout on a board."""
    cutouts = [cutout for one in stores.real for cutout in one.cutouts]
    choice = rng.random()
    if choice < 0.25:
        image = stores.boards[int(rng.integers(len(stores.boards)))]
        return real_marks.paste(rng, _unmarked(image), cutouts[int(rng.integers(len(cutouts)))])
    base = _augmented_real(rng, stores)
    if choice < 0.6:
        return _mark(rng, base, stores, 1)
    for _ in range(int(rng.integers(1, 3))):
        base = real_marks.paste(rng, base, cutouts[int(rng.integers(len(cutouts)))])
    return base


def _real_with_generated(rng: np.random.Generator, stores: Stores) -> Example:
    """Put a generated mark of a random kind on a real image."""
    base = _augmented_real(rng, stores)
    kind = str(rng.choice(list(marks.KINDS)))
    while True:
        mark_set = stores.sets[int(rng.integers(len(stores.sets)))]
        if any(mark.kind == kind for mark in mark_set):
            return _composite(base, mark_set)


def _diverse(rng: np.random.Generator, stores: Stores) -> Example:
    """Put a diverse mark on an image of any type, most often a real one."""
    mark_set = stores.diverse[int(rng.integers(len(stores.diverse)))]
    choice = rng.random()
    if choice < 0.6:
        return _composite(_augmented_real(rng, stores), mark_set)
    images = stores.boards if choice < 0.8 else stores.drawings
    return _composite(_unmarked(images[int(rng.integers(len(images)))]), mark_set)


def _unmarked(image: Bytes) -> Example:
    truth = np.zeros((*image.shape[:2], 2), np.uint8)
    return Example(image, truth, np.full_like(truth, 255))


def _mark(rng: np.random.Generator, base: Example, stores: Stores, count: int) -> Example:
    for _ in range(count):
        base = _composite(base, stores.sets[int(rng.integers(len(stores.sets)))])
    return base


def _composite(base: Example, mark_set: Sequence[marks.Mark]) -> Example:
    """Put one publisher's marks on an example; on their ground all pixels become valid."""
    image, truth, valid = base.image, base.truth.copy(), base.valid.copy()
    for mark in mark_set:
        image, mask = marks.composite(image, mark)
        ground = _ground(mask, mark.kind) > 0
        known = np.where(valid[..., 1] > 0, truth[..., 1], 0)
        truth[..., 1] = np.where(ground, known | mask, truth[..., 1])
        truth[..., 0][ground] = 255
        valid[ground] = 255
    return Example(image, truth, valid)


def _ground(mask: Bytes, kind: str) -> Bytes:
    """Close the gaps between letters and lines; fill badges, codes and logos inside their outline."""
    kernel = np.ones((5, 9) if kind == "tiled" else (9, 15), np.uint8)
    padded = cv2.copyMakeBorder(mask, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    if kind in ("badge", "qr", "logo"):
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(closed, contours, -1, 255, -1)
    return np.asarray(closed, np.uint8)[16:-16, 16:-16]


def _stain(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Put a soft stain or shadow on the paper, mostly at an edge of the image."""
    height, width = image.shape[:2]
    at = rng.uniform(-0.05, 1.05, 2) * (width, height)
    if rng.random() < 0.7:
        axis = int(rng.integers(2))
        at[axis] = (width, height)[axis] * float(rng.integers(2))
    spot = np.zeros((height, width), np.uint8)
    axes = rng.uniform(4, 60), rng.uniform(3, 20)
    cv2.ellipse(spot, (at.tolist(), axes, float(rng.normal(0, 20))), 255, -1)
    alpha = cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(1.5, 8))).astype(np.float32)[..., None] / 255
    tint = rng.uniform(0, 0.5) * rng.uniform(0.4, 1, 3).astype(np.float32)
    return np.asarray((image * (1 - alpha * tint)).clip(0, 255), np.uint8)


def _degrade(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Degrade an image as the web does: brightness, blur, sharpening, JPEG."""
    if rng.random() < 0.3:
        levels = (np.arange(256) / 255.0) ** rng.uniform(0.75, 1.3) * 255 * rng.uniform(0.92, 1.0)
        image = levels.clip(0, 255).astype(np.uint8)[image]
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.9)), np.uint8)
    elif rng.random() < 0.3:
        blurred = cv2.GaussianBlur(image, (0, 0), 1.0)
        image = np.asarray(cv2.addWeighted(image, 1.6, blurred, -0.6, 0), np.uint8)
    if rng.random() < 0.6:
        quality = int(rng.integers(35, 96))
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
    return image
