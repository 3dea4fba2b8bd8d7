"""Tell the strokes of the drawing that run through writing from the writing itself.

Writing without a plate hides nothing between its letters, and its letters hide little where they are pale. So
what has a color that the drawing has around the writing, and is connected with it, is the drawing.
"""

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate
from sketch2color.watermarks.masks import Bools, bounding_box

ALIKE = 16  # levels by which a stroke may differ from its color outside
OFF_PAPER = 40  # levels by which a stroke differs at least from the paper around the writing
RING = 4.0  # pixels at working size around the writing in which the drawing's colors are sampled
REACH = 8.0  # likewise, which strokes reach; what ends before is the rim of a plate
SHARE = 0.01  # share of the ring from which the drawing has a color


def crossing_strokes(image: ImageArray, writing: Bools, scale: float) -> Bools:
    """Return the pixels of ``writing`` that are strokes of the drawing.

    Args:
        image: uint8, H × W × 3.
        writing: bool, H × W, letters with or without the gaps between them.
        scale: pixels of this image for one at working size.

    Returns:
        bool, H × W, within ``writing``.
    """
    strokes = np.zeros_like(writing)
    if not writing.any():
        return strokes
    window = bounding_box(writing, round(REACH * scale) + 1)
    inside = writing[window]
    ring = dilate(inside, RING * scale) & ~inside
    around = dilate(inside, REACH * scale)
    shell = around & ~dilate(inside, (REACH - 1) * scale)
    if not ring.any():
        return strokes
    levels = image[window].astype(np.int16)
    drawn = np.zeros_like(inside)
    for color in _stroke_colors(image[window][ring]):
        drawn |= max_channel_diff(levels, color) <= ALIKE
    strokes[window] = inside & components_touching(drawn & around, shell)
    return strokes


def _stroke_colors(ring: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the colors, K × 3, that N × 3 pixels have besides the most frequent pale one, the paper."""
    cells = (ring >> 4).astype(np.int64) @ np.array([256, 16, 1])
    counts = np.bincount(cells, minlength=4096)
    used = np.flatnonzero(counts >= max(2.0, SHARE * len(ring)))
    if not len(used):
        return np.empty((0, 3), np.int16)
    colors = np.stack([np.median(ring[cells == cell], axis=0) for cell in used])
    pale = colors.mean(1) >= colors.mean(1).max() - OFF_PAPER
    paper = colors[pale][counts[used][pale].argmax()]
    return np.asarray(colors[max_channel_diff(colors, paper) > OFF_PAPER], np.int16)
