"""Take a translucent mark off: what lay under it, B, from what shows, I, and the mark's :mod:`model`.

B = P + (I - V) / (1 - a) on the mark's ground. Its letters are a second colour at the same opacity: over
paper they show V', and where the ground leaves no colour of the drawing, B = P + (I - V') / (1 - a).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate, erode
from sketch2color.watermarks.blend_model import (
    NOISE,
    BlendModel,
    Bools,
    Floats,
    dominant_color,
    fit_blend_model,
)
from sketch2color.watermarks.plane import pixels

EDGE = 1.5
"""Pixels at working size that a mark's soft edge is wide."""
NEAR_PAPER = 0.3
"""With so much paper round it, what a pale letter hides is taken for paper, too."""
PLAIN = 0.5
"""With so much paper along a mark's edge, what any pale letter hides is taken for paper."""
SEEN = 0.4
"""So much of a mark, its edge apart, must be seen through with sense."""
LETTERING = 0.03
"""So much of a mark must be of one colour, to be its letters."""
PALETTE_SHARE = 0.004
"""So much of the surroundings must be of one colour, for the drawing to have it."""

PRINTED, DARK = 0.25, 90
"""So much of a mark is ink, darker than this level, where it is a printed code."""
ISLAND_DRAWN = 0.1
"""With so little of it in a colour of the drawing, what touches no edge is taken for writing."""


@dataclass(frozen=True)
class Unblender:
    """How to unblend one mark: its blend model, its letters' V' - V, the colours around it (K × 3)."""

    model: BlendModel
    letters: Floats | None
    palette: Floats
    palest: Floats
    on_paper: bool

    def unblend(
        self, image: ImageArray, mask: Bools, at: tuple[NDArray[Any], NDArray[Any]], scale: float
    ) -> tuple[ImageArray, Bools]:
        """Take the mark off.

        Args:
            image: uint8, H × W × 3, all of the mark or a part.
            mask: bool, H × W, the mark with its edge.
            at: rows and columns, H × W each, of the pixels in the window that the mark was looked at in.
            scale: pixels of ``image`` that a pixel of the working size is long.

        Returns:
            What lay under the mark, uint8 H × W × 3, and where that cannot be told: soft edges.
        """
        inside = erode(mask, EDGE * scale)
        paper, plate, transmittance = self.model.at(*at)
        diff = image - plate
        under = paper + _denoise_paper(diff, inside, scale) / transmittance
        letter_pixels = np.zeros_like(mask)
        if self.letters is not None:
            letter_diff = diff - self.letters
            under_letters = paper + _denoise_paper(letter_diff, inside, scale) / transmittance
            foreign = _distance(under, self.palette) > 2 * NOISE / transmittance[..., 0]
            letter_pixels = (
                inside & foreign & (_distance(under_letters, self.palette) < NOISE / transmittance[..., 0])
            )
            letter_pixels &= _flat(image) | (max_channel_diff(letter_diff, 0) <= 2 * NOISE)
            under = np.where(letter_pixels[..., None], under_letters, under)
        near_paper = self.on_paper | _near_paper(diff, inside, scale)
        ink = inside & ((-diff).min(2) > NOISE)
        pale = dilate(inside & self._too_pale(under, transmittance), scale) & ~ink
        under = np.where((pale & near_paper)[..., None], paper, under)
        unknown = ~inside | (pale & ~near_paper)
        unknown |= dilate(letter_pixels, scale) & ~erode(letter_pixels, scale)
        detached = inside & ~unknown & ~letter_pixels & (max_channel_diff(diff, 0) > NOISE)
        islands = letter_islands(
            detached, _distance(under, self.palette) <= 2 * NOISE, erode(mask, 2 * EDGE * scale)
        )
        unknown |= dilate(islands, scale)
        if self.on_paper:
            under = snap_to_tints(under, paper, self.palette)
        return np.rint(under.clip(0, 255)).astype(np.uint8), mask & unknown

    def _too_pale(self, under: Floats, transmittance: Floats) -> Bools:
        """Say where there would be something paler than anything round the mark, such as its pale letters."""
        return np.asarray((under > self.palest + NOISE / transmittance).any(2))


def fit_unblender(image: ImageArray, mask: Bools, outside: Bools, scale: float) -> Unblender | None:
    """Tell how to see through a mark, or return None where it is opaque or too little tells.

    Args:
        image: uint8, H × W × 3.
        mask: bool, H × W, the mark with its edge.
        outside: bool, H × W, a band round the mark with no mark on it.
        scale: pixels of this image that a pixel of the working size is long.
    """
    inside = erode(mask, EDGE * scale)
    if _is_printed_code(image, inside, outside):
        return None
    model = fit_blend_model(image, mask, inside, outside, scale)
    if model is None:
        return None
    palette = _palette(image[outside & _solid_pixels(image)])
    paper, plate, transmittance = model.at(*pixels(mask.shape))
    diff = image - plate
    under = paper + diff / transmittance
    letters = _letters(diff, under, inside, palette)
    plain = (max_channel_diff(image, paper) <= NOISE)[outside].mean()
    found = Unblender(model, letters, palette, np.percentile(image[outside], 99, axis=0), plain > PLAIN)
    _, unknown = found.unblend(image, mask, pixels(mask.shape), scale)
    return found if (unknown & inside).sum() <= (1 - SEEN) * inside.sum() else None


