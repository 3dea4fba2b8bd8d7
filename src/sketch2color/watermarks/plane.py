"""Paper as a plane: each channel's level runs evenly over the page, but for grain and what is drawn on it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

TOLERANCE = 14.0
"""Levels by which a pixel may differ from the plane of paper and still be paper."""
DARKEST_PAPER = 110
"""Levels; a darker ground is no paper."""
PAINTED = 0.35
"""What has less paper than this share of its rim lies on paint and not on paper."""
STIFFNESS = 0.02
"""A slope needs evidence: how much the sum of its squares costs, for every pixel."""


@dataclass(frozen=True)
class Plane:
    """Levels of three channels, linear in x and y: ``terms`` is 3 × 3, for 1, x and y from ``center``."""

    terms: Floats
    center: tuple[float, float]
    spread: float

    @classmethod
    def flat(cls, color: Floats) -> "Plane":
        """Give the plane that has one colour everywhere."""
        return cls(np.stack([color, np.zeros(3), np.zeros(3)]), (0.0, 0.0), 1.0)

    def at(self, ys: NDArray[Any], xs: NDArray[Any]) -> Floats:
        """Give the levels at pixels: shape of ``ys`` and ``xs``, and 3 channels."""
        basis = np.stack(
            [np.ones(ys.shape), (xs - self.center[1]) / self.spread, (ys - self.center[0]) / self.spread], -1
        )
        return np.asarray(basis @ self.terms)


def fit_plane(
    ys: NDArray[np.intp], xs: NDArray[np.intp], levels: Floats, keep: Bools, rounds: int = 4
) -> tuple[Plane, Bools]:
    """Fit a plane to N pixels by least squares, again and again without what lies off it.

    Args:
        ys: N rows.
        xs: N columns.
        levels: N × 3.
        keep: bool, N; where to begin.
        rounds: how often to fit.

    Returns:
        The plane, and which pixels lie on it.
    """
    center = float(ys.mean()), float(xs.mean())
    spread = max(1.0, float(np.hypot(xs - center[1], ys - center[0]).max()))
    basis = np.stack([np.ones(len(xs)), (xs - center[1]) / spread, (ys - center[0]) / spread], 1)
    ridge = np.diag([0.0, 1.0, 1.0]) * STIFFNESS
    terms = np.zeros((3, 3))
    for _ in range(rounds):
        used = basis[keep]
        middle = levels[keep].mean(0)
        slope = np.linalg.solve(used.T @ used + ridge * len(used), used.T @ (levels[keep] - middle))
        terms = slope + np.stack([middle, np.zeros(3), np.zeros(3)])
        near = max_channel_diff(levels, basis @ terms) <= TOLERANCE
        if near.sum() < 8:
            break
        keep = near
    return Plane(terms, center, spread), np.asarray(max_channel_diff(levels, basis @ terms) <= TOLERANCE)


def separate_paper(image: ImageArray, rim: Bools) -> tuple[ImageArray, Bools]:
    """Give an image as nothing but the paper that its rim, not empty, shows, and what of that is none.

    Ink is darker than paper, so the search for its plane begins with the paler half of the rim.
    """
    ys, xs = np.nonzero(rim)
    levels = image[rim].astype(np.float64)
    tone = levels.mean(1)
    plane, on_plane = fit_plane(ys, xs, levels, tone >= np.median(tone) - TOLERANCE)
    paper = plane.at(*pixels(rim.shape))
    ink = rim.copy()
    if paper[rim].mean() > DARKEST_PAPER:
        ink[rim] = ~on_plane
    return np.asarray(np.rint(paper.clip(0, 255)), np.uint8), ink


def pixels(shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give row and column of every pixel of an H × W array."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return rows, columns
