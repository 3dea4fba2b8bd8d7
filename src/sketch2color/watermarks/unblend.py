"""Unblend a translucent mark: recover what lay under it, B, from what shows, I, and the blend model.

B = P + (I - V) / (1 - a) on the mark's ground. Its letters are a second color at the same opacity: over
paper they show V', and where the ground leaves no color of the drawing, B = P + (I - V') / (1 - a).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate, erode
from sketch2color.watermarks.blend_model import NOISE, BlendModel, fit_blend_model
from sketch2color.watermarks.colors import dominant_color
from sketch2color.watermarks.masks import Bools, Floats
from sketch2color.watermarks.plane import pixel_grid

EDGE = 1.5  # pixels at working size: width of a mark's soft edge
NEAR_PAPER = 0.3  # share of paper around a pale letter from which paper is under it, too
PLAIN = 0.5  # share of paper along a mark's edge from which paper is under all of its pale letters
MIN_KNOWN = 0.4  # share of a mark, its edge apart, that must be recovered
LETTERING = 0.03  # share of a mark of one color, from which these are its letters
PALETTE_SHARE = 0.004  # share of the surroundings of one color, from which the drawing has it
PRINTED, DARK = 0.25, 90  # share of a mark that is ink, darker than so many levels, in a printed code
ISLAND_DRAWN = 0.1  # share of an island in colors of the drawing, below which it is writing
KERNEL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Unblender:
    """How to unblend one mark: its blend model, its letters' V' - V, the colors around it (K × 3)."""

    model: BlendModel
    letters: Floats | None
    palette: Floats
    palest: Floats
    on_paper: bool

    def unblend(
        self, image: ImageArray, mask: Bools, at: tuple[NDArray[Any], NDArray[Any]], scale: float
    ) -> tuple[ImageArray, Bools]:
        """Recover what lies under the mark.

        Args:
            image: uint8, H × W × 3, all of the mark or a part.
            mask: bool, H × W, the mark with its edge.
            at: rows and columns, H × W each, of the pixels in the window that the mark was fitted in.
            scale: pixels of ``image`` for one at working size.

        Returns:
            What lay under the mark, uint8 H × W × 3, and where that is unknown: soft edges.
        """
        inside = erode(mask, EDGE * scale)
        paper, plate, transmittance = self.model.at(*at)
        diff = image - plate
        under = paper + _denoise_paper(diff, inside, scale) / transmittance
        letter_pixels = np.zeros_like(mask)
        if self.letters is not None:
            letter_diff = diff - self.letters
            under_letters = paper + _denoise_paper(letter_diff, inside, scale) / transmittance
            noise = NOISE / transmittance[..., 0]
            foreign = _distance(under, self.palette) > 2 * noise
            letter_pixels = inside & foreign & (_distance(under_letters, self.palette) < noise)
            letter_pixels &= _is_flat(image) | (max_channel_diff(letter_diff, 0) <= 2 * NOISE)
            under = np.where(letter_pixels[..., None], under_letters, under)
        near_paper = self.on_paper | _near_paper(diff, inside, scale)
        ink = inside & ((-diff).min(2) > NOISE)
        too_pale = (under > self.palest + NOISE / transmittance).any(2)  # such as the mark's pale letters
        pale = dilate(inside & too_pale, scale) & ~ink
        under = np.where((pale & near_paper)[..., None], paper, under)
        unknown = ~inside | (pale & ~near_paper)
        unknown |= dilate(letter_pixels, scale) & ~erode(letter_pixels, scale)
        other_ink = inside & ~unknown & ~letter_pixels & (max_channel_diff(diff, 0) > NOISE)
        drawn = _distance(under, self.palette) <= 2 * NOISE
        unknown |= dilate(letter_islands(other_ink, drawn, erode(mask, 2 * EDGE * scale)), scale)
        if self.on_paper:
            under = snap_to_tints(under, paper, self.palette)
        return np.rint(under.clip(0, 255)).astype(np.uint8), mask & unknown


def fit_unblender(image: ImageArray, mask: Bools, outside: Bools, scale: float) -> Unblender | None:
    """Fit how to unblend a mark; None where it is opaque or too little crosses its edge.

    Args:
        image: uint8, H × W × 3.
        mask: bool, H × W, the mark with its edge.
        outside: bool, H × W, a band around the mark with no mark on it.
        scale: pixels of this image for one at working size.
    """
    inside = erode(mask, EDGE * scale)
    if is_printed_code(image, inside, outside):
        return None
    model = fit_blend_model(image, mask, inside, outside, scale)
    if model is None:
        return None
    palette = _palette(image[outside & _is_solid(image)])
    grid = pixel_grid(mask.shape)
    paper, plate, transmittance = model.at(*grid)
    diff = image - plate
    letters = _letter_diff(diff, paper + diff / transmittance, inside, palette)
    on_paper = (max_channel_diff(image, paper) <= NOISE)[outside].mean() > PLAIN
    unblender = Unblender(model, letters, palette, np.percentile(image[outside], 99, axis=0), on_paper)
    _, unknown = unblender.unblend(image, mask, grid, scale)
    return unblender if (unknown & inside).sum() <= (1 - MIN_KNOWN) * inside.sum() else None


def is_printed_code(image: ImageArray, inside: Bools, outside: Bools) -> bool:
    """Return whether a mark is full of ink that does not continue outside, as the blocks of a QR code."""
    dark = (inside | outside | (~inside & dilate(inside, 2 * EDGE))) & (image.mean(2) < DARK)
    if (dark & inside).sum() < PRINTED * inside.sum():
        return False
    continuing = components_touching(dark, outside)
    return bool((inside & continuing).sum() < 0.5 * (dark & inside).sum())


def snap_to_tints(under: Floats, paper: Floats, palette: Floats) -> Floats:
    """Move colors, H × W × 3, that are off every line from paper to a drawn color to the nearest.

    The edges of a mark's letters are off, since they are neither its plate nor letters, and so is a drawing
    where the mark's color is estimated a little wrong. Ink is dark in all channels, an edge in some.
    """
    distance, nearest = max_channel_diff(under, paper), paper
    for color in palette:
        line = color - paper
        differs = np.abs(line) > NOISE
        shares = np.where(differs, (under - paper) / np.where(differs, line, 1.0), np.inf)
        tint = paper + shares.min(2, keepdims=True).clip(0, 1) * line
        diff = max_channel_diff(under, tint)
        nearest = np.where((diff < distance)[..., None], tint, nearest)
        distance = np.minimum(distance, diff)
    return np.where((distance > 2 * NOISE)[..., None], nearest, under)


def letter_islands(ink: Bools, drawn: Bools, deep: Bools) -> Bools:
    """Return the writing too thin to show its color: components off the edge, hardly in drawn colors."""
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    sizes, in_drawn, at_edge = (
        np.bincount(labels[which], minlength=count) for which in (ink, ink & drawn, ink & ~deep)
    )
    writing = (in_drawn < ISLAND_DRAWN * sizes) & (at_edge == 0)
    writing[0] = False
    return np.asarray(writing[labels])


def _near_paper(diff: Floats, inside: Bools, scale: float) -> Bools:
    """Return where a good part of what is around a pixel under the mark is paper."""
    plain = inside & (max_channel_diff(diff, 0) <= NOISE)
    side = 2 * round(4 * scale) + 1
    shares = [cv2.blur(part.astype(np.float32), (side, side)) for part in (plain, inside)]
    return np.asarray(shares[0] > NEAR_PAPER * shares[1])


def _denoise_paper(diff: Floats, inside: Bools, scale: float) -> Floats:
    """Smooth what is paper under the mark, for JPEG's grain would come out enlarged."""
    plain = inside & (max_channel_diff(diff, 0) <= NOISE)
    side = 2 * round(3 * scale) + 1
    weight = cv2.blur(plain.astype(np.float32), (side, side))[..., None]
    smooth = cv2.blur(np.where(plain[..., None], diff, 0.0), (side, side))
    return np.where(plain[..., None], smooth / np.maximum(weight, 1e-6), diff)


