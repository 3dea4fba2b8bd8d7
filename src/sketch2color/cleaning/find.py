"""Find publishers' marks on a picture, decide which are sure enough to remove, and mask them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sketch2color.cleaning.network import STRIDE, trained
from sketch2color.cleaning.plates import plate
from sketch2color.cleaning.shapes import Kind, kind_of, outline
from sketch2color.images import PictureArray, resize

Mask = NDArray[np.uint8]

WORKING_SIZE = 256
"""Pixels of the longer side at which the network looks at a picture."""
SHORTEST_SIDE = 24
"""Pixels at working size: a strip narrower than this shows the network nothing, and is left alone."""
SEED = 0.4
"""Ground above this chance makes a component."""
SURE: dict[Kind, float] = {
    "badge": 0.7, "bar": 0.7, "qr": 0.7, "banner": 0.7, "caption": 0.8, "logo": 0.8,
}  # fmt: skip
"""Components whose mean chance is lower are in doubt and left alone. What has no plate must be surer, for it
may be the designer's own writing. Chosen with ``benchmarks/watermarks.py`` on its development half."""
PLATED = 0.75
"""A mark has a plate where so many of the pixels it spans are its own."""
SEED_ON_PLATE = 0.5
"""A component that lies on a plate must have at least this mean chance."""
EDGE = 40
"""Levels between neighbouring pixels, at working size, that 15 % of a mark must show."""
LETTERS = 0.42
"""Of the ground of writing so much must be letters: else it is the ground that was taken for a mark."""
LETTER = 0.3
"""Pixels above this chance are letters."""
GRAIN, PAPER_SHARE = 16, 0.93
"""Levels by which paper may differ from its median, and how much of what is round letters must be paper."""
PLATE = 0.95
"""What is found on a flat plate is at least so sure."""
SMALLEST = 150
"""Pixels at working size; anything smaller is no mark but a speck of the drawing."""
LARGEST = 0.45
"""Share of the picture: more than this in all, and the network took the drawing for a mark."""


@dataclass(frozen=True)
class Mark:
    """A found mark: its kind, the chance in [0, 1] that it is one, and its pixels, 255 on the mark.

    ``ground`` is all that the mark spans, gaps between its letters included; ``pixels`` is what to take away.
    """

    kind: Kind
    confidence: float
    ground: Mask
    pixels: Mask


@dataclass(frozen=True)
class Finding:
    """What was found on a picture: ``sure`` marks, to be removed, and ``doubtful`` ones, to be left."""

    sure: Sequence[Mark]
    doubtful: Sequence[Mark]

    @property
    def action(self) -> Literal["removed", "none", "left"]:
        """Say what is to be done with the picture, as the manifest does."""
        return "removed" if self.sure else "left" if self.doubtful else "none"

    @property
    def confidence(self) -> float:
        """Give the least sure removed mark's chance; where none is removed, that of there being no mark."""
        if self.sure:
            return min(mark.confidence for mark in self.sure)
        return 1 - max((mark.confidence for mark in self.doubtful), default=0.0)

    @property
    def kinds(self) -> str:
        """Join the kinds of marks found, each once, by ``+``."""
        return "+".join(sorted({mark.kind for mark in (self.sure or self.doubtful)}))

    def mask(self, height: int, width: int) -> Mask:
        """Unite the pixels of the sure marks: uint8, height × width, 255 on a mark."""
        united = np.zeros((height, width), np.uint8)
        for mark in self.sure:
            united |= mark.pixels
        return united


def find(picture: PictureArray) -> Finding:
    """Find the marks on ``picture`` (uint8, H × W × 3, any size); masks come in the picture's size."""
    chances = chance(picture)
    if chances is None:
        return Finding([], [])
    ground, pixels = chances
    scale = max(picture.shape[:2]) / WORKING_SIZE
    seeds = ground > SEED
    marks = _plates(picture, seeds, ground, scale)
    for mark in marks:
        seeds &= ~_grown(mark.ground > 0, 2 * scale)
    if marks:  # of what the network saw round a plate, only parts of some breadth stay
        seeds = _grown(~_grown(~seeds, 2 * scale), 2 * scale)
    for component in _components(seeds, SMALLEST * scale**2):
        marks.append(_mark(picture, component, ground, pixels, scale))
    sure = [mark for mark in marks if mark.confidence >= SURE[mark.kind]]
    area = sum(int((mark.ground > 0).sum()) for mark in sure)
    if area > LARGEST * ground.size:
        return Finding([], marks)
    return Finding(sure, [mark for mark in marks if not any(mark is other for other in sure)])


