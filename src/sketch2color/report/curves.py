"""The loss curves of training, as SVG paths."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sketch2color.files import read_csv

LOSSES = {
    "identity": "Identity",
    "gan": "GAN",
    "cycle": "Cycle",
    "paper": "Paper",
    "discriminator": "Discriminator",
}
POINTS = 240  # a curve is drawn about 240 pixels wide
SMOOTHING = 12  # points on either side that the running mean averages
WIDTH, HEIGHT = 240.0, 96.0

Point = tuple[float, float]
Curves = Mapping[str, tuple[Point, ...]]
"""(step, loss), at most ``POINTS`` of each of ``LOSSES``."""


@dataclass(frozen=True)
class Line:
    """The curve of one run: SVG paths of the values and of their running mean, and the last mean."""

    raw: str
    smooth: str
    last: float


@dataclass(frozen=True)
class Drawing:
    """One loss of one or several runs, as SVG of ``WIDTH`` × ``HEIGHT``; a run without it has no line.

    ``top`` is the loss at the upper edge, which single peaks of the first steps may exceed.
    """

    name: str
    lines: tuple[Line | None, ...]
    steps: tuple[float, float]
    top: float


def read(losses: Path) -> Curves:
    """Return the curves of a table with the column step and some of ``LOSSES``.

    Cells that are empty or not finite are left out, as are curves without any value, and all when the table
    is missing.
    """
    rows = read_csv(losses) if losses.is_file() else []
    columns = {name: [(_number(row, "step"), _number(row, name)) for row in rows] for name in LOSSES}
    finite = {name: [p for p in points if all(map(math.isfinite, p))] for name, points in columns.items()}
    return {name: _thinned(points) for name, points in finite.items() if points}


def draw(runs: Sequence[Curves]) -> Iterator[Drawing]:
    """Draw each loss of all runs on the same axes, with loss 0 at the bottom."""
    for name, title in LOSSES.items():
        found = [(run.get(name, ()), _running_mean(run.get(name, ()))) for run in runs]
        smooth = [point for _, points in found for point in points]
        if smooth:
            steps = min(step for step, _ in smooth), max(step for step, _ in smooth)
            top = 1.15 * max(loss for _, loss in smooth) or 1.0
            lines = tuple(
                Line(_path(points, steps, top), _path(mean, steps, top), mean[-1][1]) if mean else None
                for points, mean in found
            )
            yield Drawing(title, lines, steps, top)


def _path(points: Sequence[Point], steps: tuple[float, float], top: float) -> str:
    x, y = WIDTH / (steps[1] - steps[0] or 1.0), HEIGHT / top
    places = (f"{(step - steps[0]) * x:.1f} {HEIGHT - loss * y:.1f}" for step, loss in points)
    return "M" + " L".join(places)


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        return float(row.get(column) or "nan")
    except ValueError:
        return math.nan


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    bin_size = math.ceil(len(points) / POINTS)
    return tuple(_mean(points[i : i + bin_size]) for i in range(0, len(points), bin_size))


def _running_mean(points: Sequence[Point]) -> tuple[Point, ...]:
    windows = (points[max(0, i - SMOOTHING) : i + SMOOTHING + 1] for i in range(len(points)))
    return tuple((step, _mean(window)[1]) for (step, _), window in zip(points, windows, strict=True))


def _mean(points: Sequence[Point]) -> Point:
    steps, values = zip(*points, strict=True)
    return math.fsum(steps) / len(points), math.fsum(values) / len(points)
