"""Details that families share."""

import numpy as np

from products.draw import Draw
from products.shapes import Array, Mesh, join, lathe, loft, pill


def circle(radius: float, x: float = 0.0, y: float = 0.0) -> Array:
    """Return the outline of a circle."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], 1)


def dial(draw: Draw, radius: float) -> Mesh:
    """Return a control dial on its collar, along z."""
    collar = lathe(
        [(0, 0), (radius * 1.25, 0), (radius * 1.25, radius * 0.2), (0, radius * 0.22)],
        "dark:collar",
        around=40,
    )
    knob = lathe(
        [(0, radius * 0.15), (radius, radius * 0.15), (radius * 0.88, radius * 0.75), (0, radius * 0.8)],
        draw.pick(["light:dial", "accent:dial", "metal:dial"]),
        radius=radius * 0.15,
        around=40,
    )
    pointer = pill(
        [(0, 0, radius * 0.8), (radius * 0.7, 0, radius * 0.76)],
        radius * 0.08,
        "dark:pointer",
        along=6,
        around=8,
    )
    return join(collar, knob, pointer.turn("z", draw(0, 360)))


def feet(x: float, y: float, height: float) -> list[Mesh]:
    """Return four round feet."""
    foot = lathe([(0, 0), (0.035, 0), (0.045, height * 1.3), (0, height * 1.3)], "dark:feet", around=24)
    return [foot.move(a * x, b * y) for a in (-1, 1) for b in (-1, 1)]


def cord(
    draw: Draw, start: tuple[float, float, float], away: tuple[float, float, float], radius: float = 0.014
) -> Mesh:
    """Return a cable with its strain relief, which leaves ``start`` in a direction and swings freely."""
    origin, direction = np.array(start), np.array(away) / np.linalg.norm(away)
    bend = np.array([draw(-0.1, 0.1), draw(-0.05, 0.05), draw(-0.25, -0.1)])
    path = [
        origin,
        origin + 0.12 * direction,
        origin + 0.25 * direction + 0.3 * bend,
        origin + 0.38 * direction + bend,
        origin + 0.56 * direction + bend * draw(0.7, 1.2),
    ]
    relief = loft(
        [origin - 0.02 * direction, origin + 0.11 * direction],
        [radius * 2.4, radius * 1.3],
        [radius * 2.4, radius * 1.3],
        "dark:relief",
        along=10,
        around=16,
        side=_across(direction),
    )
    return join(relief, loft(path, radius, radius, "dark:cord", around=10, along=40, side=_across(direction)))


def _across(direction: Array) -> tuple[float, float, float]:
    axis = np.eye(3)[int(np.argmin(np.abs(direction)))]
    return float(axis[0]), float(axis[1]), float(axis[2])