def _is_solid(image: ImageArray) -> Bools:
    """Return flat areas and thin lines; the soft edges of lines have colors that nothing is drawn in."""
    tone = image.mean(2)
    return np.asarray(_is_flat(image) | (tone <= cv2.erode(tone, KERNEL)))


def _is_flat(image: ImageArray) -> Bools:
    return np.asarray(max_channel_diff(cv2.dilate(image, KERNEL), cv2.erode(image, KERNEL)) <= 2 * NOISE)


def _palette(pixels: NDArray[np.uint8]) -> Floats:
    """Return the colors that N × 3 pixels have, K × 3, each the mean of a cell of 32 levels."""
    cells = (pixels >> 5).astype(np.int64) @ np.array([64, 8, 1])
    counts = np.bincount(cells, minlength=512)
    sums = np.stack([np.bincount(cells, pixels[:, channel], 512) for channel in range(3)], 1)
    used = counts >= max(3.0, PALETTE_SHARE * len(pixels))
    return np.asarray(sums[used] / counts[used, None])


def _distance(colors: Floats, palette: Floats) -> Floats:
    """Return by how many levels colors (… × 3) differ from the nearest of a palette."""
    least = np.full(colors.shape[:-1], np.inf)
    for color in palette:
        np.minimum(least, max_channel_diff(colors, color), out=least)
    return least


def _letter_diff(diff: Floats, under: Floats, inside: Bools, palette: Floats) -> Floats | None:
    """Return V' - V, the dominant color on the mark that is neither its ground nor the drawing's."""
    foreign = inside & (max_channel_diff(diff, 0) > NOISE) & (_distance(under, palette) > 2.5 * NOISE)
    if foreign.sum() < max(12, LETTERING * inside.sum()):
        return None
    return dominant_color(diff[foreign] / 2 + 128) * 2 - 256  # scaled to the range of colors
