"""Find barcodes: upright or lying bars of several widths on a plate of their own.

The network learned from marks that publishers lay over drawings, and knows no barcodes. They need no
learning: all their rows are alike, and no hatching, grille or vent has as many bars of as many widths.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]

WIDTH, HEIGHT = 14.0, 5.0
"""Pixels at working size of the window in which bars are sought."""
CLEAR, STEEP = 24.0, 9.0
"""Levels a pixel: a steeper slope counts no more, lest a single line be enough; and by how much slopes across
the bars exceed twice those along them, on the mean."""
LOWEST, SHORTEST = 8.0, 20.0
"""Pixels at working size that bars are high, and all of them together wide."""
ALIKE = 0.8
"""Correlation from which a row has the same slopes as those in the middle."""
CONTRAST = 50.0
"""Levels between bars and gaps."""
BROADEST = 7.0
"""Pixels at working size: no bar and no gap is broader."""
FEWEST = 19
"""Bars and gaps."""
UNEQUAL = 0.2
"""Standard deviation of the widths of bars, and of gaps, in mean widths: hatching has equal ones."""
SURE = 0.9
"""Mean correlation of all rows of bars, for them to be printed and not drawn."""
ASIDE, ABOVE, BELOW = 0.1, 0.2, 0.65
"""How far the plate reaches at most: aside in widths of the code; above and, digits, below in heights."""
QUIET, DIGITS = 0.06, 0.38
"""How far it is taken to reach where no edge is seen, aside and above, and below."""
EDGE = 4.0
"""Levels that a plate's edge steps by, on the mean of its length."""
FINEST = 2.0
"""Pixels for one of the working size; a larger image is shrunk to that, for bars are no finer."""


def detect_barcodes(image: ImageArray, scale: float) -> Iterator[tuple[Bools, float]]:
    """Give the plate of each barcode, bool, H × W, and how much its rows are alike, in [0, 1].

    Args:
        image: uint8, H × W × 3.
        scale: pixels of this image that a pixel of the working size is long.
    """
    factor = math.ceil(scale / FINEST)
    height, width = image.shape[:2]
    small = cv2.resize(image, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    for lying in (False, True):
        page = np.ascontiguousarray(grey.T) if lying else grey
        for left, top, right, bottom, alike in _bars(page, scale / factor):
            plate = np.zeros(page.shape, np.uint8)
            plate[_plate(page, (left, top, right, bottom))] = 1
            upright = plate.T if lying else plate
            yield cv2.resize(upright, (width, height), interpolation=cv2.INTER_NEAREST) > 0, alike


def _bars(grey: Floats, scale: float) -> Iterator[tuple[int, int, int, int, float]]:
    for x, y, wide, high in _candidates(grey, scale):
        margin = round(WIDTH / 2 * scale)
        left, right = max(0, x - margin), min(grey.shape[1], x + wide + margin)
        slopes = np.diff(grey[:, left:right], axis=1)
        middle = np.median(slopes[y + high // 4 : y + max(high // 4 + 1, high - high // 4)], axis=0)
        lengths = np.linalg.norm(slopes, axis=1) * np.linalg.norm(middle)
        alike = slopes @ middle / (lengths + 1e-6)
        top, bottom = _stretch(alike > ALIKE, y + high // 2)
        if bottom - top < LOWEST * scale:
            continue
        first, last = _code(np.median(grey[top:bottom, left:right], axis=0), scale)
        agreement = float(alike[top:bottom].mean())
        if last > first and agreement >= SURE:
            yield left + first, top, left + last, bottom, agreement


def _candidates(grey: Floats, scale: float) -> Iterator[Box]:
    """Give x, y, width and height of where slopes go across much more than along."""
    slopes = (np.abs(cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx)) / 4 for dx in (1, 0))
    across, along = (np.minimum(slope, CLEAR) for slope in slopes)
    window = round(WIDTH * scale), round(HEIGHT * scale)
    steep = cv2.blur(across, window) - 2 * cv2.blur(along, window) > STEEP
    joined = cv2.morphologyEx(
        steep.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, round(6 * scale)), np.uint8)
    )
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for label in range(1, count):
        x, y, wide, high, _ = (int(value) for value in stats[label])
        if wide >= SHORTEST * scale and high >= HEIGHT * scale:
            yield x, y, wide, high


def _stretch(holds: Bools, at: int) -> tuple[int, int]:
    """Give the first and the end of the run of what holds that ``at`` is in, if it is in one."""
    if not holds[at]:
        return at, at
    before, after = np.flatnonzero(~holds[:at]), np.flatnonzero(~holds[at:])
    return int(before[-1]) + 1 if len(before) else 0, at + int(after[0]) if len(after) else len(holds)


def _code(row: Floats, scale: float) -> tuple[int, int]:
    """Give where a code begins and ends in a row of grey levels; nothing where there is none."""
    reach = np.ones((1, 2 * round(BROADEST * scale) + 1), np.uint8)
    high, low = (act(row[None], reach)[0] for act in (cv2.dilate, cv2.erode))
    dark = (row < (high + low) / 2) & (high - low > CONTRAST)
    edges = np.flatnonzero(np.diff(dark.astype(np.int8))) + 1
    if len(edges) <= FEWEST:
        return 0, 0
    widths = np.diff(edges)
    longest, at = 0, 0
    for start, end in _stretches(widths <= BROADEST * scale):
        if end - start > longest:
            longest, at = end - start, start
    widths = widths[at : at + longest]
    if longest < FEWEST or any(part.std() < UNEQUAL * part.mean() for part in (widths[::2], widths[1::2])):
        return 0, 0
    return int(edges[at]), int(edges[at + longest])


def _stretches(holds: Bools) -> Iterator[tuple[int, int]]:
    """Give the first and the end of each run of what holds."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    yield from zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True)


def _plate(grey: Floats, bars: Box) -> tuple[slice, slice]:
    """Give the rows and columns of the plate, up to its edges where these are seen."""
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


def _reach(beyond: Floats, most: float, usual: float, quiet: float) -> int:
    """Say how many of the rows beyond the bars are the plate's.

    That is up to the last clear step, the end of digits or of the plate; then to where the plate ends on a
    ground hardly darker. Where no step is seen it is as many as usual.
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
