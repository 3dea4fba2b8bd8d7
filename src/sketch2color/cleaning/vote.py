"""Close gaps by a vote of what is round them: ink or paper, where inpainting would leave grey."""

import numpy as np
from numpy.typing import NDArray

from sketch2color.images import PictureArray

Bools = NDArray[np.bool_]

REACH = 2.0
"""Pixels at working size from which neighbours vote."""
QUORUM = 0.2
"""Share of the neighbours that must be known; where fewer are, a pixel waits for those beside it."""


def voted(picture: PictureArray, gaps: Bools, scale: float) -> tuple[PictureArray, Bools]:
    """Give each pixel in a gap the colour that is the middle one, by tone, of its known neighbours'.

    The rim comes first.

    Args:
        picture: uint8, H × W × 3.
        gaps: bool, H × W.
        scale: pixels of this picture that a pixel of the working size is long.

    Returns:
        The picture with its gaps closed, and what stayed open because no one near is known.
    """
    closed, open_ = picture.copy(), gaps.copy()
    reach = max(1, round(REACH * scale))
    while open_.any():
        ys, xs = np.nonzero(open_)
        colors, known = _neighbours(closed, ~open_, ys, xs, reach)
        counts = known.sum(0)
        ready = counts >= QUORUM * len(known)
        if not ready.any():
            break
        tones = np.where(known, colors.sum(2, dtype=np.int32), 1000)
        middle = np.argsort(tones, axis=0, kind="stable")[counts // 2, np.arange(len(ys))]
        closed[ys[ready], xs[ready]] = colors[middle, np.arange(len(ys))][ready]
        open_[ys[ready], xs[ready]] = False
    return closed, open_


def _neighbours(
    picture: PictureArray, known: Bools, ys: NDArray[np.intp], xs: NDArray[np.intp], reach: int
) -> tuple[NDArray[np.uint8], Bools]:
    """Give the colours, K × N × 3, round N pixels, and which of them are known, K × N."""
    page = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    seen = np.pad(known, reach)
    moves = [(dy, dx) for dy in range(2 * reach + 1) for dx in range(2 * reach + 1)]
    colors = np.stack([page[ys + dy, xs + dx] for dy, dx in moves])
    return colors, np.stack([seen[ys + dy, xs + dx] for dy, dx in moves])
