"""Find publishers' marks on an image, decide which are sure enough to remove, and mask them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sketch2color.imaging import ImageArray, max_channel_diff, resize
from sketch2color.imaging.morphology import grown, without_holes
from sketch2color.models.mark_detector import STRIDE, WEIGHTS, trained
from sketch2color.watermarks.barcode import barcodes
from sketch2color.watermarks.lettering import lettering
from sketch2color.watermarks.plane import PAINTED, paper_round
from sketch2color.watermarks.rectangle import rectangle
from sketch2color.watermarks.refine_contour import settled
from sketch2color.watermarks.shapes import PLATES, Kind, kind_of, outline, window_round
from sketch2color.watermarks.through import running_through

Mask = NDArray[np.uint8]
Bools = NDArray[np.bool_]

WORKING_SIZE = 256
"""Pixels of the longer side at which the network looks at an image."""
SHORTEST_SIDE = 24
"""Pixels, here and at working size: what is narrower shows the network nothing, and is left alone."""
SEED = 0.5
"""Ground above this chance makes a component."""
SURE = 0.85
"""Components whose mean chance is lower are in doubt and left alone. The least at which nine of ten unmarked
images stay untouched: ``benchmarks/watermarks.py --folds``, by networks that had not seen the images."""
SMALLEST = 40
"""Pixels at working size; anything smaller is no mark but a speck of the drawing."""
WIDEST, LARGEST = 0.25, 0.45
"""Shares of the image: where one mark or all of them span more, the network took the drawing for it, and is
not believed on this page."""
MARGIN = 1.5
"""Pixels at working size that the mask is wider than what was found: the rim of a mark is half a mark."""
PLATED = 0.75
"""A mark has a plate where so many of the pixels it spans are its own."""
CORNERS = 0.9
"""A bar has so much in common with its rectangle, which may have round corners."""
UNSEEN, ON_PAINT = 0.93, 0.97
"""By so much the chance is less of a plate on which neither edge nor letters can be told, and of what lies on
paint, where more would be harmed than mended."""
RIM = 6.0
"""Pixels at working size round a mark that tell what it lies on."""
LETTER = 0.3
"""Pixels above this chance are letters."""
ENCLOSING = 0.5
"""What has so much of all that it spans is a ground, and owns what it encloses, such as dark letters."""
GRAIN, PAPER_SHARE = 16, 0.93
"""Levels by which paper may differ from its median, and how much of what is round letters must be paper."""


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
    """What was found on an image: ``sure`` marks, to be removed, and ``doubtful`` ones, to be left."""

    sure: Sequence[Mark]
    doubtful: Sequence[Mark]

    def mask(self, height: int, width: int) -> Mask:
        """Unite the pixels of the sure marks: uint8, height × width, 255 on a mark."""
        united = np.zeros((height, width), np.uint8)
        for mark in self.sure:
            united |= mark.pixels
        return united


def find(image: ImageArray, weights: Path = WEIGHTS) -> Finding:
    """Find the marks on ``image`` (uint8, H × W × 3, any size); masks come in the image's size.

    Raises:
        UserError: the weights of VGG-19 are missing.
    """
    chances = chance(image, weights)
    if chances is None:
        return Finding([], [])
    ground, pixels = chances
    scale = max(image.shape[:2]) / WORKING_SIZE
    marks = [
        _mark(image, component, ground, pixels, scale)
        for component in _components(ground > SEED, SMALLEST * scale**2)
    ]
    codes = [
        Mark("barcode", alike, _as_mask(plate), _as_mask(plate)) for plate, alike in barcodes(image, scale)
    ]
    marks = [*codes, *(mark for mark in marks if not any(_lies_on(mark, code) for code in codes))]
    sure = [mark for mark in marks if mark.confidence >= SURE]
    spanned = [float((mark.ground > 0).mean()) for mark in sure]
    if max(spanned, default=0.0) > WIDEST or sum(spanned) > LARGEST:
        return Finding([], marks)
    return Finding(sure, [mark for mark in marks if mark.confidence < SURE])


def chance(
    image: ImageArray, weights: Path = WEIGHTS
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Give the chances, H × W each, of ground and pixels to be a mark's; None for strips and specks.

    Where the network sees anything it looks at the mirror image, too, and the greater chance counts: of marks
    boxed by hand it finds more in two looks than in one, with no more drawings taken for marks.
    """
    height, width = image.shape[:2]
    factor = WORKING_SIZE / max(height, width)
    small_h, small_w = round(height * factor), round(width * factor)
    if min(height, width, small_h, small_w) < SHORTEST_SIDE:
        return None
    small = torch.from_numpy(resize(image, small_w, small_h).transpose(2, 0, 1)[None].copy())
    with torch.inference_mode():
        logits = _look(small, weights)
        if (logits[:, 0].sigmoid() > SEED).sum() >= SMALLEST:
            logits = torch.maximum(logits, _look(small.flip(-1), weights).flip(-1))
        large = F.interpolate(logits, (height, width), mode="bilinear", align_corners=False).sigmoid()
    ground, pixels = large[0].numpy()
    return ground, pixels


