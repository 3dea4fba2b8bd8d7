"""Tell the drawing that runs through writing from the writing itself.

Writing without a plate hides nothing between its letters, and its letters hide little where they are pale. So
what has a colour that the drawing has round the writing, and hangs together with it, is the drawing.
"""

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate
from sketch2color.watermarks.shapes import window_around

Bools = NDArray[np.bool_]

ALIKE = 16
"""Levels by which a stroke may differ from its colour outside."""
OFF_PAPER = 40
"""Levels; what differs less from the paper round the writing is no stroke."""
RING, REACH = 4.0, 8.0
"""Pixels at working size, round the writing: in which the drawing's colours are looked for, and which its
strokes reach. What ends before is the rim of a plate that the mask has not wholly."""
SHARE = 0.01
"""So much of the ring must be of one colour, for the drawing to have it."""


def crossing_strokes(image: ImageArray, writing: Bools, scale: float) -> Bools:
    """Say which pixels under ``writing`` are the drawing's.

    Args:
        image: uint8, H × W × 3.
        writing: bool, H × W, letters with or without the gaps between them.
        scale: pixels of this image that a pixel of the working size is long.

    Returns:
        bool, H × W, within ``writing``.
    """
    through = np.zeros_like(writing)
    if not writing.any():
        return through
    window = window_around(writing, round(REACH * scale) + 1)
    inside = writing[window]
    ring = dilate(inside, RING * scale) & ~inside
    around = dilate(inside, REACH * scale)
    shell = around & ~dilate(inside, (REACH - 1) * scale)
    if not ring.any():
        return through
    levels = image[window].astype(np.int16)
    drawn = np.zeros_like(inside)
    for color in _colors(image[window][ring]):
        drawn |= max_channel_diff(levels, color) <= ALIKE
    through[window] = inside & components_touching(drawn & around, shell)
    return through


def _colors(ring: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Give the colours, K × 3, that N × 3 pixels have besides the commonest pale one, the paper."""
    cells = (ring >> 4).astype(np.int64) @ np.array([256, 16, 1])
    counts = np.bincount(cells, minlength=4096)
    used = np.flatnonzero(counts >= max(2.0, SHARE * len(ring)))
    colors = (
        np.stack([np.median(ring[cells == cell], axis=0) for cell in used]) if len(used) else np.empty((0, 3))
    )
    if not len(colors):
        return np.empty((0, 3), np.int16)
    pale = colors.mean(1) >= colors.mean(1).max() - OFF_PAPER
    paper = colors[pale][counts[used][pale].argmax()]
    away = max_channel_diff(colors, paper) > OFF_PAPER
    return np.asarray(colors[away], np.int16)
