"""Find publishers' marks on a picture, decide which are sure enough to remove, and mask them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sketch2color.cleaning.network import STRIDE, trained
from sketch2color.cleaning.shapes import Kind, kind_of, outline
from sketch2color.images import PictureArray, resize

Mask = NDArray[np.uint8]

WORKING_SIZE = 256
"""Pixels of the longer side at which the network looks at a picture."""
SHORTEST_SIDE = 24
"""Pixels at working size: a strip narrower than this shows the network nothing, and is left alone."""
SEED = 0.5
"""Ground above this chance makes a component."""
SURE: dict[Kind, float] = {
    "badge": 0.85, "bar": 0.87, "qr": 0.85, "banner": 0.87, "caption": 0.913, "logo": 0.9,
}  # fmt: skip
"""Components whose mean chance is lower are in doubt and left alone. What has no plate must be surer, for it
may be the designer's own writing. Chosen with ``benchmarks/watermarks.py`` on its development half."""
SMALLEST = 40
"""Pixels at working size; anything smaller is no mark but a speck of the drawing."""
LARGEST = 0.35
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
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (ground > SEED).astype(np.uint8), connectivity=8
    )
    scale = max(picture.shape[:2]) / WORKING_SIZE
    marks = []
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < SMALLEST * scale**2:
            continue
        component = labels == label
        marks.append(_mark(picture, component, ground, pixels, scale))
    sure = [mark for mark in marks if mark.confidence >= SURE[mark.kind]]
    area = sum(int((mark.ground > 0).sum()) for mark in sure)
    if area > LARGEST * labels.size:
        return Finding([], marks)
    return Finding(sure, [mark for mark in marks if not any(mark is other for other in sure)])


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


def _mark(
    picture: PictureArray,
    component: NDArray[np.bool_],
    ground: NDArray[np.float32],
    pixels: NDArray[np.float32],
    scale: float,
) -> Mark:
    kind = kind_of(component, picture)
    span = outline(component, kind, round(1.5 * scale))
    ink = span
    if kind in ("caption", "logo", "tiled"):
        reach = _grown(component, 2 * scale)
        ink = np.where(_grown(pixels > 0.3, scale) & reach, 255, 0).astype(np.uint8)
    return Mark(kind, float(ground[component].mean()), span, ink)


def _grown(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    edge = 2 * max(1, round(radius)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel)).astype(bool)
