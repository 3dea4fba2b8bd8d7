"""The loss curves of training, reduced to what a drawing can show."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

LOSSES = {"identity": "Identity", "gan": "GAN", "cycle": "Cycle", "discriminator": "Discriminator"}
POINTS = 240  # a curve is drawn about 240 pixels wide
SMOOTHING = 12  # points on either side that the smooth line averages

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """One loss over training: ``points`` and ``smooth`` are (step, loss), at most ``POINTS`` of each."""

    name: str
    points: tuple[Point, ...]
    smooth: tuple[Point, ...]

    @property
    def top(self) -> float:
        """The loss at the top of the drawing: single peaks of the first steps may leave it."""
        return 1.15 * max(loss for _, loss in self.smooth) or 1.0

    def path(self, points: tuple[Point, ...], width: float, height: float) -> str:
        """Return SVG path data for a drawing of the given size, with loss 0 at its bottom."""
        first, last = self.points[0][0], self.points[-1][0]
        across, up = width / (last - first or 1.0), height / self.top
        places = (f"{(step - first) * across:.1f} {height - loss * up:.1f}" for step, loss in points)
        return "M" + " L".join(places)


def read(losses: Path) -> list[Curve]:
    """Read the curves of a table with the columns step, identity, gan, cycle and discriminator.

    Cells that are empty or not finite are left out, as are curves without any value.

    Returns:
        The curves in the order of ``LOSSES``; none when the table is missing.
    """
    if not losses.is_file():
        return []
    with losses.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {name: [(_number(row, "step"), _number(row, name)) for row in rows] for name in LOSSES}
    finite = {name: [p for p in points if all(map(math.isfinite, p))] for name, points in columns.items()}
    return [_curve(LOSSES[name], points) for name, points in finite.items() if points]


def _number(row: dict[str, str], column: str) -> float:
    try:
        return float(row.get(column) or "nan")
    except ValueError:
        return math.nan


def _curve(name: str, points: list[Point]) -> Curve:
    per_bin = math.ceil(len(points) / POINTS)
    thin = [_mean(points[i : i + per_bin]) for i in range(0, len(points), per_bin)]
    windows = (thin[max(0, i - SMOOTHING) : i + SMOOTHING + 1] for i in range(len(thin)))
    smooth = [(step, _mean(window)[1]) for (step, _), window in zip(thin, windows, strict=True)]
    return Curve(name, tuple(thin), tuple(smooth))


def _mean(points: list[Point]) -> Point:
    steps, values = zip(*points, strict=True)
    return math.fsum(steps) / len(points), math.fsum(values) / len(points)
