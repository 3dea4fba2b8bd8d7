"""Examples from real images whose marks were boxed by hand: bent, recoloured, further marks laid on.

Only the development half trains. A box says where a mark is, not which pixels are its own: inside of a
caption or logo the pixels are not judged, and nothing is judged in boxes that are faint or uncertain.
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
"""Pixels that the boxes are larger than their marks."""
PLATED = ("badge", "bar", "banner", "qr")
"""Kinds that cover their box, or the ellipse in it."""
PALE = 190
"""Median level of a box from which on dark writing stands on paper in it."""


@dataclass(frozen=True)
class Cutting:
    """A mark cut from an image: its patch, h × w × 3; its cover, h × w of 0 or 255; whether it is opaque.

    One that is not is dark on paper, and is multiplied onto another image.
    """

    patch: Bytes
    cover: Bytes
    opaque: bool


@dataclass(frozen=True)
class Example:
    """An image, H × W × 3, and H × W × 2 each: the truth of ground and pixels, and where each is judged."""

    image: Bytes
    truth: Bytes
    judged: Bytes


@dataclass(frozen=True)
class Boxed:
    """A real image with its truth, and the marks that could be cut from it."""

    name: str
    example: Example
    cuttings: Sequence[Cutting]
    marked: bool


def boxed(folder: Path) -> list[Boxed]:
    """Read the development half."""
    return [_boxed(one) for one in boxes.read(folder, "development")]


def _boxed(one: BoxedImage) -> Boxed:
    height, width = one.image.shape[:2]
    truth = np.zeros((height, width, 2), np.uint8)
    judged = np.full_like(truth, 255)
    cuttings = []
    for x0, y0, x1, y1 in one.uncertain:
        judged[y0:y1, x0:x1] = 0
    for box in one.boxes:
        outer, inner = box.cover(height, width), box.cover(height, width, MARGIN)
        if box.faint:
            judged[outer > 0] = 0
            continue
        judged[(outer > 0) & (inner == 0)] = 0  # the margin
        plated = box.kind in PLATED
        truth[inner > 0] = (255, 255 if plated else 0)
        judged[inner > 0] = (255, 255 if plated else 0)
        x0, y0, x1, y1 = box.corners
        window = slice(max(0, y0), y1), slice(max(0, x0), x1)
        patch = one.image[window].copy()
        if plated or np.median(patch) >= PALE:
            cuttings.append(Cutting(patch, inner[window].copy(), plated))
    return Boxed(one.name, Example(one.image, truth, judged), cuttings, bool(one.boxes))


def bent(rng: np.random.Generator, example: Example) -> Example:
    """Stretch, shift and mirror an example, and change its colours."""
    height, width = example.image.shape[:2]
    scale = np.exp(rng.normal(0, 0.1, 2))
    shift = rng.uniform(-0.09, 0.09, 2) * (width, height)
    matrix = np.array([[scale[0], 0, 0], [0, scale[1], 0]])
    matrix[:, 2] = shift + (1 - scale) * np.array([width, height]) / 2
    if rng.random() < 0.15:  # letters are mirrored with it, so seldom
        matrix = matrix @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]])
    border = cv2.BORDER_REFLECT_101 if rng.random() < 0.5 else cv2.BORDER_REPLICATE
    image = cv2.warpAffine(example.image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=border)
    maps = np.concatenate([example.truth, example.judged], 2)
    maps = cv2.warpAffine(maps, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=border)
    return Example(
        recolored(rng, image), np.ascontiguousarray(maps[..., :2]), np.ascontiguousarray(maps[..., 2:])
    )


def recolored(rng: np.random.Generator, image: Bytes) -> Bytes:
    """Turn the hues of an image, at times swap or drop them."""
    chance = rng.random()
    if chance < 0.35:
        return image
    if chance < 0.5:
        return np.ascontiguousarray(image[..., rng.permutation(3)])
    if chance < 0.6:
        grey = image.mean(2, keepdims=True)
        return np.asarray(grey + (image - grey) * rng.uniform(0, 0.8)).clip(0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + int(rng.integers(180))) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def pasted(rng: np.random.Generator, example: Example, cutting: Cutting) -> Example:
    """Lay a mark that was cut elsewhere on an example, in a corner or anywhere, in a near size."""
    height, width = example.image.shape[:2]
    scale = np.exp(rng.normal(0, 0.14, 2) + rng.normal(0, 0.1))
    h, w = (
        int(np.clip(round(length * factor), 5, most))
        for length, factor, most in zip(cutting.cover.shape, scale, (height, width), strict=True)
    )
    patch = cv2.resize(recolored(rng, cutting.patch), (w, h), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(cutting.cover, (w, h), interpolation=cv2.INTER_LINEAR)
    at = rng.random(2) if rng.random() < 0.5 else rng.integers(0, 2, 2).astype(float)
    gap = int(rng.choice([0, 2, 5, 10]))
    top, left = (
        int(np.clip(gap + (room - 2 * gap) * where, 0, room))
        for where, room in zip(at, (height - h, width - w), strict=True)
    )
    window = slice(top, top + h), slice(left, left + w)
    under = example.image[window].astype(np.float32)
    over = (
        patch.astype(np.float32)
        if cutting.opaque
        else under * patch / max(1.0, float(np.percentile(patch, 90)))
    )
    alpha = cover[..., None] / np.float32(255) * (rng.uniform(0.5, 1) if rng.random() < 0.25 else 1)
    image, truth, judged = example.image.copy(), example.truth.copy(), example.judged.copy()
    image[window] = (under + (over - under) * alpha).clip(0, 255)
    laid = cover > 127
    truth[window][laid] = (255, 255 if cutting.opaque else 0)
    judged[window][laid] = (255, 255 if cutting.opaque else 0)
    return Example(image, truth, judged)
