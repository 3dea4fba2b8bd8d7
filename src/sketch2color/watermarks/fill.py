"""Take a mark away: see through it, or give back paper, or go on with what is round it.

What is done is decided, mark by mark, on the image shrunk to ``DECIDING_SIZE``; pixels then come from there
or, where a mark was seen through, from the image at its full size, tile by tile.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import grown, touching
from sketch2color.watermarks.blend_model import commonest
from sketch2color.watermarks.patch_inpaint import exemplar_filled
from sketch2color.watermarks.plane import PAINTED, TOLERANCE, paper_round, pixels
from sketch2color.watermarks.unblend import Unveiling, unveiling_of

Bools = NDArray[np.bool_]
Window = tuple[slice, slice]

DECIDING_SIZE = 512
"""Pixels of the longer side; up to half as large again an image is not shrunk."""
WORKING_SIZE = 256
"""Pixels of the longer side to which all other lengths refer."""
GAP = 3.0
"""Pixels: what is nearer is one mark, as the letters of a word are."""
RIM = 6.0
"""Pixels round a mark that tell what it lies on."""
NEIGHBOURHOOD = 48.0
"""Pixels round a mark in which patches are sought."""
PLAIN_SHARE, PAPER_SHARE = 0.985, 0.75
"""So much of a mark's rim is paper where it lies on nothing else; and where it mostly hides paper."""
HUGE = 3500.0
"""Pixels² at working size: so large a mark on paint, on a page that has paper, hides what nobody can tell. It
becomes blank, which is calmer than scraps of the drawing."""
FEWEST = 12
"""Pixels of a rim; fewer do not tell what paper is."""
THICK = 3.0
"""Pixels: holes of a smaller radius are letters and lines, which inpainting closes best."""
TILE = 1024
"""Pixels of the edge of what is seen through at a time."""


