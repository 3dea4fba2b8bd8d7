"""Detect barcodes: upright or lying bars of several widths on a plate of their own.

The network learned from marks that publishers lay over drawings, and knows no barcodes. They need no
learning: all their rows are alike, and no hatching, grille or vent has as many bars of as many widths.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.watermarks.masks import MAX_SCALE, Bools, Box, Window

Singles = NDArray[np.float32]

# pixels at working size
WIDTH, HEIGHT = 14.0, 5.0  # of the window in which bars are searched
MIN_HEIGHT, MIN_LENGTH = 8.0, 20.0  # of bars, and of all bars together
MAX_BAR = 7.0  # width of bars and gaps

MAX_SLOPE = 24.0  # levels a pixel: a steeper slope counts no more, lest a single line be enough
MIN_EXCESS = 9.0  # levels a pixel by which slopes across the bars exceed twice those along them
ALIKE = 0.8  # correlation from which a row has the same slopes as those in the middle
CONTRAST = 50.0  # levels between bars and gaps
FEWEST = 19  # bars and gaps
UNEQUAL = 0.2  # standard deviation of their widths, in mean widths: hatching has equal ones
MIN_CORRELATION = 0.9  # mean of all rows of bars that are printed and not drawn
ASIDE, ABOVE, BELOW = (
    0.1,
    0.2,
    0.65,
)  # greatest reach of the plate, in lengths of the code, and heights
QUIET, DIGITS = 0.06, 0.38  # reach of the plate where no edge shows: aside and above, and below
EDGE = 4.0  # levels that a plate's edge steps by, on the mean of its length


def detect_barcodes(image: ImageArray, scale: float) -> Iterator[tuple[Bools, float]]:
    """Yield the plate of each barcode, bool, H × W, and the mean correlation of its rows in [0, 1].

    Args:
        image: uint8, H × W × 3.
        scale: pixels of this image for one at working size.
    """
    factor = math.ceil(scale / MAX_SCALE)
    height, width = image.shape[:2]
    small = cv2.resize(image, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    for transposed in (False, True):
        levels = np.ascontiguousarray(grey.T) if transposed else grey
        for bars, correlation in _bars(levels, scale / factor):
            plate = np.zeros(levels.shape, np.uint8)
            plate[_plate(levels, bars)] = 1
            upright = plate.T if transposed else plate
            yield cv2.resize(upright, (width, height), interpolation=cv2.INTER_NEAREST) > 0, correlation


def _bars(grey: Singles, scale: float) -> Iterator[tuple[Box, float]]:
    """Yield left, top, right and bottom of each code, and the mean correlation of its rows."""
    for x, y, wide, high in _candidates(grey, scale):
        margin = round(WIDTH / 2 * scale)
        left, right = max(0, x - margin), min(grey.shape[1], x + wide + margin)
        slopes = np.diff(grey[:, left:right], axis=1)
        middle = np.median(slopes[y + high // 4 : y + max(high // 4 + 1, high - high // 4)], axis=0)
        lengths = np.linalg.norm(slopes, axis=1) * np.linalg.norm(middle)
        correlation = slopes @ middle / (lengths + 1e-6)
        at = y + high // 2
        top, bottom = next((run for run in _runs(correlation > ALIKE) if run[0] <= at < run[1]), (0, 0))
        if bottom - top < MIN_HEIGHT * scale:
            continue
        code = _code(np.median(grey[top:bottom, left:right], axis=0), scale)
        mean = float(correlation[top:bottom].mean())
        if code is not None and mean >= MIN_CORRELATION:
            yield (left + code[0], top, left + code[1], bottom), mean


def _candidates(grey: Singles, scale: float) -> Iterator[Box]:
    """Yield x, y, width and height of where slopes are much steeper across than along."""
    slopes = (np.abs(cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx)) / 4 for dx in (1, 0))
    across, along = (np.minimum(slope, MAX_SLOPE) for slope in slopes)
    window = round(WIDTH * scale), round(HEIGHT * scale)
    steep = cv2.blur(across, window) - 2 * cv2.blur(along, window) > MIN_EXCESS
    kernel = np.ones((3, round(6 * scale)), np.uint8)
    joined = cv2.morphologyEx(steep.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for label in range(1, count):
        x, y, wide, high, _ = (int(value) for value in stats[label])
        if wide >= MIN_LENGTH * scale and high >= HEIGHT * scale:
            yield x, y, wide, high


def _code(row: Singles, scale: float) -> tuple[int, int] | None:
    """Return where a code begins and ends in a row of grey levels; None where there is none."""
    reach = np.ones((1, 2 * round(MAX_BAR * scale) + 1), np.uint8)
    high, low = (act(row[None], reach)[0] for act in (cv2.dilate, cv2.erode))
    dark = (row < (high + low) / 2) & (high - low > CONTRAST)
    edges = np.flatnonzero(np.diff(dark.astype(np.int8))) + 1
    if len(edges) <= FEWEST:
        return None
    widths = np.diff(edges)
    start, end = max(_runs(widths <= MAX_BAR * scale), key=lambda run: run[1] - run[0], default=(0, 0))
    widths = widths[start:end]
    if end - start < FEWEST or any(
        part.std() < UNEQUAL * part.mean() for part in (widths[::2], widths[1::2])
    ):
        return None
    return int(edges[start]), int(edges[end])


def _runs(holds: Bools) -> list[tuple[int, int]]:
    """Return the first and the end of each run of what holds."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def _plate(grey: Singles, bars: Box) -> Window:
    """Return the rows and columns of the plate, up to its edges where these show."""
    left, top, right, bottom = bars
    wide, high = right - left, bottom - top
    columns, rows = slice(left, right), slice(top, bottom)
    quiet = QUIET * wide
    return (
        slice(
            top - _reach(grey[:top, columns][::-1], ABOVE * high, quiet, quiet),
            bottom + _reach(grey[bottom:, columns], BELOW * high, DIGITS * high, quiet),
        ),
        slice(
            left - _reach(grey[rows, :left].T[::-1], ASIDE * wide, quiet, quiet),
            right + _reach(grey[rows, right:].T, ASIDE * wide, quiet, quiet),
        ),
    )


def _reach(beyond: Singles, most: float, usual: float, quiet: float) -> int:
    """Return how many of the rows beyond the bars are the plate's.

    That is up to the last clear step, the end of digits or of the plate; then to where the plate ends on a
    ground hardly darker. Where no step shows it is as many as usual.
    """
    beyond = beyond[: round(most) + 2]
    steps = np.abs((beyond[2:] - beyond[:-2]).mean(1))
    if not len(steps) or steps.max() < EDGE:
        return min(len(beyond), round(usual))
    last = int(np.flatnonzero(steps > steps.max() / 2)[-1])
    rest = steps[last + 3 : last + 3 + round(quiet)]
    if len(rest) and rest.max() > EDGE:
        last += 3 + int(rest.argmax())
    return min(len(beyond), last + 2)
