"""Shrink line art so that strokes thinner than a pixel stay to be seen."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketch2color.imaging.paper import paper_color
from sketch2color.imaging.pixels import ImageArray, resize

Channel = NDArray[np.uint8]
Floats = NDArray[np.float32]

STRENGTH = 0.5
"""0 averages areas, 1 keeps the full darkness of every stroke; in between, the geometric mean of both."""
SPREAD = 1.0
"""Pixels of the result: deviation of the Gaussian over which a stroke's breadth is measured."""
FAINT, PLAIN = 8.0, 32.0
"""Levels: a stroke this faint is left to the average, as grain of the paper; one this plain is kept."""
MOST = 4.0
"""A stroke is darkened by this factor at most: one of a sixteenth of a pixel; finer ones fade."""
DARK = 128
"""Levels: on paper darker than this strokes are light."""


def resize_strokes(drawing: ImageArray, width: int, height: int) -> ImageArray:
    """Resize as :func:`resize` does, but keep strokes thinner than a pixel of the result visible.

    Averaged over its pixel, a stroke of breadth b < 1 keeps the share b of its darkness; here it keeps √b.
    What is dark and narrower than a pixel of the result is split off with a morphological closing, its
    breadth is taken from its average over its peak, and it goes back in darkened accordingly. Strokes broader
    than a pixel, areas and paper are as :func:`resize` makes them, and so nearly is grain, which is broad in
    this sense; where nothing is shrunk, so is all. On dark paper it is the other way round.

    Args:
        drawing: uint8, H × W × 3.
        width: of the result in pixels.
        height: likewise.
    """
    if sum(paper_color(drawing)) < 3 * DARK:
        return 255 - _dark_on_light(255 - drawing, width, height)
    return _dark_on_light(drawing, width, height)


def _dark_on_light(drawing: ImageArray, width: int, height: int) -> ImageArray:
    plain = resize(drawing, width, height)
    across, down = drawing.shape[1] / width, drawing.shape[0] / height
    if max(across, down) <= 1:
        return plain
    strokes = _strokes(drawing, round(across), round(down))
    darkest = np.asarray(np.maximum.reduce(strokes))
    if not darkest.any():
        return plain
    average = np.stack([_averaged(channel, width, height) for channel in strokes], 2)
    peak = _peaks(darkest, across, down, width, height)
    added = (_gain(average.max(2), peak) - 1)[..., None] * average
    return np.asarray(np.rint((plain - added).clip(0, 255)), np.uint8)


def _strokes(drawing: ImageArray, across: int, down: int) -> list[Channel]:
    """Return, for each channel, how much darker than its surroundings a stroke is; 0 off strokes."""
    brush = np.ones((down // 2 * 2 + 1, across // 2 * 2 + 1), np.uint8)
    return [
        np.asarray(cv2.morphologyEx(channel, cv2.MORPH_BLACKHAT, brush), np.uint8)
        for channel in cv2.split(drawing)
    ]


def _peaks(strokes: Channel, across: float, down: float, width: int, height: int) -> Floats:
    """Return for each pixel of the result how dark the darkest stroke on or beside it is."""
    near = np.ones((2 * round(down) + 1, 2 * round(across) + 1), np.uint8)
    return _averaged(np.asarray(cv2.dilate(strokes, near)), width, height)


def _gain(average: Floats, peak: Floats) -> Floats:
    """Return by what to multiply the strokes of each pixel, 1 to ``MOST``.

    Blurred by a Gaussian of deviation s, a long stroke of breadth b and darkness d peaks at b·d / (√(2π)·s),
    wherever between the pixels it runs.
    """
    blurred = cv2.dilate(cv2.GaussianBlur(average, (0, 0), SPREAD), np.ones((3, 3), np.uint8))
    breadth = np.sqrt(2 * np.pi) * SPREAD * blurred / np.maximum(peak, 1)
    gain = np.maximum(breadth, 1e-6) ** -STRENGTH
    sure = ((peak - FAINT) / (PLAIN - FAINT)).clip(0, 1)
    return np.asarray(1 + (gain.clip(1, MOST) - 1) * sure, np.float32)


def _averaged(channel: Channel, width: int, height: int) -> Floats:
    """Shrink without rounding, by a triangle: it has no lobes, and lets no stroke change as it moves."""
    tones = Image.fromarray(channel.astype(np.float32))
    return np.asarray(tones.resize((width, height), Image.Resampling.BILINEAR))