def fill(image: ImageArray, mask: NDArray[np.uint8]) -> ImageArray:
    """Paint over the masked pixels.

    Args:
        image: uint8, H × W × 3; not changed.
        mask: uint8, H × W, 255 where a mark lies.

    Returns:
        The image with the masked pixels replaced, all others as they were.
    """
    hole = mask > 0
    factor = max(1, round(max(hole.shape) / DECIDING_SIZE))
    if factor == 1:
        return _filled(image, hole)[0]
    size = -(-hole.shape[1] // factor), -(-hole.shape[0] // factor)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    small_filled, seen = _filled(small, cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0)
    size = hole.shape[1], hole.shape[0]
    enlarged = np.asarray(cv2.resize(small_filled, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    enlarged[~hole] = image[~hole]
    for mark in seen:
        _see_through(image, hole, mark, factor, enlarged)
    return enlarged


@dataclass(frozen=True)
class _Seen:
    """A mark that was seen through on the shrunk image: its window, its pixels in there, and how."""

    window: Window
    hole: Bools
    unveiling: Unveiling


def _filled(image: ImageArray, hole: Bools) -> tuple[ImageArray, list[_Seen]]:
    """Fill mark by mark; also give the marks that were seen through."""
    filled, seen = image.copy(), []
    scale = max(1.0, max(hole.shape) / WORKING_SIZE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        grown(hole, GAP * scale).astype(np.uint8), connectivity=8
    )
    reach = round(NEIGHBOURHOOD * scale)
    for label in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[label])
        window = (
            slice(max(0, top - reach), top + height + reach),
            slice(max(0, left - reach), left + width + reach),
        )
        own = hole[window] & (labels[window] == label)
        around = grown(own, RIM * scale) & ~hole[window]
        unveiling = unveiling_of(image[window], own, around, scale)
        if unveiling is None:
            filled[window][own] = _covered(image[window], hole[window], own, around, scale)[own]
            continue
        seen.append(_Seen(window, own, unveiling))
        under, unknown = unveiling.lift(image[window], own, pixels(own.shape), scale)
        known = np.where(own[..., None], under, image[window])
        others = hole[window] & ~own
        filled[window][own] = _closed(known, unknown, others, scale)[own]
    return filled, seen


def _covered(image: ImageArray, holes: Bools, hole: Bools, rim: Bools, scale: float) -> ImageArray:
    """Give the window with paper, patches or what runs in from the rim in place of an opaque mark."""
    paper, ink = paper_round(image, rim) if rim.sum() >= FEWEST else (image, rim)
    share = 1 - float(ink.sum() / max(1, rim.sum()))
    if share >= PLAIN_SHARE:
        return paper
    if cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max() <= THICK * scale:
        return _inpainted(image, holes, scale)
    if share < PAINTED and hole.sum() > HUGE * scale**2 and (blank := _blank(image, holes)) is not None:
        return blank
    hides_paper = share >= PAPER_SHARE
    first = paper if hides_paper else _inpainted(image, holes, scale)
    guess = np.where(hole[..., None], first, image)
    patched = exemplar_filled(guess, hole, ~holes, max(1, round(scale)))
    if patched is None:
        return guess
    return _without_islands(patched, paper, hole, ink) if hides_paper else patched


def _blank(image: ImageArray, holes: Bools) -> ImageArray | None:
    """Give nothing but paper, the commonest colour, or None where that is not about the palest, too."""
    around = image[~holes]
    paper = commonest(around)
    palest = np.percentile(around.mean(1), 95)
    return np.full_like(image, np.rint(paper)) if paper.mean() >= palest - TOLERANCE else None


def _without_islands(image: ImageArray, paper: ImageArray, hole: Bools, ink: Bools) -> ImageArray:
    """Give back paper where something is drawn in a hole that goes on from nothing round it."""
    drawn = hole & (max_channel_diff(image.astype(np.int16), paper) > TOLERANCE)
    islands = drawn & ~touching(drawn | ink, ink)
    return np.where(islands[..., None], paper, image)


def _closed(image: ImageArray, gaps: Bools, others: Bools, scale: float) -> ImageArray:
    """Close what is not seen under a mark: its letters and edges."""
    guess = _inpainted(image, gaps | others, scale)
    patched = exemplar_filled(guess, gaps, ~(gaps | others), max(1, round(scale))) if gaps.any() else None
    return guess if patched is None else patched


def _inpainted(image: ImageArray, holes: Bools, scale: float) -> ImageArray:
    return np.asarray(cv2.inpaint(image, holes.astype(np.uint8), 3 * scale, cv2.INPAINT_NS), np.uint8)


def _see_through(image: ImageArray, hole: Bools, mark: _Seen, factor: int, filled: ImageArray) -> None:
    """Put what is seen under a mark at full size into ``filled``; what is not seen there stays as it is."""
    scale = max(hole.shape) / WORKING_SIZE
    margin = round(8 * scale)
    top, left = (part.start * factor for part in mark.window)
    rows, columns = (extent * factor for extent in mark.hole.shape)
    for y in range(top, min(top + rows, hole.shape[0]), TILE):
        for x in range(left, min(left + columns, hole.shape[1]), TILE):
            tile = (
                slice(max(top, y - margin), min(top + rows, y + TILE + margin, hole.shape[0])),
                slice(max(left, x - margin), min(left + columns, x + TILE + margin, hole.shape[1])),
            )
            ys, xs = (at + part.start for at, part in zip(pixels(hole[tile].shape), tile, strict=True))
            own = hole[tile] & mark.hole[(ys - top) // factor, (xs - left) // factor]
            if not own.any():
                continue
            small = (ys - top + 0.5) / factor - 0.5, (xs - left + 0.5) / factor - 0.5
            under, unknown = mark.unveiling.lift(image[tile], own, small, scale)
            inner = np.zeros_like(own)
            inner[y - tile[0].start :, x - tile[1].start :][:TILE, :TILE] = True
            seen = own & ~unknown & inner
            filled[tile][seen] = under[seen]
