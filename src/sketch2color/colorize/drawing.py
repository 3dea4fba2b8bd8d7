"""A sketch as generators were trained to see one: dark lines on light paper, which the drawing fills.

Designers also photograph sheets, draw small on large pages, in coloured pencil, or in white on black.
"""

from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import label, regionprops

from sketch2color.imaging import ImageArray, resize_strokes

Mask = NDArray[np.bool_]
Box = tuple[slice, slice]

EDGE = 512
"""Pixels of the longer side, in which sketches are looked at."""
LINE = 33
"""Pixels at ``EDGE``: what is dark over less than this is a line. Odd."""
INK = 0.1
"""Share of the ground's light that a line takes at least; grain of paper takes less."""
DARK_PAPER = 0.4
"""Light of the paper, in sRGB, below which lines are drawn in light on dark."""
COLORED_LINES = 0.2
"""Share of the ink that is coloured, from which the lines are coloured pencil."""
TABLE = 0.45
"""Share of the sheet's light below which a dark margin of a photograph is the table."""
MIN_TABLE = 0.005
"""Share of the image; a darker margin of less is a line at the image's edge."""
RIM = 5
"""Pixels at ``EDGE`` that the edge of a sheet is blurred over."""
FILLED = 0.6
"""Share of the page's edge that a drawing has at least; smaller ones are looked at closely."""
AROUND = 0.1
"""Blank page around a small drawing, as a share of its edge."""
MARGIN = 0.08
"""Share of the edge that the margin outside of a frame round the sheet is at most wide."""
FRAME_GAP = 5
"""Pixels at ``EDGE``: gaps of a frame up to this width count as closed. Odd."""
SPECK = 12
"""Pixels at ``EDGE``: ink of less does not belong to the drawing."""


@dataclass(frozen=True)
class Drawing:
    """Where the drawing of a sketch is, and what it looks like as dark lines on light paper.

    Attributes:
        lines: the whole sketch, uint8 H × W × 3; the sketch itself if that is how it was drawn.
        box: rows and columns of the sketch that the drawing fills.
        off_sheet: what is table, or margin outside of a frame, H' × W' in any resolution; None if nothing is.
        light_on_dark: whether the sketch was drawn so.
    """

    lines: ImageArray
    box: Box
    off_sheet: Mask | None
    light_on_dark: bool

    @classmethod
    def of(cls, sketch: ImageArray, min_edge: int) -> Self:
        """Find the drawing of a sketch, uint8 H × W × 3; its box is square-ish and at least ``min_edge``."""
        scale = EDGE / max(sketch.shape)
        width, height = (max(1, round(edge * scale)) for edge in (sketch.shape[1], sketch.shape[0]))
        small = resize_strokes(sketch, width, height)
        light_on_dark = _is_light_on_dark(small)
        if light_on_dark:
            sketch, small = 255 - sketch, 255 - small
        if _has_colored_lines(small):
            sketch, small = (np.repeat(each.min(2, keepdims=True), 3, 2) for each in (sketch, small))
        table = _table(small)
        ink = _ink(small.max(2)) > INK
        off_sheet = table | _margin(ink)
        ink[cv2.dilate(table.astype(np.uint8), np.ones((2 * RIM + 1,) * 2)) > 0] = False
        box = _box(ink, sketch.shape[:2], min_edge)
        return cls(sketch, box, off_sheet if off_sheet.any() else None, light_on_dark)

    @property
    def image(self) -> ImageArray:
        """The drawing alone, without the blank page around it."""
        return np.ascontiguousarray(self.lines[self.box])

    @property
    def is_whole(self) -> bool:
        """Whether the drawing fills the sketch and all of it is paper."""
        return self.off_sheet is None and self.image.shape == self.lines.shape

    def on_page(self, values: NDArray[Any], blank: float) -> NDArray[Any]:
        """Return values over the drawing, h × w (× C), as values over the sketch, ``blank`` elsewhere."""
        if self.is_whole:
            return values
        rows, columns = self.box
        scale = values.shape[0] / (rows.stop - rows.start), values.shape[1] / (columns.stop - columns.start)
        height, width = (max(1, round(edge * by)) for edge, by in zip(self.lines.shape, scale, strict=False))
        page = np.full((height, width, *values.shape[2:]), blank, values.dtype)
        top, left = (
            min(round(each.start * by), edge - taken)
            for each, by, edge, taken in zip(self.box, scale, (height, width), values.shape, strict=False)
        )
        page[top : top + values.shape[0], left : left + values.shape[1]] = values
        if self.off_sheet is not None:
            off = cv2.resize(
                self.off_sheet.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
            )
            page[off > 0] = blank
        return page


