"""Shrink line art so that strokes thinner than a pixel stay visible."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketch2color.imaging.paper import paper_color
from sketch2color.imaging.pixels import LARGE, ImageArray, bands, resize

Channel = NDArray[np.uint8]
Floats = NDArray[np.float32]

STRENGTH = 0.5
"""0 averages areas, 1 keeps the full darkness of every stroke; between them, a geometric mean."""
SIGMA = 1.0
"""Pixels of the result: deviation of the Gaussian with which a stroke's width is measured."""
FAINT, PLAIN = 8.0, 32.0
"""Levels: a stroke up to the first is treated as paper grain, from the second on as a stroke, gradually
between."""
MAX_GAIN = 4.0
"""Reached by a stroke of a sixteenth of a pixel; finer ones fade."""
DARK_PAPER = 128
"""Levels: on paper darker than this, strokes are light."""


def resize_strokes(sketch: ImageArray, width: int, height: int) -> ImageArray:
    """Resize as :func:`resize` does, but keep strokes thinner than a pixel of the result visible.

    Averaged over its pixel, a stroke of width b < 1 keeps the share b of its darkness; here it keeps √b. What
    is darker than its surroundings and narrower than a pixel of the result is separated with a morphological
    closing, its width is its average over its peak, and it is added back with a gain. Wider strokes, areas
    and paper are as :func:`resize` makes them, grain nearly so; nothing changes where nothing is shrunk. Dark
    paper is inverted.

    Args:
        sketch: uint8, H × W × 3.
        width: of the result in pixels.
        height: of the result in pixels.
    """
    if sum(paper_color(sketch)) < 3 * DARK_PAPER:
        return 255 - _resize_dark_strokes(255 - sketch, width, height)
    return _resize_dark_strokes(sketch, width, height)


def _resize_dark_strokes(sketch: ImageArray, width: int, height: int) -> ImageArray:
    resized = resize(sketch, width, height)
    across, down = sketch.shape[1] / width, sketch.shape[0] / height
    if max(across, down) <= 1:
        return resized
    narrow = width if sketch.shape[0] * sketch.shape[1] >= LARGE else sketch.shape[1]
    reach, parts = round(down), []
    neighbourhood = np.ones((2 * reach + 1, 2 * round(across) + 1), np.uint8)
    for band in bands(*sketch.shape[:2]):
        start = max(0, band.start - 3 * reach)  # closing and dilation read so many rows around theirs
        strokes = _extract_strokes(sketch[start : band.stop + 3 * reach], round(across), reach)
        peak = np.asarray(cv2.dilate(np.maximum.reduce(strokes), neighbourhood))
        inner = [channel[band.start - start :][: band.stop - band.start] for channel in (*strokes, peak)]
        *rows, highest = (_resize_linear(channel, narrow, len(channel)) for channel in inner)
        parts.append([*(rows * 3)[:3], highest])
    *channels, peak = (
        _resize_linear(np.concatenate(rows), width, height) for rows in zip(*parts, strict=True)
    )
    average = np.stack(channels, 2)
    added = (_gain(average.max(2), peak) - 1)[..., None] * average
    return np.asarray(np.rint((resized - added).clip(0, 255)), np.uint8)


def _extract_strokes(sketch: ImageArray, across: int, down: int) -> list[Channel]:
    """Return, for each channel, how much darker than its surroundings a stroke is; 0 off strokes.

    Where all are equal, as in ink on white, there is one for all.
    """
    kernel = np.ones((down // 2 * 2 + 1, across // 2 * 2 + 1), np.uint8)
    channels = cv2.split(sketch)
    if all(np.array_equal(channels[0], other) for other in channels[1:]):
        channels = channels[:1]
    return [np.asarray(cv2.morphologyEx(one, cv2.MORPH_BLACKHAT, kernel), np.uint8) for one in channels]


def _gain(average: Floats, peak: Floats) -> Floats:
    """Return the gain of the strokes in each pixel, 1 to ``MAX_GAIN``.

    Blurred by a Gaussian of deviation s, a long stroke of width b and darkness d peaks at b·d / (√(2π)·s),
    wherever between the pixels it lies.
    """
    blurred = cv2.dilate(cv2.GaussianBlur(average, (0, 0), SIGMA), np.ones((3, 3), np.uint8))
    stroke_width = np.sqrt(2 * np.pi) * SIGMA * blurred / np.maximum(peak, 1)
    gain = np.maximum(stroke_width, 1e-6) ** -STRENGTH
    certainty = ((peak - FAINT) / (PLAIN - FAINT)).clip(0, 1)
    return np.asarray(1 + (gain.clip(1, MAX_GAIN) - 1) * certainty, np.float32)


def _resize_linear(channel: NDArray[Any], width: int, height: int) -> Floats:
    """Resize with a triangle filter, without rounding; a moved stroke keeps its sum."""
    levels = Image.fromarray(channel.astype(np.float32))
    return np.asarray(levels.resize((width, height), Image.Resampling.BILINEAR))
