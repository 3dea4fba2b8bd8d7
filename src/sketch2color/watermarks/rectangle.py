"""Fit a rectangle to a bar laid over a drawing: four straight edges where colors step alike.

Over paper a bar steps by the same levels along all of its edges, however many lines cross them; nothing
drawn does. So its outline is known to the pixel even where the network detected half of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import dilate, erode
from sketch2color.watermarks.masks import MAX_SCALE, Bools, bounding_box

Singles = NDArray[np.float32]

BEYOND, WITHIN = 10.0, 40.0  # pixels at working size outwards and inwards within which an edge is searched
DEEPEST = 0.45  # of the mark's breadth, bounds the search inwards
MIN_STEP = 12.0  # levels that an edge steps by
SAME, GRAIN = 0.25, 6.0  # steps that differ by this share of their size, or by so many levels, are the same
MIN_SIDE, MIN_MEAN = 0.35, 0.6  # share of each edge that must step alike, and of all edges on the mean
AT_BORDER = 2.0  # pixels at working size from the image's border, within which a mark runs off the image
MIN_IOU = 0.4  # of the rough mark and the rectangle
MAX_PAPER = 0.15  # share of its inside like the paper around it, above which a mark is writing and no bar
PAPER_RIM = 4.0  # pixels at working size around a bar that show what it lies on


def fit_rectangle(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    """Return the pixels of a bar, its soft edge included, or None where no four edges step alike.

    Args:
        image: uint8, H × W × 3.
        rough: bool, H × W, about where the bar lies; not empty.
        scale: pixels of this image for one at working size.
    """
    factor = max(1, round(scale / MAX_SCALE))
    height, width = rough.shape
    small = cv2.resize(image, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    rows, columns = bounding_box(rough)
    ends = [end / factor for end in (rows.start, rows.stop, columns.start, columns.stop)]
    found = _best_bar(_Steps.of(small.astype(np.float32), scale / factor), ends, scale / factor)
    if found is None:
        return None
    top, bottom, left, right = (end * factor for end in found)
    edge = round(scale)
    plate = np.zeros_like(rough)
    plate[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge] = True
    if (plate & rough).sum() < MIN_IOU * (plate | rough).sum() or _shows_paper(image, plate, scale):
        return None
    return plate


def _shows_paper(image: ImageArray, plate: Bools, scale: float) -> bool:
    rim = dilate(plate, PAPER_RIM * scale) & ~dilate(plate, scale)
    if not rim.any():
        return False
    inside = image[erode(plate, 2 * scale)]
    diff = max_channel_diff(inside, np.median(image[rim], axis=0))
    return bool((diff <= GRAIN).mean() > MAX_PAPER)


@dataclass(frozen=True)
class _Steps:
    """By how many levels colors step at each pixel's upper and left border, H × W × 3 each."""

    down: Singles
    right: Singles

    @classmethod
    def of(cls, image: Singles, scale: float) -> "_Steps":
        """Compare means over two pixels at working size, which begin half a pixel to either side."""
        apart, over = round(scale / 2 + 0.01), round(2 * scale)
        half = apart + over
        kernel = np.zeros(2 * half, np.float32)
        kernel[:over], kernel[-over:] = -1 / over, 1 / over
        steps = (
            cv2.filter2D(image, -1, shaped, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
            for shaped, anchor in ((kernel[:, None], (0, half)), (kernel[None], (half, 0)))
        )
        return cls(*(np.asarray(each, np.float32) for each in steps))

    def inwards(self, side: int, ends: list[int]) -> Singles:
        """Return the steps into a bar at each place that an end (top, bottom, left, right) may have."""
        top, bottom, left, right = ends
        steps = self.down[:, left:right] if side < 2 else self.right[top:bottom].transpose(1, 0, 2)
        return -steps if side % 2 else steps


def _best_bar(steps: _Steps, rough: list[float], scale: float) -> tuple[int, int, int, int] | None:
    """Return top, bottom, left and right of the best bar near a rough one."""
    best, most = None, 4 * MIN_MEAN
    for step in _clearest_steps(steps, rough, scale):
        ends = [round(end) for end in rough]
        shares = [0.0] * 4
        for side in (0, 1, 2, 3, 0, 1):  # top and bottom again, now that the width is known
            inwards = steps.inwards(side, ends)
            places = _places(len(inwards), rough, side, scale)
            ends[side], shares[side] = _edge(inwards, places, rough[side], step, scale)
        if min(shares) >= MIN_SIDE and sum(shares) >= most:
            best, most = (ends[0], ends[1], ends[2], ends[3]), sum(shares)
    return best


def _clearest_steps(steps: _Steps, rough: list[float], scale: float) -> Iterator[Singles]:
    """Yield for each side the step, 3 channels, that is clearest along it."""
    for side in range(4):
        inwards = steps.inwards(side, [round(end) for end in rough])
        middle = np.median(inwards[_places(len(inwards), rough, side, scale)], axis=1)
        clearest = middle[max_channel_diff(middle, 0).argmax()]
        if np.abs(clearest).max() >= MIN_STEP:
            yield clearest


def _edge(inwards: Singles, places: slice, end: float, step: Singles, scale: float) -> tuple[int, float]:
    """Return where most of a side steps like that, and which share; the border, where the mark ends there."""
    if not inwards.shape[1]:
        return round(end), 0.0
    tolerance = max(GRAIN, SAME * float(np.abs(step).max()))
    shares = (max_channel_diff(inwards[places], step) <= tolerance).mean(1)
    best = int(shares.argmax())
    for border in (0, len(inwards)):
        if shares[best] < MIN_SIDE and abs(end - border) <= AT_BORDER * scale:
            return border, 1.0
    return places.start + best, float(shares[best])


def _places(length: int, rough: list[float], side: int, scale: float) -> slice:
    """Return where a side may be, as indices of pixels that come after it."""
    ends = rough[:2] if side < 2 else rough[2:]
    within = min(WITHIN * scale, DEEPEST * (ends[1] - ends[0]))
    before, after = (within, BEYOND * scale) if side % 2 else (BEYOND * scale, within)
    end = ends[side % 2]
    first, last = (min(max(1, round(at)), length - 1) for at in (end - before, end + after))
    return slice(first, last + 1)
