"""Training examples from images whose marks were boxed by hand: augmented, recoloured, with cutouts pasted.

Only the development half trains. A box tells where a mark is but not which pixels belong to it: pixels inside
a caption or logo are not valid for the loss, nor is anything in faint or uncertain boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import boxes
from boxes import BoxedImage

Bytes = NDArray[np.uint8]

MARGIN = 2
"""Pixels by which the boxes are larger than their marks."""
PLATES = ("badge", "bar", "banner", "qr")
"""Kinds that fill their box, or the ellipse in it."""
PALE = 190
"""Median level of a box from which it is taken for dark text on paper."""


@dataclass(frozen=True)
class Cutout:
    """A mark cut from an image: patch, h × w × 3; mask, h × w of 0 or 255; whether it is opaque.

    A cutout that is not opaque is dark on paper, and is multiplied onto another image.
    """

    patch: Bytes
    mask: Bytes
    opaque: bool


@dataclass(frozen=True)
class Example:
    """An image, H × W × 3, and, H × W × 2 each, the truth of ground and pixels and where each is valid."""

    image: Bytes
    truth: Bytes
    valid: Bytes


@dataclass(frozen=True)
class BoxedExample:
    """A real image with its truth, and the marks that could be cut from it."""

    name: str
    example: Example
    cutouts: Sequence[Cutout]
    marked: bool


def load(folder: Path) -> list[BoxedExample]:
    """Return the examples of the development half."""
    return [_boxed_example(one) for one in boxes.read(folder, "development")]


def _boxed_example(one: BoxedImage) -> BoxedExample:
    height, width = one.image.shape[:2]
    truth = np.zeros((height, width, 2), np.uint8)
    valid = np.full_like(truth, 255)
    cutouts = []
    for x0, y0, x1, y1 in one.uncertain:
        valid[y0:y1, x0:x1] = 0
    for box in one.boxes:
        outer, inner = box.mask(height, width), box.mask(height, width, MARGIN)
        valid[outer > 0] = 0
        if box.faint:
            continue
        plate = box.kind in PLATES
        truth[inner > 0] = valid[inner > 0] = (255, 255 if plate else 0)
        x0, y0, x1, y1 = box.corners
        window = slice(max(0, y0), y1), slice(max(0, x0), x1)
        patch = one.image[window].copy()
        if plate or np.median(patch) >= PALE:
            cutouts.append(Cutout(patch, inner[window].copy(), plate))
    return BoxedExample(one.name, Example(one.image, truth, valid), cutouts, bool(one.boxes))


def augment(rng: np.random.Generator, example: Example) -> Example:
    """Stretch, shift, mirror and recolour an example."""
    height, width = example.image.shape[:2]
    scale = np.exp(rng.normal(0, 0.1, 2))
    shift = rng.uniform(-0.09, 0.09, 2) * (width, height)
    matrix = np.array([[scale[0], 0, 0], [0, scale[1], 0]])
    matrix[:, 2] = shift + (1 - scale) * np.array([width, height]) / 2
    if rng.random() < 0.15:  # rare, because it mirrors letters
        matrix = matrix @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]])
    border = cv2.BORDER_REFLECT_101 if rng.random() < 0.5 else cv2.BORDER_REPLICATE
    image = cv2.warpAffine(example.image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=border)
    maps = np.concatenate([example.truth, example.valid], 2)
    maps = cv2.warpAffine(maps, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=border)
    truth, valid = (np.ascontiguousarray(maps[..., part], np.uint8) for part in (slice(2), slice(2, 4)))
    return Example(jitter_color(rng, np.asarray(image, np.uint8)), truth, valid)


def jitter_color(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Rotate the hues of an image, permute its channels, desaturate it, or leave it."""
    choice = rng.random()
    if choice < 0.35:
        return image
    if choice < 0.5:
        return np.ascontiguousarray(image[..., rng.permutation(3)])
    if choice < 0.6:
        grey = image.mean(2, keepdims=True)
        return np.asarray(grey + (image - grey) * rng.uniform(0, 0.8)).clip(0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + int(rng.integers(180))) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def paste(rng: np.random.Generator, example: Example, cutout: Cutout) -> Example:
    """Paste a cutout on an example, in a corner or anywhere, at about its size."""
    height, width = example.image.shape[:2]
    scale = np.exp(rng.normal(0, 0.14, 2) + rng.normal(0, 0.1))
    h, w = (
        int(np.clip(round(length * factor), 5, most))
        for length, factor, most in zip(cutout.mask.shape, scale, (height, width), strict=True)
    )
    patch = cv2.resize(jitter_color(rng, cutout.patch), (w, h), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(cutout.mask, (w, h), interpolation=cv2.INTER_LINEAR)
    at = rng.random(2) if rng.random() < 0.5 else rng.integers(0, 2, 2).astype(float)
    gap = int(rng.choice([0, 2, 5, 10]))
    top, left = (
        int(np.clip(gap + (free - 2 * gap) * share, 0, free))
        for share, free in zip(at, (height - h, width - w), strict=True)
    )
    window = slice(top, top + h), slice(left, left + w)
    below = example.image[window].astype(np.float32)
    multiplied = below * patch / max(1.0, float(np.percentile(patch, 90)))
    above = patch.astype(np.float32) if cutout.opaque else multiplied
    alpha = mask[..., None] / np.float32(255) * (rng.uniform(0.5, 1) if rng.random() < 0.25 else 1)
    image, truth, valid = example.image.copy(), example.truth.copy(), example.valid.copy()
    image[window] = (below + (above - below) * alpha).clip(0, 255)
    covered = mask > 127
    truth[window][covered] = valid[window][covered] = (255, 255 if cutout.opaque else 0)
    return Example(image, truth, valid)
