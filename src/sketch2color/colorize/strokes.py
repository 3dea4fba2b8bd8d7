"""Strokes as vectors, and the arrays that they fill.

As ``studio/src/engine/strokes.ts``, in the same order of operations: both must cover the same pixels.
"""

from collections.abc import Sequence
from math import floor
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor
from pydantic import BeforeValidator, Field, WithJsonSchema

from sketch2color.colorize.request import Strokes
from sketch2color.config.validation import Model, text

Point = tuple[float, float, float]
Area = tuple[slice, slice]
Floats = NDArray[np.floating[Any]]

FARTHEST = 1_000_000
"""Pixels that a point may be away from the sketch's corner, and that a stroke may be wide."""
_CELL = 16
"""Pixels of the side of a cell; one that is covered is not compared with further segments of a stroke."""
_AT_ONCE = 256
"""Cells whose pixels are compared with a segment at a time: they stay in the processor's cache."""


def _point(given: Any) -> Point:
    is_point = (
        isinstance(given, list)
        and len(given) == 3
        and all(type(each) in (int, float) and -FARTHEST <= each <= FARTHEST for each in given)
        and given[2] >= 0
    )
    if not is_point:
        raise ValueError
    x, y, width = map(float, given)
    return x, y, width


_POINT = f"[x, y, width], numbers up to {FARTHEST}, the width not negative"
HexColor = Annotated[str, text("a colour such as #ff8000", r"^#[0-9a-fA-F]{6}$")]


class Stroke(Model):
    """A polyline; ``points`` are x, y and width in pixels of the sketch, (0, 0) its top left corner.

    Centres of pixels are at .5. ``fill`` and ``brush`` have a colour, ``eraser`` clears what is under it.
    """

    tool: Literal["fill", "brush", "eraser"]
    color: HexColor
    points: Annotated[
        list[Annotated[Point, BeforeValidator(_point), WithJsonSchema({"allowed": _POINT})]],
        Field(min_length=1),
    ]


def rasterize(strokes: Sequence[Stroke], width: int, height: int) -> dict[str, Strokes]:
    """Draw strokes one over the other, without antialiasing.

    A pixel is covered if its centre lies within half the width of the nearest place on a segment, the width
    interpolated between its ends, or if a point lies in it.

    Args:
        strokes: in the order in which they were drawn.
        width: of the sketch, in pixels.
        height: likewise.

    Returns:
        RGBA, uint8 height × width × 4, ``fill`` and ``paint`` of a request, if any stroke drew there.
    """
    arrays: dict[str, Strokes] = {}
    for stroke in strokes:
        kinds, color = ["fill", "paint"], (0, 0, 0, 0)
        if stroke.tool != "eraser":
            kinds, color = ["fill" if stroke.tool == "fill" else "paint"], _opaque(stroke.color)
            arrays.setdefault(kinds[0], np.zeros((height, width, 4), np.uint8))
        drawn = [arrays[kind] for kind in kinds if kind in arrays]
        if drawn and (covered := _cover(stroke.points, width, height)):
            area, is_covered = covered
            for pixels in drawn:
                pixels[area][is_covered] = color
    return arrays


def _opaque(color: str) -> tuple[int, int, int, int]:
    red, green, blue = ImageColor.getrgb(color)[:3]
    return red, green, blue, 255


def _cover(points: Sequence[Point], width: int, height: int) -> tuple[Area, NDArray[np.bool_]] | None:
    """Return an area of the sketch with the pixels in it that are covered; None if the stroke lies outside.

    A segment is compared with the cells near to it that no other covers: points are close to each other, and
    strokes broad.
    """
    segments = list(zip(points, points[1:] or points, strict=False))
    boxes = [box for segment in segments if (box := _cells(*segment, width, height))]
    if not boxes:
        return None
    first, last = np.min(boxes, 0)[:2], np.max(boxes, 0)[2:]
    covered = np.zeros((*(last - first), _CELL, _CELL), np.bool_)
    is_open = np.ones(covered.shape[:2], np.bool_)
    top, left = (first * _CELL).tolist()
    for x, y, _ in points:
        column, row = floor(x), floor(y)
        if 0 <= column < width and 0 <= row < height:
            covered[(row - top) // _CELL, (column - left) // _CELL, row % _CELL, column % _CELL] = True
    for start, end in segments:
        if not (box := _cells(start, end, width, height)):
            continue
        (above, before, below, after), reach = box, max(start[2], end[2]) / 2
        cells = np.argwhere(
            is_open[above - first[0] : below - first[0], before - first[1] : after - first[1]]
        )
        cells += (above, before)
        centers = (cells + 0.5) * _CELL
        near = _measure(start, end, centers[:, 1], centers[:, 0])[0] <= (reach + _CELL) ** 2
        cells = cells[near]
        for some in np.split(cells, range(_AT_ONCE, len(cells), _AT_ONCE)):
            rows, columns = (some * _CELL).T[:, :, None, None] + np.arange(_CELL) + 0.5
            distance, radius = _measure(start, end, columns, rows.swapaxes(1, 2))
            where = tuple((some - first).T)
            covered[where] |= distance <= radius * radius
            is_open[where] = ~covered[where].all((1, 2))
    pixels = covered.swapaxes(1, 2).reshape(_CELL * covered.shape[0], -1)[: height - top, : width - left]
    area = slice(top, top + pixels.shape[0]), slice(left, left + pixels.shape[1])
    return area, pixels


def _cells(start: Point, end: Point, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return the first row and column of cells that a segment may reach, and the ones after the last."""
    reach = max(start[2], end[2]) / 2
    left, right = _range(start[0], end[0], reach, width)
    top, bottom = _range(start[1], end[1], reach, height)
    if left >= right or top >= bottom:
        return None
    return top // _CELL, left // _CELL, -(-bottom // _CELL), -(-right // _CELL)


def _measure(start: Point, end: Point, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the squared distance of places from a segment, and half its width where it is nearest."""
    (ax, ay, aw), (bx, by, bw) = start, end
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    t = np.zeros(1)
    if squared > 0:
        with np.errstate(over="ignore"):  # a tiny segment is far away in its own lengths
            t = np.clip(((x - ax) * dx + (y - ay) * dy) / squared, 0.0, 1.0)
    ex, ey = x - (ax + t * dx), y - (ay + t * dy)
    return ex * ex + ey * ey, (aw + t * (bw - aw)) / 2


def _range(a: float, b: float, reach: float, length: int) -> tuple[int, int]:
    """Return the pixels, first and one after the last, whose centres may lie within ``reach`` of a … b."""
    return max(0, floor(min(a, b) - reach)), min(length, floor(max(a, b) + reach) + 1)
