"""See through a translucent plate: estimate its opacity and colour, and take both away.

A flat plate of opacity a and colour C shows I = (1 - a) B + a C of what lies under it, B. Where B is paper P
the plate shows its own commonest colour V = (1 - a) P + a C, so that B = P + (I - V) / (1 - a). The one
unknown, 1 - a, is how much paler ink is just inside the plate's edge than just outside, where the same lines
go on.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.images import PictureArray

Bools = NDArray[np.bool_]

NOISE = 12.0
"""Levels; what differs less from paper or plate is their grain."""
GRAIN = 5.0
"""Levels round the plate's colour that are taken for it."""
FLAT_SHARE = 0.35
"""So much of a plate must be of its commonest colour."""
INK_SHARE = 0.02
"""So much of the band outside the plate must be ink for a comparison."""
GOING_ON = 0.6
"""So much of the ink just inside the edge must lie near ink outside, to be taken for the same lines."""
CLEAREST, DENSEST = 0.9, 0.3
"""Bounds of 1 - a: a plate paler or denser than this is not seen through."""


@dataclass(frozen=True)
class Unblended:
    """What lay under a plate, uint8 H × W × 3, and where that cannot be told (letters, edge)."""

    picture: PictureArray
    unknown: Bools


def unblend(picture: PictureArray, hole: Bools, outside: Bools, scale: float) -> Unblended | None:
    """Take a translucent flat plate off, or return None where there is none that could be seen through.

    Args:
        picture: uint8, H × W × 3.
        hole: bool, H × W, the plate with its edge.
        outside: bool, H × W, a band round the plate with no mark on it.
        scale: pixels of this picture that a pixel of the working size is long.
    """
    inside = _shrunk(hole, 1.5 * scale)
    if inside.sum() < 60 * scale**2 or outside.sum() < 30:
        return None
    plate, flat = _commonest(picture[inside])
    paper, _ = _commonest(picture[outside])
    if flat < FLAT_SHARE or np.abs(paper - plate).max() <= NOISE / 2:
        return None
    band = inside & ~_shrunk(inside, 5 * scale)
    ink_outside = _darkness(picture[outside], paper)
    ink_inside = _darkness(picture[band], plate)
    if (ink_outside > 0).mean() < INK_SHARE or not _goes_on(ink_inside, band, ink_outside, outside, scale):
        return None
    clear = float(ink_inside.mean() / ink_outside.mean())
    possible = float(min((plate / paper).min(), ((255 - plate) / np.maximum(255 - paper, 1)).min()))
    clear = min(clear, possible)  # else the plate's colour would lie outside 0 to 255
    if not DENSEST <= clear <= CLEAREST:
        return None
    away = picture.astype(np.float64) - plate
    away = np.sign(away) * np.maximum(np.abs(away) - GRAIN, 0)  # else the grain of JPEG comes out enlarged
    under = paper + away / clear
    unknown = hole & ~inside
    letters = np.asarray((under > paper + NOISE / clear).any(2))  # pale ones: nothing is whiter than paper
    unknown |= inside & _grown(letters, scale)
    return Unblended(np.rint(under.clip(0, 255)).astype(np.uint8), unknown)


def _goes_on(
    ink_inside: NDArray[np.float64],
    band: Bools,
    ink_outside: NDArray[np.float64],
    outside: Bools,
    scale: float,
) -> bool:
    """Say whether ink inside the edge lies where ink outside ends; the plate's own letters do not."""
    inner, outer = band.copy(), outside.copy()
    inner[band], outer[outside] = ink_inside > 0, ink_outside > 0
    near = inner & _grown(outer, 6 * scale)
    return bool(near.sum() > GOING_ON * inner.sum())


def _commonest(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], float]:
    """Give the commonest colour of N × 3 pixels and the share of them within ``NOISE`` of it."""
    bins = (pixels >> 4).astype(np.int64) @ np.array([256, 16, 1])
    color = np.median(pixels[bins == np.bincount(bins).argmax()], axis=0).astype(np.float64)
    return color, float((np.abs(pixels - color).max(1) <= NOISE).mean())


def _darkness(pixels: NDArray[np.uint8], ground: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give by how many levels each of N × 3 pixels is darker than ``ground``, 0 within its grain."""
    depth = (ground - pixels).mean(1)
    return np.where(depth > NOISE / 2, depth, 0.0)


def _shrunk(mask: Bools, radius: float) -> Bools:
    return ~_grown(~mask, radius)


def _grown(mask: Bools, radius: float) -> Bools:
    edge = 2 * max(1, round(radius)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel)).astype(bool)
