"""Strokes as vectors, and the arrays that they fill.

As ``studio/src/engine/strokes.ts``, in the same order of operations: both must cover the same pixels.
"""

from collections.abc import Iterator, Sequence
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

FARTHEST = 1_000_000
"""Pixels that a point may be away from the sketch's corner, and that a stroke may be wide."""
_AT_ONCE = 1_000_000
"""Pixels that are compared with a segment at a time: a bound on memory."""


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
        for area, is_covered in _cover(stroke.points, width, height) if drawn else ():
            for pixels in drawn:
                pixels[area][is_covered] = color
    return arrays


def _opaque(color: str) -> tuple[int, int, int, int]:
    red, green, blue = ImageColor.getrgb(color)[:3]
    return red, green, blue, 255


def _cover(points: Sequence[Point], width: int, height: int) -> Iterator[tuple[Area, NDArray[np.bool_]]]:
    """Yield areas of the sketch with the pixels in them that are covered."""
    for x, y, _ in points:
        column, row = floor(x), floor(y)
        if 0 <= column < width and 0 <= row < height:
            yield (slice(row, row + 1), slice(column, column + 1)), np.ones((1, 1), np.bool_)
    for start, end in zip(points, points[1:] or points, strict=False):
        reach = max(start[2], end[2]) / 2
        left, right = _range(start[0], end[0], reach, width)
        top, bottom = _range(start[1], end[1], reach, height)
        if left >= right:
            continue
        step = max(1, _AT_ONCE // (right - left))
        for first in range(top, bottom, step):
            rows, columns = slice(first, min(first + step, bottom)), slice(left, right)
            yield (rows, columns), _cover_segment(start, end, rows, columns)


def _cover_segment(start: Point, end: Point, rows: slice, columns: slice) -> NDArray[np.bool_]:
    (ax, ay, aw), (bx, by, bw) = start, end
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    x = np.arange(columns.start, columns.stop) + 0.5
    y = np.arange(rows.start, rows.stop)[:, None] + 0.5
    t = np.zeros((1, 1))
    if squared > 0:
        with np.errstate(over="ignore"):  # a tiny segment is far away in its own lengths
            t = np.clip(((x - ax) * dx + (y - ay) * dy) / squared, 0.0, 1.0)
    ex, ey = x - (ax + t * dx), y - (ay + t * dy)
    radius = (aw + t * (bw - aw)) / 2
    covered: NDArray[np.bool_] = ex * ex + ey * ey <= radius * radius
    return covered


def _range(a: float, b: float, reach: float, length: int) -> tuple[int, int]:
    """Return the pixels, first and one after the last, whose centres may lie within ``reach`` of a … b."""
    return max(0, floor(min(a, b) - reach)), min(length, floor(max(a, b) + reach) + 1)
