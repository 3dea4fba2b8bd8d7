"""Take a translucent mark off: what lay under it, B, from what shows, I, and the mark's :mod:`veil`.

B = P + (I - V) / (1 - a) on the mark's ground. Its letters are a second colour at the same opacity: over
paper they show V', and where the ground leaves no colour of the drawing, B = P + (I - V') / (1 - a).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import grown, shrunk, touching
from sketch2color.watermarks.blend_model import NOISE, Bools, Floats, Veil, commonest, estimate
from sketch2color.watermarks.plane import pixels

EDGE = 1.5
"""Pixels at working size that a mark's soft edge is wide."""
BARE = 0.3
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
class Unveiling:
    """How to see through one mark: its veil, its letters' V' - V, the colours round it (K × 3)."""

    veil: Veil
    letters: Floats | None
    palette: Floats
    palest: Floats
    on_paper: bool

    def lift(
        self, image: ImageArray, hole: Bools, at: tuple[NDArray[Any], NDArray[Any]], scale: float
    ) -> tuple[ImageArray, Bools]:
        """Take the mark off.

        Args:
            image: uint8, H × W × 3, all of the mark or a part.
            hole: bool, H × W, the mark with its edge.
            at: rows and columns, H × W each, of the pixels in the window that the mark was looked at in.
            scale: pixels of ``image`` that a pixel of the working size is long.

        Returns:
            What lay under the mark, uint8 H × W × 3, and where that cannot be told: soft edges.
        """
        inside = shrunk(hole, EDGE * scale)
        paper, plate, clear = self.veil.on(*at)
        away = image - plate
        under = paper + _calmed(away, inside, scale) / clear
        written = np.zeros_like(hole)
        if self.letters is not None:
            off = away - self.letters
            beneath = paper + _calmed(off, inside, scale) / clear
            odd = _distance(under, self.palette) > 2 * NOISE / clear[..., 0]
            written = inside & odd & (_distance(beneath, self.palette) < NOISE / clear[..., 0])
            written &= _flat(image) | (max_channel_diff(off, 0) <= 2 * NOISE)
            under = np.where(written[..., None], beneath, under)
        bare = self.on_paper | _bare(away, inside, scale)
        ink = inside & ((-away).min(2) > NOISE)
        pale = grown(inside & self._too_pale(under, clear), scale) & ~ink
        under = np.where((pale & bare)[..., None], paper, under)
        unknown = ~inside | (pale & ~bare)
        unknown |= grown(written, scale) & ~shrunk(written, scale)
        apart = inside & ~unknown & ~written & (max_channel_diff(away, 0) > NOISE)
        islands = _islands(apart, _distance(under, self.palette) <= 2 * NOISE, shrunk(hole, 2 * EDGE * scale))
        unknown |= grown(islands, scale)
        if self.on_paper:
            under = _in_drawn_tints(under, paper, self.palette)
        return np.rint(under.clip(0, 255)).astype(np.uint8), hole & unknown

    def _too_pale(self, under: Floats, clear: Floats) -> Bools:
        """Say where there would be something paler than anything round the mark, such as its pale letters."""
        return np.asarray((under > self.palest + NOISE / clear).any(2))


def unveiling_of(image: ImageArray, hole: Bools, outside: Bools, scale: float) -> Unveiling | None:
    """Tell how to see through a mark, or return None where it is opaque or too little tells.

    Args:
        image: uint8, H × W × 3.
        hole: bool, H × W, the mark with its edge.
        outside: bool, H × W, a band round the mark with no mark on it.
        scale: pixels of this image that a pixel of the working size is long.
    """
    inside = shrunk(hole, EDGE * scale)
    if _printed(image, inside, outside):
        return None
    veil = estimate(image, hole, inside, outside, scale)
    if veil is None:
        return None
    palette = _palette(image[outside & _drawn(image)])
    paper, plate, clear = veil.on(*pixels(hole.shape))
    away = image - plate
    under = paper + away / clear
    letters = _letters(away, under, inside, palette)
    plain = (max_channel_diff(image, paper) <= NOISE)[outside].mean()
    found = Unveiling(veil, letters, palette, np.percentile(image[outside], 99, axis=0), plain > PLAIN)
    _, unknown = found.lift(image, hole, pixels(hole.shape), scale)
    return found if (unknown & inside).sum() <= (1 - SEEN) * inside.sum() else None


def _printed(image: ImageArray, inside: Bools, outside: Bools) -> bool:
    """Say whether a mark is full of ink of which little comes from outside, as a QR code is.

    Its blocks would pass for lines that run in.
    """
    dark = (inside | outside | (~inside & grown(inside, 2 * EDGE))) & (image.mean(2) < DARK)
    if (dark & inside).sum() < PRINTED * inside.sum():
        return False
    coming = touching(dark, outside)
    return bool((inside & coming).sum() < 0.5 * (dark & inside).sum())


def _in_drawn_tints(under: Floats, paper: Floats, palette: Floats) -> Floats:
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
        away = max_channel_diff(under, there)
        found = np.where((away < nearest)[..., None], there, found)
        nearest = np.minimum(nearest, away)
    return np.where((nearest > 2 * NOISE)[..., None], found, under)


def _islands(ink: Bools, drawn: Bools, deep: Bools) -> Bools:
    """Give the writing too thin to show its colour: ink off the edge, hardly in drawn colours."""
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    sizes, in_drawn, at_edge = (
        np.bincount(labels[which], minlength=count) for which in (ink, ink & drawn, ink & ~deep)
    )
    writing = (in_drawn < ISLAND_DRAWN * sizes) & (at_edge == 0)
    writing[0] = False
    return np.asarray(writing[labels])


def _bare(away: Floats, inside: Bools, scale: float) -> Bools:
    """Say where a good part of what is round a pixel under the mark is paper."""
    plain = inside & (max_channel_diff(away, 0) <= NOISE)
    side = 2 * round(4 * scale) + 1
    shares = [cv2.blur(part.astype(np.float32), (side, side)) for part in (plain, inside)]
    return np.asarray(shares[0] > BARE * shares[1])


def _calmed(away: Floats, inside: Bools, scale: float) -> Floats:
    """Smooth what is paper under the mark, for the grain of JPEG would come out enlarged."""
    plain = inside & (max_channel_diff(away, 0) <= NOISE)
    side = 2 * round(3 * scale) + 1
    weight = cv2.blur(plain.astype(np.float32), (side, side))[..., None]
    calm = cv2.blur(np.where(plain[..., None], away, 0.0), (side, side))
    return np.where(plain[..., None], calm / np.maximum(weight, 1e-6), away)


def _drawn(image: ImageArray) -> Bools:
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


def _letters(away: Floats, under: Floats, inside: Bools, palette: Floats) -> Floats | None:
    """Give V' - V, the commonest colour on the mark that is neither its ground nor the drawing's."""
    odd = inside & (max_channel_diff(away, 0) > NOISE) & (_distance(under, palette) > 2.5 * NOISE)
    if odd.sum() < max(12, LETTERING * inside.sum()):
        return None
    return commonest(away[odd] / 2 + 128) * 2 - 256  # as if they were colours
