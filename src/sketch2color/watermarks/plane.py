"""Paper as a plane: each channel's level is linear over the image, but for grain and what is drawn on it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.watermarks.masks import Bools, Floats

TOLERANCE = 14.0  # levels by which paper may differ from its plane
DARKEST_PAPER = 110  # levels: a darker ground is no paper
PAINTED = 0.35  # share of paper on a mark's rim below which it lies on paint
STIFFNESS = 0.02  # ridge penalty on slopes per pixel: a slope needs evidence
ROUNDS = 4  # of fitting, each without what lies off the last plane


@dataclass(frozen=True)
class Plane:
    """Levels of three channels, linear in x and y: ``terms`` is 3 × 3, for 1, x and y from ``center``."""

    terms: Floats
    center: tuple[float, float] = (0.0, 0.0)
    spread: float = 1.0

    def at(self, ys: NDArray[Any], xs: NDArray[Any]) -> Floats:
        """Return the levels at pixels: the shape of ``ys`` and ``xs``, × 3."""
        return np.asarray(self.basis(ys, xs) @ self.terms)

    def basis(self, ys: NDArray[Any], xs: NDArray[Any]) -> Floats:
        """Return what the terms are multiplied by at pixels: the shape of ``ys`` and ``xs``, × 3."""
        x, y = (xs - self.center[1]) / self.spread, (ys - self.center[0]) / self.spread
        return np.stack([np.ones(ys.shape), x, y], -1)


def fit_plane(ys: NDArray[np.intp], xs: NDArray[np.intp], levels: Floats, keep: Bools) -> tuple[Plane, Bools]:
    """Fit a plane to N pixels by least squares, iteratively without outliers.

    Args:
        ys: N rows.
        xs: N columns.
        levels: N × 3.
        keep: bool, N; the pixels of the first fit.

    Returns:
        The plane, and which pixels lie on it.
    """
    center = float(ys.mean()), float(xs.mean())
    spread = max(1.0, float(np.hypot(xs - center[1], ys - center[0]).max()))
    basis = Plane(np.zeros((3, 3)), center, spread).basis(ys, xs)
    ridge = np.diag([0.0, 1.0, 1.0]) * STIFFNESS
    for _ in range(ROUNDS):
        used = basis[keep]
        middle = levels[keep].mean(0)
        terms = np.linalg.solve(used.T @ used + ridge * len(used), used.T @ (levels[keep] - middle))
        terms = terms + np.stack([middle, np.zeros(3), np.zeros(3)])
        near = np.asarray(max_channel_diff(levels, basis @ terms) <= TOLERANCE)
        if near.sum() < 8:
            break
        keep = near
    return Plane(terms, center, spread), near


def separate_paper(image: ImageArray, rim: Bools) -> tuple[ImageArray, Bools]:
    """Return the paper that an image's rim, not empty, shows, all over it, and which of the rim is ink.

    Ink is darker than paper, so the plane is first fitted to the paler half of the rim.
    """
    ys, xs = np.nonzero(rim)
    levels = image[rim].astype(np.float64)
    tone = levels.mean(1)
    plane, on_plane = fit_plane(ys, xs, levels, tone >= np.median(tone) - TOLERANCE)
    paper = plane.at(*pixel_grid(rim.shape))
    ink = rim.copy()
    if paper[rim].mean() > DARKEST_PAPER:
        ink[rim] = ~on_plane
    return np.asarray(np.rint(paper.clip(0, 255)), np.uint8), ink


def pixel_grid(shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of every pixel of an H × W array."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return rows, columns
