"""Marks that come back: what is in doubt on one page is sure where other pages bear the very same.

A publisher lays one mark over all of its images, in any place and now and then at another size; a drawing's
own parts are on that drawing alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, shrink
from sketch2color.watermarks.detect import WORKING_SIZE, Detections, Mark

Mask = NDArray[np.uint8]
Box = tuple[int, int, int, int]

SCALES = (0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25)
"""Sizes at which a known mark is sought."""
SAME = 0.88
"""Correlation from which two are the same: of boxed marks equal ones reach 0.92, others 0.71 at most; simple
shapes of different vector drawings 0.84."""
LIKELY = 0.7
"""Correlation at half the size from which a closer look pays: where two are the same it is 0.93 there."""
SIMILAR_AREA = 0.3
"""The boxes of two marks are compared if the smaller one has at least so much of the other's area."""
SMALLEST, LARGEST_SHARE = 5, 0.15
"""Pixels of a patch's shorter side, and its share of a page: what is smaller is any speck, what is larger is
slow to seek and seldom in doubt."""
FLATTEST = 8.0
"""Levels, standard deviation of a channel: plain colour correlates with anything."""


@dataclass(frozen=True, order=True)
class Template:
    """A mark at working size: what is in its box, and where its own pixels are, 255.

    ``page`` names what it lies on, and all pages with the same drawing alike.
    """

    key: str
    page: str = field(compare=False)
    pixels: ImageArray = field(compare=False)
    mask: Mask = field(compare=False)


class TemplateBank:
    """The marks of a collection."""

    def __init__(self, cut_templates: Sequence[Template]) -> None:
        self._patches = cut_templates

    def promote_recurring(self, image: ImageArray, detections: Detections, page: str) -> Detections:
        """Count doubtful marks among the sure ones where other pages than ``page`` bear the same."""
        small = shrink(image, WORKING_SIZE)
        half = _halved(small)
        others = [patch for patch in self._patches if patch.page != page]
        sure, doubtful = list(detections.sure), list[Mark]()
        for mark in detections.doubtful:
            match = _best(small, half, _box(mark.ground, small), others)
            if match is None or match.ncc < SAME:
                doubtful.append(mark)
            else:
                sure.append(_completed(mark, match, small.shape[:2]))
        return Detections(sure, doubtful)


def cut_templates(image: ImageArray, masks: Sequence[Mask], name: str, page: str) -> list[Template]:
    """Cut marks out of an image.

    Args:
        image: uint8, H × W × 3.
        masks: uint8, H × W each, 255 on a mark.
        name: the image's own.
        page: its own too, or what all images of the same drawing share.
    """
    small = shrink(image, WORKING_SIZE)
    found = []
    for number, mask in enumerate(masks):
        x, y, width, height = _box(mask, small)
        window = slice(y, y + height), slice(x, x + width)
        pixels = small[window].copy()
        fits = min(width, height) >= SMALLEST and pixels.size <= LARGEST_SHARE * small.size
        if fits and pixels.std((0, 1)).max() >= FLATTEST:
            own = _resized(mask, small.shape[:2])[window].copy()
            found.append(Template(f"{name} {number}", page, pixels, own))
    return found


@dataclass(frozen=True)
class _Match:
    """Where something sought lies on a page, at which size, and the correlation."""

    patch: Template
    ncc: float
    rows: slice
    columns: slice


def _halved(page: ImageArray) -> ImageArray:
    halves = -(-page.shape[1] // 2), -(-page.shape[0] // 2)
    return np.asarray(cv2.resize(page, halves, interpolation=cv2.INTER_AREA), np.uint8)


def _best(page: ImageArray, half: ImageArray, box: Box, sought: Sequence[Template]) -> _Match | None:
    """Give what correlates best, at any size, with what is in and round a box, of a page and half of it."""
    x, y, width, height = box
    half_box = x // 2, y // 2, width // 2 + 1, height // 2 + 1
    best = None
    for patch, scale in product(sought, SCALES):
        smaller, larger = sorted([scale**2 * patch.mask.size, width * height])
        if smaller < SIMILAR_AREA * larger:
            continue
        glance = _match(half, half_box, patch, scale / 2)
        if glance is None or glance.ncc < LIKELY:
            continue
        match = _match(page, box, patch, scale)
        if match and (best is None or match.ncc > best.ncc):
            best = match
    return best


def _match(page: ImageArray, box: Box, patch: Template, scale: float) -> _Match | None:
    """Give where a patch of that size lies in and round a box, or None where it has no room."""
    x, y, width, height = box
    high, wide = (max(1, round(side * scale)) for side in patch.mask.shape)
    top, left = max(0, y - high // 2), max(0, x - wide // 2)
    window = page[top : y + height + high // 2, left : x + width + wide // 2]
    if window.shape[0] < high or window.shape[1] < wide:
        return None
    resized = cv2.resize(patch.pixels, (wide, high), interpolation=cv2.INTER_AREA)
    _, ncc, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(window, resized, cv2.TM_CCOEFF_NORMED))
    rows, columns = slice(top + dy, top + dy + high), slice(left + dx, left + dx + wide)
    return _Match(patch, ncc, rows, columns)


def _completed(mark: Mark, match: _Match, page: tuple[int, int]) -> Mark:
    """Add to a mark what it lacks of the known one, seen on a shrunk page of that shape."""
    small = np.zeros(page, np.uint8)
    here = small[match.rows, match.columns]
    here[:] = _resized(match.patch.mask, here.shape)
    whole = _resized(small, mark.ground.shape)
    return replace(mark, confidence=match.ncc, ground=mark.ground | whole, pixels=mark.pixels | whole)


def _resized(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Give a mask another height and width; what is covered by half is covered."""
    resized = cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(resized >= 128, 255, 0).astype(np.uint8)


def _box(mask: Mask, small: ImageArray) -> Box:
    """Give x, y, width and height, on the shrunk page, of a mark's box."""
    x, y, width, height = cv2.boundingRect(mask)
    factor = small.shape[1] / mask.shape[1], small.shape[0] / mask.shape[0]
    left, top = int(x * factor[0]), int(y * factor[1])
    right, bottom = int(np.ceil((x + width) * factor[0])), int(np.ceil((y + height) * factor[1]))
    return left, top, right - left, bottom - top
