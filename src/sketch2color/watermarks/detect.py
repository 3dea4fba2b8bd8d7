"""Detect publishers' marks on an image: which are certain enough to remove, and which pixels are theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sketch2color.config.params import Clean
from sketch2color.imaging import ImageArray, max_channel_diff, resize
from sketch2color.imaging.morphology import dilate, fill_holes
from sketch2color.models.mark_detector import STRIDE, WEIGHTS, pretrained
from sketch2color.watermarks.barcode import detect_barcodes
from sketch2color.watermarks.crossing_strokes import crossing_strokes
from sketch2color.watermarks.lettering import segment_lettering
from sketch2color.watermarks.masks import (
    RIM,
    WORKING_SIZE,
    Bools,
    Mask,
    bounding_box,
    reduce_mask,
    to_mask,
    unite,
)
from sketch2color.watermarks.plane import PAINTED, separate_paper
from sketch2color.watermarks.rectangle import fit_rectangle
from sketch2color.watermarks.refine_contour import refine_contour
from sketch2color.watermarks.shapes import PLATES, Kind, classify_shape, outline

Probabilities = NDArray[np.float32]

SHORTEST_SIDE = 24  # pixels, of the image and at working size: nothing is detected on narrower images
SEED = 0.5  # ground and pixels above this probability are a mark's
THRESHOLD = Clean().mark_threshold
"""Where no params.yaml is read: the command, metrics and benchmarks, whose figures stay comparable."""
MIN_AREA = 40  # pixels at working size of the smallest mark
MAX_SHARE, MAX_TOTAL_SHARE = 0.25, 0.45
"""Shares of the image that one mark and all marks may span; more is a drawing mistaken for a mark, and then
nothing on the image is certain."""
MARGIN = 1.5  # pixels at working size added around a component: the soft rim of a mark
PLATE_SHARE = 0.75  # share of its span that is a mark's own pixels, from which it has a plate
SAME_SHAPE = 0.9  # intersection over union from which a plate is a rectangle, perhaps with round corners
NO_EDGE_FACTOR = 0.93  # of the confidence in a plate with neither edge nor letters
ON_PAINT_FACTOR = 0.97  # of the confidence in a mark on paint
LETTER = 0.3  # pixels above this probability are letters
ENCLOSING = 0.5  # a mask that covers this share of its span owns what it encloses, such as dark letters
GRAIN = 16  # levels by which paper may differ from its median
PAPER_SHARE = 0.93  # share of paper between the letters of a mark that lies on nothing else


@dataclass(frozen=True)
class Mark:
    """A detected mark: its kind, the probability in [0, 1] that it is one, and its pixels, 255 on the mark.

    ``ground`` is all that the mark spans, gaps between its letters included; ``pixels`` is what to remove.
    """

    kind: Kind
    confidence: float
    ground: Mask
    pixels: Mask


@dataclass(frozen=True)
class Detections:
    """The marks of an image: ``sure`` ones, to be removed, and ``doubtful`` ones, to be left."""

    sure: Sequence[Mark]
    doubtful: Sequence[Mark]

    def mask(self, height: int, width: int) -> Mask:
        """Unite the pixels of the sure marks: uint8, height × width, 255 on a mark."""
        return unite((mark.pixels for mark in self.sure), (height, width))


def detect(image: ImageArray, weights: Path = WEIGHTS, threshold: float = THRESHOLD) -> Detections:
    """Detect the marks on an image.

    Args:
        image: uint8, H × W × 3, any size.
        weights: of the network.
        threshold: the confidence in [0, 1] from which a mark is sure.

    Returns:
        The marks; masks are H × W.

    Raises:
        UserError: the weights of VGG-19 are missing.
    """
    if max(image.shape[:2]) < WORKING_SIZE:  # a length at working size would be a fraction of a pixel
        return _detect_enlarged(image, weights, threshold)
    probabilities = predict(image, weights)
    if probabilities is None:
        return Detections([], [])
    scale = max(image.shape[:2]) / WORKING_SIZE
    barcodes = [
        Mark("barcode", confidence, to_mask(plate), to_mask(plate))
        for plate, confidence in detect_barcodes(image, scale)
    ]
    components = _components(probabilities[0] > SEED, MIN_AREA * scale**2)
    marks = [_mark(image, component, *probabilities, scale) for component in components]
    marks = [*barcodes, *(mark for mark in marks if not any(_lies_on(mark, code) for code in barcodes))]
    sure = [mark for mark in marks if mark.confidence >= threshold]
    shares = [float((mark.ground > 0).mean()) for mark in sure]
    if max(shares, default=0.0) > MAX_SHARE or sum(shares) > MAX_TOTAL_SHARE:
        return Detections([], marks)
    return Detections(sure, [mark for mark in marks if mark.confidence < threshold])


def _detect_enlarged(image: ImageArray, weights: Path, threshold: float) -> Detections:
    """Detect the marks on an image smaller than the working size on one of that size."""
    shape = height, width = image.shape[:2]
    if min(shape) < SHORTEST_SIDE:
        return Detections([], [])
    factor = WORKING_SIZE / max(shape)
    large = detect(resize(image, round(width * factor), round(height * factor)), weights, threshold)
    sure, doubtful = (
        [replace(m, ground=reduce_mask(m.ground, shape), pixels=reduce_mask(m.pixels, shape)) for m in marks]
        for marks in (large.sure, large.doubtful)
    )
    return Detections(sure, doubtful)


def predict(image: ImageArray, weights: Path = WEIGHTS) -> tuple[Probabilities, Probabilities] | None:
    """Predict the probabilities, H × W each, that ground and pixels are a mark's; None for tiny images."""
    height, width = image.shape[:2]
    factor = WORKING_SIZE / max(height, width)
    small_h, small_w = round(height * factor), round(width * factor)
    if min(height, width, small_h, small_w) < SHORTEST_SIDE:
        return None
    small = torch.from_numpy(resize(image, small_w, small_h).transpose(2, 0, 1)[None].copy())
    with torch.inference_mode():
        logits = with_mirrored(_logits(small, weights), small, weights)
        large = F.interpolate(logits, (height, width), mode="bilinear", align_corners=False).sigmoid()
    ground, pixels = large[0].numpy()
    return ground, pixels


