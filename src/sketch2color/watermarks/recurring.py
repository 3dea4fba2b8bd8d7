"""Recurring marks: a doubtful mark becomes sure where another image bears the same.

A publisher lays one mark over all of its images, in any place and now and then at another size; a drawing's
own parts are on that drawing alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import cv2
import numpy as np

from sketch2color.imaging import ImageArray, shrink
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.masks import WORKING_SIZE, Box, Mask, to_mask

SCALES = (0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25)  # of a template that are matched
SAME = 0.88
"""Normalized cross-correlation from which two marks are the same: of boxed marks equal ones reach 0.92,
others 0.71 at most; simple shapes of different vector drawings 0.84."""
LIKELY = 0.7  # correlation at half the size from which full size is tried; of equal marks it is 0.93 there
MIN_AREA_RATIO = 0.3  # of the boxes of two marks that are compared
MIN_SIDE = 5  # pixels of a template's shorter side: smaller ones match any speck
MAX_SHARE = 0.15  # of a template in its image: larger ones are slow to match and seldom in doubt
MIN_DEVIATION = 8.0  # levels, standard deviation of a channel: plain color correlates with anything


@dataclass(frozen=True, order=True)
class Template:
    """A mark at working size: what is in its box, and its mask.

    ``group`` names the drawing that it lies on.
    """

    key: str
    group: str = field(compare=False)
    pixels: ImageArray = field(compare=False)
    mask: Mask = field(compare=False)


class TemplateBank:
    """The marks of a collection."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = templates

    def promote_recurring(self, image: ImageArray, detections: Detections, group: str) -> Detections:
        """Count doubtful marks among the sure ones where images of other groups bear the same."""
        small = shrink(image, WORKING_SIZE)
        others = [template for template in self._templates if template.group != group]
        sure, doubtful = list(detections.sure), list[Mark]()
        for mark in detections.doubtful:
            match = _best_match(small, _small_box(mark.ground, small), others)
            if match is None or match.ncc < SAME:
                doubtful.append(mark)
            else:
                sure.append(_complete(mark, match, small.shape[:2]))
        return Detections(sure, doubtful)


def cut_templates(image: ImageArray, masks: Sequence[Mask], name: str, group: str) -> list[Template]:
    """Cut marks out of an image.

    Args:
        image: uint8, H × W × 3.
        masks: uint8, H × W each, 255 on a mark.
        name: the image's own.
        group: shared by all images of the same drawing.
    """
    small = shrink(image, WORKING_SIZE)
    templates = []
    for number, mask in enumerate(masks):
        x, y, width, height = _small_box(mask, small)
        window = slice(y, y + height), slice(x, x + width)
        pixels = small[window].copy()
        fits = min(width, height) >= MIN_SIDE and pixels.size <= MAX_SHARE * small.size
        if fits and pixels.std((0, 1)).max() >= MIN_DEVIATION:
            small_mask = _resize_mask(mask, small.shape)[window].copy()
            templates.append(Template(f"{name} {number}", group, pixels, small_mask))
    return templates


@dataclass(frozen=True)
class _Match:
    """Where a template matches, and the normalized cross-correlation."""

    template: Template
    ncc: float
    rows: slice
    columns: slice


def _best_match(image: ImageArray, box: Box, templates: Sequence[Template]) -> _Match | None:
    """Return the template, at any scale, that correlates best with what is in and around a box."""
    half_size = -(-image.shape[1] // 2), -(-image.shape[0] // 2)
    half = np.asarray(cv2.resize(image, half_size, interpolation=cv2.INTER_AREA), np.uint8)
    x, y, width, height = box
    half_box = x // 2, y // 2, width // 2 + 1, height // 2 + 1
    best = None
    for template, scale in product(templates, SCALES):
        smaller, larger = sorted([scale**2 * template.mask.size, width * height])
        if smaller < MIN_AREA_RATIO * larger:
            continue
        coarse = _match(half, half_box, template, scale / 2)
        if coarse is None or coarse.ncc < LIKELY:
            continue
        match = _match(image, box, template, scale)
        if match and (best is None or match.ncc > best.ncc):
            best = match
    return best


def _match(image: ImageArray, box: Box, template: Template, scale: float) -> _Match | None:
    """Return where a scaled template matches best in and around a box, or None where it does not fit."""
    x, y, width, height = box
    high, wide = (max(1, round(side * scale)) for side in template.mask.shape)
    top, left = max(0, y - high // 2), max(0, x - wide // 2)
    window = image[top : y + height + high // 2, left : x + width + wide // 2]
    if window.shape[0] < high or window.shape[1] < wide:
        return None
    resized = cv2.resize(template.pixels, (wide, high), interpolation=cv2.INTER_AREA)
    _, ncc, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(window, resized, cv2.TM_CCOEFF_NORMED))
    rows, columns = slice(top + dy, top + dy + high), slice(left + dx, left + dx + wide)
    return _Match(template, ncc, rows, columns)


def _complete(mark: Mark, match: _Match, shape: tuple[int, ...]) -> Mark:
    """Add to a mark what it lacks of the matching one, on a shrunk image of that shape."""
    small = np.zeros(shape, np.uint8)
    window = match.rows, match.columns
    small[window] = _resize_mask(match.template.mask, small[window].shape)
    whole = _resize_mask(small, mark.ground.shape)
    return replace(mark, confidence=match.ncc, ground=mark.ground | whole, pixels=mark.pixels | whole)


def _resize_mask(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Resize a mask to a height and width; what is covered by half is masked."""
    return to_mask(np.asarray(cv2.resize(mask, shape[1::-1], interpolation=cv2.INTER_LINEAR)) >= 128)


def _small_box(mask: Mask, small: ImageArray) -> Box:
    """Return x, y, width and height of a mark's box on the shrunk image."""
    x, y, width, height = cv2.boundingRect(mask)
    across, down = small.shape[1] / mask.shape[1], small.shape[0] / mask.shape[0]
    left, top = int(x * across), int(y * down)
    right, bottom = int(np.ceil((x + width) * across)), int(np.ceil((y + height) * down))
    return left, top, right - left, bottom - top