def _components(seeds: NDArray[np.bool_], smallest: float) -> Iterator[NDArray[np.bool_]]:
    """Give the connected parts that are no smaller than ``smallest`` pixels, the largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    for label in sorted(range(1, count), key=lambda label: (-areas[label], label)):
        if areas[label] >= smallest:
            yield labels == label


def chance(picture: PictureArray) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Give the chances in [0, 1] of ground and pixels (each H × W) to be a mark's; None for a mere strip."""
    height, width = picture.shape[:2]
    factor = WORKING_SIZE / max(height, width)
    small_h, small_w = round(height * factor), round(width * factor)
    if min(small_h, small_w) < SHORTEST_SIDE:
        return None
    small = torch.from_numpy(resize(picture, small_w, small_h).transpose(2, 0, 1)[None].copy())
    beyond = (0, -small_w % STRIDE, 0, -small_h % STRIDE)
    with torch.inference_mode():
        logits = trained()(F.pad(small.float() / 127.5 - 1, beyond, mode="replicate"))[
            ..., :small_h, :small_w
        ]
        large = F.interpolate(logits, (height, width), mode="bilinear", align_corners=False).sigmoid()
    ground, pixels = large[0].numpy()
    return ground, pixels


def _plates(
    picture: PictureArray, seeds: NDArray[np.bool_], ground: NDArray[np.float32], scale: float
) -> list[Mark]:
    """Give the marks that lie on a flat plate, each once, though several of its letters may be seeds."""
    marks: list[Mark] = []
    for component in _components(seeds, SMALLEST * scale**2):
        if ground[component].mean() < SEED_ON_PLATE:
            continue
        if any((mark.ground[component] > 0).mean() > 0.5 for mark in marks):
            continue
        flat = plate(picture, component, scale)
        if flat is not None:
            kind = kind_of(flat, picture)
            span = outline(flat, kind, round(1.5 * scale))
            marks.append(Mark(kind, max(PLATE, float(ground[component].mean())), span, span))
    return marks


def _sharp(picture: PictureArray, component: NDArray[np.bool_], scale: float) -> bool:
    """Say whether there are letters' edges: a stain or a shadow has none."""
    size = round(component.shape[1] / scale), round(component.shape[0] / scale)
    grey = cv2.cvtColor(resize(picture, *size), cv2.COLOR_RGB2GRAY)
    steps = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    inside = cv2.resize(component.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return bool(inside.any() and np.percentile(steps[inside], 85) >= EDGE)


def _mark(
    picture: PictureArray,
    component: NDArray[np.bool_],
    ground: NDArray[np.float32],
    pixels: NDArray[np.float32],
    scale: float,
) -> Mark:
    own = float((pixels[component] > 0.5).mean())
    kind = kind_of(component, picture, plated=own > PLATED)
    span = outline(component, kind, round(1.5 * scale))
    confidence, ink = float(ground[component].mean()), span
    if not _sharp(picture, component, scale) or (kind in ("caption", "logo") and own < LETTERS):
        confidence = min(confidence, SEED)
    if kind in ("caption", "logo"):
        letters = _grown(pixels > LETTER, scale) & (span > 0)
        if not _on_paper(picture, span > 0, letters, scale):
            ink = np.where(letters, 255, 0).astype(np.uint8)
    return Mark(kind, confidence, span, ink)


def _on_paper(
    picture: PictureArray, span: NDArray[np.bool_], letters: NDArray[np.bool_], scale: float
) -> bool:
    """Say whether nothing but paper is between and round letters, so that all they span may be paper."""
    between = _grown(span, 3 * scale) & ~_grown(letters, scale)
    if between.sum() < 20 * scale**2:
        return False
    levels = picture[between].astype(np.int16)
    away = np.abs(levels - np.median(levels, axis=0)).max(1)
    return bool((away <= GRAIN).mean() >= PAPER_SHARE)


def _grown(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    edge = 2 * max(1, round(radius)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel)).astype(bool)