def with_mirrored(logits: Tensor, small: Tensor, weights: Path) -> Tensor:
    """Return the maximum with the mirrored image's logits where anything is detected, for recall."""
    if (logits[:, 0].sigmoid() > SEED).sum() < MIN_AREA:
        return logits
    return torch.maximum(logits, _logits(small.flip(-1), weights).flip(-1))


def _logits(small: Tensor, weights: Path) -> Tensor:
    """Return the network's logits, 1 × 2 × H × W, for an image, uint8, 1 × 3 × H × W."""
    height, width = small.shape[2:]
    padding = (0, -width % STRIDE, 0, -height % STRIDE)
    padded = F.pad(small.float() / 127.5 - 1, padding, mode="replicate")
    logits: Tensor = pretrained(weights)(padded)[..., :height, :width]
    return logits


def _components(seeds: Bools, min_area: float) -> Iterator[Bools]:
    """Yield the connected components of at least ``min_area`` pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] >= min_area:
            yield labels == label


def _mark(
    image: ImageArray, component: Bools, ground: Probabilities, pixels: Probabilities, scale: float
) -> Mark:
    """Segment the mark of a component by the first step that succeeds: rectangle, contour, letters."""
    has_plate = bool((pixels[component] > SEED).mean() > PLATE_SHARE)
    kind = classify_shape(component, image, has_plate)
    span = outline(component, kind, round(MARGIN * scale)) > 0
    confidence = float(ground[component].mean())
    bar = None if kind == "badge" else fit_rectangle(image, span, scale)
    plate = refine_contour(image, span, scale) if kind in PLATES else None
    if bar is not None and (plate is None or (plate & bar).sum() < SAME_SHAPE * (plate | bar).sum()):
        return Mark(kind if kind in PLATES else "bar", confidence, to_mask(bar), to_mask(bar))
    mask = _letters(image, span, pixels, kind in PLATES, scale) if plate is None else plate
    if mask is None:
        mask, confidence = span, NO_EDGE_FACTOR * confidence
    if _on_paint(image, span, ground > SEED, scale):
        confidence *= ON_PAINT_FACTOR
    return Mark(kind, confidence, to_mask(span | mask), to_mask(mask))


def _letters(
    image: ImageArray, span: Bools, pixels: Probabilities, has_plate: bool, scale: float
) -> Bools | None:
    """Segment a mark without an edge: its whole span on paper, else its letters.

    None for a plate over a drawing on which no letters can be told.
    """
    mask = dilate(pixels > LETTER, scale) & span
    if _on_paper(image, span, mask, scale):
        mask = span
    else:
        letters = (pixels > SEED) & span
        letters &= ~crossing_strokes(image, letters, scale)
        lettering = segment_lettering(image, span, letters, scale)
        if lettering is None and has_plate:
            return None
        mask = mask if lettering is None else lettering
    mask = mask & ~crossing_strokes(image, mask, scale)
    return fill_holes(mask) if mask.sum() > ENCLOSING * span.sum() else mask


def _lies_on(mark: Mark, other: Mark) -> bool:
    return bool((mark.ground[other.ground > 0] > 0).sum() > 0.5 * (mark.ground > 0).sum())


def _on_paint(image: ImageArray, span: Bools, marked: Bools, scale: float) -> bool:
    """Return whether there is hardly any paper around a mark, other marks apart."""
    window = bounding_box(span, round(RIM * scale) + 1)
    rim = dilate(span[window], RIM * scale) & ~span[window] & ~marked[window]
    return bool(rim.any()) and float(separate_paper(image[window], rim)[1].sum()) > (1 - PAINTED) * rim.sum()


def _on_paper(image: ImageArray, span: Bools, letters: Bools, scale: float) -> bool:
    """Return whether nothing but paper is between and around letters."""
    between = dilate(span, 3 * scale) & ~dilate(letters, scale)
    if between.sum() < 20 * scale**2:
        return False
    levels = image[between].astype(np.int16)
    diff = max_channel_diff(levels, np.median(levels, axis=0))
    return bool((diff <= GRAIN).mean() >= PAPER_SHARE)