def _is_printed_code(image: ImageArray, inside: Bools, outside: Bools) -> bool:
    """Say whether a mark is full of ink of which little comes from outside, as a QR code is.

    Its blocks would pass for lines that run in.
    """
    dark = (inside | outside | (~inside & dilate(inside, 2 * EDGE))) & (image.mean(2) < DARK)
    if (dark & inside).sum() < PRINTED * inside.sum():
        return False
    coming = components_touching(dark, outside)
    return bool((inside & coming).sum() < 0.5 * (dark & inside).sum())


def snap_to_tints(under: Floats, paper: Floats, palette: Floats) -> Floats:
    """Move colours, H × W × 3, that are off every line from paper to a drawn colour to the nearest.

    The edges of a mark's letters are off, since they are neither its plate nor letters, and so is a drawing
    where the mark's colour is told a little wrong. Ink is dark in all channels, an edge in some.
    """
    nearest, found = max_channel_diff(under, paper), paper
    for color in palette:
        line = color - paper
        telling = np.abs(line) > NOISE
        shares = np.where(telling, (under - paper) / np.where(telling, line, 1.0), np.inf)
        there = paper + shares.min(2, keepdims=True).clip(0, 1) * line
        diff = max_channel_diff(under, there)
        found = np.where((diff < nearest)[..., None], there, found)
        nearest = np.minimum(nearest, diff)
    return np.where((nearest > 2 * NOISE)[..., None], found, under)


def letter_islands(ink: Bools, drawn: Bools, deep: Bools) -> Bools:
    """Give the writing too thin to show its colour: ink off the edge, hardly in drawn colours."""
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    sizes, in_drawn, at_edge = (
        np.bincount(labels[which], minlength=count) for which in (ink, ink & drawn, ink & ~deep)
    )
    writing = (in_drawn < ISLAND_DRAWN * sizes) & (at_edge == 0)
    writing[0] = False
    return np.asarray(writing[labels])


def _near_paper(diff: Floats, inside: Bools, scale: float) -> Bools:
    """Say where a good part of what is round a pixel under the mark is paper."""
    plain = inside & (max_channel_diff(diff, 0) <= NOISE)
    side = 2 * round(4 * scale) + 1
    shares = [cv2.blur(part.astype(np.float32), (side, side)) for part in (plain, inside)]
    return np.asarray(shares[0] > NEAR_PAPER * shares[1])


def _denoise_paper(diff: Floats, inside: Bools, scale: float) -> Floats:
    """Smooth what is paper under the mark, for the grain of JPEG would come out enlarged."""
    plain = inside & (max_channel_diff(diff, 0) <= NOISE)
    side = 2 * round(3 * scale) + 1
    weight = cv2.blur(plain.astype(np.float32), (side, side))[..., None]
    calm = cv2.blur(np.where(plain[..., None], diff, 0.0), (side, side))
    return np.where(plain[..., None], calm / np.maximum(weight, 1e-6), diff)


def _solid_pixels(image: ImageArray) -> Bools:
    """Say where a pixel is like its neighbours or the darkest of them: in flat areas and thin lines.

    The soft edges of lines have colours that nothing is drawn in.
    """
    kernel = np.ones((3, 3), np.uint8)
    tone = image.mean(2)
    return np.asarray(_flat(image) | (tone <= cv2.erode(tone, kernel)))


def _flat(image: ImageArray) -> Bools:
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray(max_channel_diff(cv2.dilate(image, kernel), cv2.erode(image, kernel)) <= 2 * NOISE)


def _palette(pixels: NDArray[np.uint8]) -> Floats:
    """Give the colours that N × 3 pixels have, K × 3, each the mean of a cell of 32 levels."""
    cells = (pixels >> 5).astype(np.int64) @ np.array([64, 8, 1])
    counts = np.bincount(cells, minlength=512)
    sums = np.stack([np.bincount(cells, pixels[:, channel], 512) for channel in range(3)], 1)
    used = counts >= max(3.0, PALETTE_SHARE * len(pixels))
    return np.asarray(sums[used] / counts[used, None])


def _distance(colors: Floats, palette: Floats) -> Floats:
    """Give how many levels colours (… × 3) are from the nearest of a palette."""
    least = np.full(colors.shape[:-1], np.inf)
    for color in palette:
        np.minimum(least, max_channel_diff(colors, color), out=least)
    return least


def _letters(diff: Floats, under: Floats, inside: Bools, palette: Floats) -> Floats | None:
    """Give V' - V, the commonest colour on the mark that is neither its ground nor the drawing's."""
    foreign = inside & (max_channel_diff(diff, 0) > NOISE) & (_distance(under, palette) > 2.5 * NOISE)
    if foreign.sum() < max(12, LETTERING * inside.sum()):
        return None
    return dominant_color(diff[foreign] / 2 + 128) * 2 - 256  # as if they were colours
