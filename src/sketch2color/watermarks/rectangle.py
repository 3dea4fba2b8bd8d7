"""Find the rectangle of a bar laid over a drawing: four straight edges where colours step alike.

Over paper a bar steps by the same levels along all of its edges, however many lines cross them; nothing
drawn does. So its outline is known to the pixel even where the network saw but half of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import dilate, erode
from sketch2color.watermarks.shapes import bounding_box

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

BEYOND, WITHIN, DEEPEST = 10.0, 40.0, 0.45
"""Pixels at working size outwards and inwards of where the mark was found to end, within which its edges are
sought; inwards no more than so much of its breadth."""
LEAST = 12.0
"""Levels that an edge steps by at least."""
SAME, GRAIN = 0.25, 6.0
"""Steps that differ by so much of their size, or so many levels, are the same."""
SIDE, SIDES = 0.35, 0.6
"""So much of each edge must step alike, and of all edges on the mean."""
AT_EDGE = 2.0
"""Pixels at working size from the page's edge, within which a mark is taken to run off the page."""
ALIKE = 0.4
"""So much of what is rough or rectangle must be both."""
BARE = 0.15
"""With more of its inside like the paper round it, what was found is writing and not a bar."""
RIM = 4.0
"""Pixels at working size round a bar that tell what it lies on."""
FINEST = 2.0
"""Pixels for one of the working size; a larger image is shrunk to that, for its edges are no sharper."""


def fit_rectangle(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    """Give the pixels of a bar, its soft edge included, or None where no four edges step alike.

    Args:
        image: uint8, H × W × 3.
        rough: bool, H × W, about where the bar lies; not empty.
        scale: pixels of this image that a pixel of the working size is long.
    """
    factor = max(1, round(scale / FINEST))
    height, width = rough.shape
    small = cv2.resize(image, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    rows, columns = bounding_box(rough)
    ends = [end / factor for end in (rows.start, rows.stop, columns.start, columns.stop)]
    found = _found(_Steps.of(small.astype(np.float32), scale / factor), ends, scale / factor)
    if found is None:
        return None
    top, bottom, left, right = (end * factor for end in found)
    edge = round(scale)
    plate = np.zeros_like(rough)
    plate[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge] = True
    if (plate & rough).sum() < ALIKE * (plate | rough).sum() or _shows_paper(image, plate, scale):
        return None
    return plate


def _shows_paper(image: ImageArray, plate: Bools, scale: float) -> bool:
    rim = dilate(plate, RIM * scale) & ~dilate(plate, scale)
    if not rim.any():
        return False
    inside = image[erode(plate, 2 * scale)]
    away = max_channel_diff(inside, np.median(image[rim], axis=0))
    return bool((away <= GRAIN).mean() > BARE)


@dataclass(frozen=True)
class _Steps:
    """By how many levels colours step at each pixel's upper and left border, H × W × 3 each."""

    down: Floats
    right: Floats

    @classmethod
    def of(cls, page: Floats, scale: float) -> "_Steps":
        """Compare means over two pixels at working size, which begin half a pixel to either side."""
        apart, over = round(scale / 2 + 0.01), round(2 * scale)
        half = apart + over
        kernel = np.zeros(2 * half, np.float32)
        kernel[:over], kernel[-over:] = -1 / over, 1 / over
        steps = (
            cv2.filter2D(page, -1, shaped, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
            for shaped, anchor in ((kernel[:, None], (0, half)), (kernel[None], (half, 0)))
        )
        return cls(*(np.asarray(each, np.float32) for each in steps))

    def inwards(self, side: int, ends: list[int]) -> Floats:
        """Give the steps into a bar at each place that an end (top, bottom, left, right) may have."""
        top, bottom, left, right = ends
        steps = self.down[:, left:right] if side < 2 else self.right[top:bottom].transpose(1, 0, 2)
        return -steps if side % 2 else steps


def _found(steps: _Steps, rough: list[float], scale: float) -> tuple[int, int, int, int] | None:
    """Give top, bottom, left and right of the best bar near a rough one."""
    best, most = None, 4 * SIDES
    for step in _usual(steps, rough, scale):
        ends = [round(end) for end in rough]
        shares = [0.0] * 4
        for side in (0, 1, 2, 3, 0, 1):  # those above and below again, now that its width is known
            inwards = steps.inwards(side, ends)
            places = _places(len(inwards), rough, side, scale)
            ends[side], shares[side] = _edge(inwards, places, rough[side], step, scale)
        if min(shares) >= SIDE and sum(shares) >= most:
            best, most = (ends[0], ends[1], ends[2], ends[3]), sum(shares)
    return best


def _usual(steps: _Steps, rough: list[float], scale: float) -> Iterator[Floats]:
    """Give for each side the step, 3 channels, that is clearest along it."""
    for side in range(4):
        inwards = steps.inwards(side, [round(end) for end in rough])
        middle = np.median(inwards[_places(len(inwards), rough, side, scale)], axis=1)
        clearest = middle[max_channel_diff(middle, 0).argmax()]
        if np.abs(clearest).max() >= LEAST:
            yield clearest


def _edge(inwards: Floats, places: slice, end: float, step: Floats, scale: float) -> tuple[int, float]:
    """Give where most of a side steps like that, and how much; else the page's edge, where it ends there."""
    if not inwards.shape[1]:
        return round(end), 0.0
    tolerance = max(GRAIN, SAME * float(np.abs(step).max()))
    shares = (max_channel_diff(inwards[places], step) <= tolerance).mean(1)
    best = int(shares.argmax())
    for edge in (0, len(inwards)):
        if shares[best] < SIDE and abs(end - edge) <= AT_EDGE * scale:
            return edge, 1.0
    return places.start + best, float(shares[best])


def _places(length: int, rough: list[float], side: int, scale: float) -> slice:
    """Give where a side may be, as indices of pixels that come after it."""
    ends = rough[:2] if side < 2 else rough[2:]
    within = min(WITHIN * scale, DEEPEST * (ends[1] - ends[0]))
    before, after = (within, BEYOND * scale) if side % 2 else (BEYOND * scale, within)
    end = ends[side % 2]
    first, last = (min(max(1, round(at)), length - 1) for at in (end - before, end + after))
    return slice(first, last + 1)
