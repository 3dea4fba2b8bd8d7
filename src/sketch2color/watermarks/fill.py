"""Fill masked marks: unblend translucent ones, put back paper, or inpaint from the surroundings.

What is done is decided, mark by mark, on the image shrunk to ``DECIDING_SIZE``; pixels then come from there
or, where a mark is unblended, from the image at its full size, tile by tile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from sketch2color.imaging import LARGE, ImageArray, bands, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate
from sketch2color.watermarks.colors import dominant_color
from sketch2color.watermarks.masks import RIM, WORKING_SIZE, Bools, Mask, Window
from sketch2color.watermarks.patch_inpaint import patch_inpaint
from sketch2color.watermarks.plane import PAINTED, TOLERANCE, pixel_grid, separate_paper
from sketch2color.watermarks.unblend import Unblender, fit_unblender

DECIDING_SIZE = 512  # pixels of the longer side; an image up to half as large again is not shrunk
GAP = 3.0  # pixels at working size: parts that are nearer are one mark, as the letters of a word are
NEIGHBOURHOOD = 48.0  # pixels at working size around a mark in which patches are searched
PLAIN_SHARE, PAPER_SHARE = 0.985, 0.75  # of a mark's rim: it lies on nothing but paper; it mostly hides paper
HUGE = 3500.0  # pixels² at working size: a larger mark on paint becomes blank, calmer than scraps of drawing
FEWEST = 12  # pixels of a rim; fewer do not tell what paper is
THICK = 3.0  # pixels at working size: masks of a smaller radius are lines, which diffusion closes best
TILE, LARGE_TILE = 1024, 512  # pixels of the edge of a tile that is unblended at a time; of a large image


def fill(image: ImageArray, mask: Mask) -> ImageArray:
    """Replace the masked pixels.

    Args:
        image: uint8, H × W × 3; not changed.
        mask: uint8, H × W, 255 where a mark lies.

    Returns:
        The image with the masked pixels replaced, all others unchanged.
    """
    factor = max(1, round(max(mask.shape) / DECIDING_SIZE))
    if factor == 1:
        return _fill_marks(image, mask > 0)[0]
    size = -(-mask.shape[1] // factor), -(-mask.shape[0] // factor)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    small_filled, unblended = _fill_marks(small, cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0)
    patches = [patch for mark in unblended for patch in _unblend_full_size(image, mask, mark, factor)]
    filled = np.asarray(cv2.resize(small_filled, mask.shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    for rows in bands(*mask.shape):
        np.copyto(filled[rows], image[rows], where=(mask[rows] == 0)[..., None])
    for tile, known, under in patches:
        filled[tile][known] = under
    return filled


@dataclass(frozen=True)
class _UnblendedMark:
    """A mark that was unblended on the shrunk image: its window, its mask in there, and how."""

    window: Window
    mask: Bools
    unblender: Unblender


def _fill_marks(image: ImageArray, holes: Bools) -> tuple[ImageArray, list[_UnblendedMark]]:
    """Fill mark by mark; also return the marks that were unblended."""
    filled, unblended = image.copy(), []
    scale = max(1.0, max(holes.shape) / WORKING_SIZE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        dilate(holes, GAP * scale).astype(np.uint8), connectivity=8
    )
    reach = round(NEIGHBOURHOOD * scale)
    for label in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[label])
        window = (
            slice(max(0, top - reach), top + height + reach),
            slice(max(0, left - reach), left + width + reach),
        )
        mask = holes[window] & (labels[window] == label)
        rim = dilate(mask, RIM * scale) & ~holes[window]
        unblender = fit_unblender(image[window], mask, rim, scale)
        if unblender is None:
            filled[window][mask] = _fill_opaque(image[window], holes[window], mask, rim, scale)[mask]
            continue
        unblended.append(_UnblendedMark(window, mask, unblender))
        under, unknown = unblender.unblend(image[window], mask, pixel_grid(mask.shape), scale)
        known = np.where(mask[..., None], under, image[window])
        filled[window][mask] = _fill_gaps(known, unknown, holes[window] & ~mask, scale)[mask]
    return filled, unblended


def _fill_opaque(image: ImageArray, holes: Bools, mask: Bools, rim: Bools, scale: float) -> ImageArray:
    """Return a window with paper, diffusion, blank or patches, the first that suits, in place of a mark."""
    paper, ink = separate_paper(image, rim) if rim.sum() >= FEWEST else (image, rim)
    share = 1 - float(ink.sum() / max(1, rim.sum()))
    if share >= PLAIN_SHARE:
        return paper
    if cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3).max() <= THICK * scale:
        return _inpaint(image, holes, scale)
    is_huge = share < PAINTED and mask.sum() > HUGE * scale**2
    if is_huge and (blank := blank_page(image, holes)) is not None:
        return blank
    hides_paper = share >= PAPER_SHARE
    first = paper if hides_paper else _inpaint(image, holes, scale)
    guess = np.where(mask[..., None], first, image)
    patched = patch_inpaint(guess, mask, ~holes, max(1, round(scale)))
    if patched is None:
        return guess
    return remove_islands(patched, paper, mask, ink) if hides_paper else patched


def blank_page(image: ImageArray, holes: Bools) -> ImageArray | None:
    """Return nothing but paper, the dominant colour, or None where that is not about the palest, too."""
    around = image[~holes]
    paper = dominant_color(around)
    palest = np.percentile(around.mean(1), 95)
    return np.full_like(image, np.rint(paper)) if paper.mean() >= palest - TOLERANCE else None


def remove_islands(image: ImageArray, paper: ImageArray, mask: Bools, ink: Bools) -> ImageArray:
    """Put back paper where something is drawn under a mask that continues nothing around it."""
    drawn = mask & (max_channel_diff(image.astype(np.int16), paper) > TOLERANCE)
    islands = drawn & ~components_touching(drawn | ink, ink)
    return np.where(islands[..., None], paper, image)


def _fill_gaps(image: ImageArray, gaps: Bools, others: Bools, scale: float) -> ImageArray:
    """Fill what cannot be unblended of a mark: its letters and edges."""
    guess = _inpaint(image, gaps | others, scale)
    patched = patch_inpaint(guess, gaps, ~(gaps | others), max(1, round(scale))) if gaps.any() else None
    return guess if patched is None else patched


def _inpaint(image: ImageArray, holes: Bools, scale: float) -> ImageArray:
    return np.asarray(cv2.inpaint(image, holes.astype(np.uint8), 3 * scale, cv2.INPAINT_NS), np.uint8)


def _unblend_full_size(
    image: ImageArray, mask: Mask, mark: _UnblendedMark, factor: int
) -> Iterator[tuple[Window, Bools, ImageArray]]:
    """Yield tiles of a mark, which of their pixels are unblended at full size, and their colors, N × 3."""
    scale = max(mask.shape) / WORKING_SIZE
    edge, margin = (TILE, round(8 * scale)) if mask.size < LARGE else (LARGE_TILE, round(4 * scale))
    top, left = (part.start * factor for part in mark.window)
    rows, columns = (extent * factor for extent in mark.mask.shape)
    for y in range(top, min(top + rows, mask.shape[0]), edge):
        for x in range(left, min(left + columns, mask.shape[1]), edge):
            tile = (
                slice(max(top, y - margin), min(top + rows, y + edge + margin, mask.shape[0])),
                slice(max(left, x - margin), min(left + columns, x + edge + margin, mask.shape[1])),
            )
            holes = mask[tile] > 0
            ys, xs = (at + part.start for at, part in zip(pixel_grid(holes.shape), tile, strict=True))
            marked = holes & mark.mask[(ys - top) // factor, (xs - left) // factor]
            inner = tuple(
                slice(at - part.start, at - part.start + edge) for at, part in zip((y, x), tile, strict=True)
            )
            if not marked[inner].any():
                continue
            small = (ys - top + 0.5) / factor - 0.5, (xs - left + 0.5) / factor - 0.5
            under, unknown = mark.unblender.unblend(image[tile], marked, small, scale)
            known = (marked & ~unknown)[inner].copy()
            yield (slice(y, y + known.shape[0]), slice(x, x + known.shape[1])), known, under[inner][known]