def _look(small: Tensor, weights: Path) -> Tensor:
    """Give the network's logits, 1 × 2 × H × W, for an image, uint8, 1 × 3 × H × W."""
    height, width = small.shape[2:]
    beyond = (0, -width % STRIDE, 0, -height % STRIDE)
    padded = F.pad(small.float() / 127.5 - 1, beyond, mode="replicate")
    logits: Tensor = trained(weights)(padded)[..., :height, :width]
    return logits


def _components(seeds: Bools, smallest: float) -> Iterator[Bools]:
    """Give the connected parts that are no smaller than ``smallest`` pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] >= smallest:
            yield labels == label


def _mark(
    image: ImageArray,
    component: Bools,
    ground: NDArray[np.float32],
    pixels: NDArray[np.float32],
    scale: float,
) -> Mark:
    plated = bool((pixels[component] > 0.5).mean() > PLATED)
    kind = kind_of(component, image, plated)
    span = outline(component, kind, round(MARGIN * scale)) > 0
    confidence = float(ground[component].mean())
    bar = None if kind == "badge" else rectangle(image, span, scale)
    plate = settled(image, span, scale) if kind in PLATES else None
    if bar is not None and (plate is None or (plate & bar).sum() < CORNERS * (plate | bar).sum()):
        return Mark(kind if kind in PLATES else "bar", confidence, _as_mask(bar), _as_mask(bar))
    own = _letters(image, span, pixels, kind in PLATES, scale) if plate is None else plate
    if own is None:
        own, confidence = span, UNSEEN * confidence
    if _on_paint(image, span, ground > SEED, scale):
        confidence *= ON_PAINT
    return Mark(kind, confidence, _as_mask(span | own), _as_mask(own))


def _letters(
    image: ImageArray, span: Bools, pixels: NDArray[np.float32], plated: bool, scale: float
) -> Bools | None:
    """Give the pixels of a mark without an edge: all it spans on paper, else its letters.

    None for a plate over a drawing on which no letters can be told.
    """
    own = grown(pixels > LETTER, scale) & span
    if _on_paper(image, span, own, scale):
        own = span
    else:
        letters = (pixels > SEED) & span
        letters &= ~running_through(image, letters, scale)
        colored = lettering(image, span, letters, scale)
        if colored is None and plated:
            return None
        own = own if colored is None else colored
    own = own & ~running_through(image, own, scale)
    return without_holes(own) if own.sum() > ENCLOSING * span.sum() else own


def _lies_on(mark: Mark, other: Mark) -> bool:
    return bool((mark.ground[other.ground > 0] > 0).sum() > 0.5 * (mark.ground > 0).sum())


def _as_mask(area: Bools) -> Mask:
    return np.where(area, 255, 0).astype(np.uint8)


def _on_paint(image: ImageArray, span: Bools, marked: Bools, scale: float) -> bool:
    """Say whether there is hardly any paper round a mark, other marks apart."""
    window = window_round(span, round(RIM * scale) + 1)
    rim = grown(span[window], RIM * scale) & ~span[window] & ~marked[window]
    return bool(rim.any()) and float(paper_round(image[window], rim)[1].sum()) > (1 - PAINTED) * rim.sum()


def _on_paper(image: ImageArray, span: Bools, letters: Bools, scale: float) -> bool:
    """Say whether nothing but paper is between and round letters, so that all they span may be paper."""
    between = grown(span, 3 * scale) & ~grown(letters, scale)
    if between.sum() < 20 * scale**2:
        return False
    levels = image[between].astype(np.int16)
    away = max_channel_diff(levels, np.median(levels, axis=0))
    return bool((away <= GRAIN).mean() >= PAPER_SHARE)