def _ink(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the share of the light that lines take, H × W in [0, 1], for grey levels."""
    ground = cv2.morphologyEx(levels, cv2.MORPH_CLOSE, np.ones((LINE, LINE), np.uint8)).astype(np.float32)
    return np.asarray(1.0 - levels / np.maximum(ground, 1.0), np.float32)


def _is_light_on_dark(image: ImageArray) -> bool:
    light = image.max(2)
    rim = np.concatenate([light[:8].ravel(), light[-8:].ravel(), light[:, :8].ravel(), light[:, -8:].ravel()])
    return bool(max(np.median(rim), np.median(light)) < 255 * DARK_PAPER)


def _has_colored_lines(image: ImageArray) -> bool:
    """Return whether a good part of the ink has one full channel, which paint has and grey ink has not."""
    darkest, fullest = _ink(image.min(2)), _ink(image.max(2))
    ink = darkest > INK
    return bool(ink.any() and (fullest[ink] < darkest[ink] / 2).mean() > COLORED_LINES)


def _table(image: ImageArray) -> Mask:
    """Return the dark margin of a photographed sheet, H × W."""
    ground = cv2.morphologyEx(image.max(2), cv2.MORPH_CLOSE, np.ones((LINE, LINE), np.uint8))
    table = _from_border(ground < TABLE * np.percentile(ground, 95))
    if table.mean() < MIN_TABLE:
        return np.zeros_like(table)
    return np.asarray(cv2.dilate(table.astype(np.uint8), np.ones((RIM, RIM))) > 0)


def _margin(ink: Mask) -> Mask:
    """Return what lies outside of a frame drawn round the sheet, H × W; nothing where the frame is open."""
    closed = cv2.dilate(ink.astype(np.uint8), np.ones((FRAME_GAP, FRAME_GAP))) > 0
    outside = _from_border(~closed)
    height, width = ink.shape
    across, down = round(MARGIN * width), round(MARGIN * height)
    if outside[down : height - down, across : width - across].any():
        return np.zeros_like(ink)
    return np.asarray(cv2.dilate(outside.astype(np.uint8), np.ones((FRAME_GAP, FRAME_GAP))) > 0)


def _from_border(free: Mask) -> Mask:
    """Return what is connected with the border of the image, H × W."""
    areas = label(np.pad(free, 1, constant_values=True), connectivity=1)
    return np.asarray((areas == areas[0, 0])[1:-1, 1:-1] & free)


def _box(ink: Mask, shape: tuple[int, ...], min_edge: int) -> Box:
    """Return the box of the drawing in an image of ``shape``: all of it unless the drawing is small."""
    height, width = shape
    boxes = np.array([each.bbox for each in regionprops(label(ink, connectivity=2)) if each.area >= SPECK])
    if not boxes.size:
        return slice(0, height), slice(0, width)
    first, last = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    scale = max(shape) / max(ink.shape)
    edge = float((last - first).max()) * scale
    if edge >= FILLED * max(shape):
        return slice(0, height), slice(0, width)
    edge = max(edge * (1 + 2 * AROUND), min_edge)
    middle = (first + last) / 2 * scale
    ends = [
        (max(0, round(at - edge / 2)), min(size, round(at + edge / 2)))
        for at, size in zip(middle, shape, strict=True)
    ]
    rows, columns = (slice(*each) for each in ends)
    return rows, columns
