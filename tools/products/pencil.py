"""Strokes as a hand draws them: they swell and taper, waver, overshoot and repeat; paper has a grain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from products.draw import Draw
from products.shapes import Array, resample

Layer = NDArray[Any]
"""Density of pigment, 0 to 1."""


@dataclass(frozen=True)
class Tip:
    """What a pencil, pen or brush leaves.

    Attributes:
        width: of a stroke in its middle, pixels.
        density: of its pigment, 0 to 1.
        taper: share of the width that is lost towards the ends.
        swell: share by which width and density vary along a stroke.
        grain: how much of the paper's grain shows in it.
    """

    width: float
    density: float = 0.8
    taper: float = 0.6
    swell: float = 0.25
    grain: float = 0.0


@dataclass(frozen=True)
class Habit:
    """How a hand moves.

    Attributes:
        waver: pixels by which a stroke leaves its line.
        overshoot: pixels by which it goes on beyond its ends, at most.
        repeats: strokes for a line: the part before the point, and the probability of one more.
        gap: probability that a stroke is open somewhere.
    """

    waver: float = 1.0
    overshoot: float = 8.0
    repeats: float = 1.3
    gap: float = 0.1


def noise(draw: Draw, count: int, period: float) -> Array:
    """Return smooth noise of about unit deviation, one value a step."""
    knots = draw.rng.normal(size=int(count / period) + 4)
    at = np.arange(count) / period
    first = at.astype(int)
    share = at - first
    share = share * share * (3 - 2 * share)
    return np.asarray(knots[first] * (1 - share) + knots[first + 1] * share)


def draw_line(layer: Layer, line: Array, tip: Tip, habit: Habit, draw: Draw) -> None:
    """Draw a line, n × 2 pixels, in as many strokes as the habit says."""
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    if length < 2:
        return
    repeats = int(habit.repeats) + draw.happens(habit.repeats % 1)
    if length < 24:
        repeats = min(repeats, 1)
    for repeat in range(repeats):
        path = resample(line, max(4, int(length / 3)))
        path = _extend(path, [draw(0, 1) ** 2 * habit.overshoot * min(1.0, length / 60) for _ in range(2)])
        scale = habit.waver * (1.0 if repeat == 0 else 1.7) * min(1.0, length / 40)
        path = path + np.stack([noise(draw, len(path), 16) for _ in range(2)], 1) * scale * 0.5
        path = (
            path + draw.rng.normal(size=2) * scale * 0.5 + (path - path.mean(0)) * draw(-1, 1) * scale * 0.004
        )
        for piece in _open(path, habit, draw):
            stroke(layer, piece, tip, draw, share=1.0 if repeat == 0 else draw(0.45, 0.8))


def stroke(layer: Layer, path: Array, tip: Tip, draw: Draw, share: float = 1.0) -> None:
    """Draw one stroke along a path, n × 2 pixels; pigment covers what lies below by its density."""
    if len(path) < 3:
        return
    along = np.linspace(0, 1, len(path))
    profile = 1 - tip.taper * np.abs(2 * along - 1 + draw(-0.25, 0.25)) ** draw(1.6, 3.5)
    vary = 1 + tip.swell * noise(draw, len(path), 14)
    width = np.maximum(tip.width * profile * vary, 0.35 * tip.width)
    density = np.clip(tip.density * share * (0.55 + 0.45 * profile) * (0.5 + 0.5 * vary), 0.05, 1)
    margin = int(width.max()) + 2
    low = np.maximum(np.floor(path.min(0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(path.max(0)).astype(int) + margin, layer.shape[::-1])
    if (high <= low).any():
        return
    own = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    way = np.gradient(path, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], 1) / np.maximum(
        np.linalg.norm(way, axis=1, keepdims=True), 1e-9
    )
    left, right = path - low + across * width[:, None] / 2, path - low - across * width[:, None] / 2
    corners = np.round(np.stack([left[:-1], left[1:], right[1:], right[:-1]], 1) * 16).astype(np.int32)
    for quad, value in zip(corners, np.round(density * 255), strict=False):
        cv2.fillConvexPoly(own, quad, float(value), cv2.LINE_AA, 4)
    area = layer[low[1] : high[1], low[0] : high[0]]
    area[:] = 1 - (1 - area) * (1 - own.astype(np.float32) / 255)


def hatch(layer: Layer, mask: NDArray[np.bool_], angle: float, spacing: float, tip: Tip, draw: Draw) -> None:
    """Fill a mask with parallel strokes.

    Args:
        layer: drawn on.
        mask: of the same size.
        angle: of the strokes in degrees.
        spacing: pixels between them.
        tip: of each.
        draw: random choices.
    """
    height, width = mask.shape
    ys, xs = np.nonzero(mask[::4, ::4])
    if not len(ys):
        return
    way = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])
    across = np.array([-way[1], way[0]])
    middle = np.array([xs.mean(), ys.mean()]) * 4
    reach = float(np.hypot(xs * 4 - middle[0], ys * 4 - middle[1]).max()) + 8
    steps = np.arange(-reach, reach, 3)
    bend = draw(-1, 1) * 0.0006
    at = -reach
    while at < reach:
        at += spacing * draw(0.7, 1.3)
        turn = draw(-1, 1) * 0.02
        path = (
            middle
            + across * at
            + steps[:, None] * (way + across * turn)
            + (steps**2)[:, None] * bend * across
        )
        x, y = np.round(path).astype(int).T
        within = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        hit = np.zeros(len(path), bool)
        hit[within] = mask[y[within], x[within]]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], hit.astype(int), [0]])))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            run = path[max(0, start - draw.whole(0, 1)) : stop - draw.whole(0, 2)]
            if len(run) >= 4:
                stroke(layer, run, tip, draw, draw(0.7, 1))


def _extend(path: Array, lengths: list[float]) -> Array:
    first, last = path[0] - path[min(3, len(path) - 1)], path[-1] - path[max(-4, -len(path))]
    first, last = (way / max(float(np.linalg.norm(way)), 1e-9) for way in (first, last))
    share = np.linspace(0, 1, 5)[1:, None]
    return np.concatenate(
        [path[0] + first * lengths[0] * share[::-1], path, path[-1] + last * lengths[1] * share]
    )


def _open(path: Array, habit: Habit, draw: Draw) -> list[Array]:
    if len(path) < 24 or not draw.happens(habit.gap):
        return [path]
    at, size = draw.whole(8, len(path) - 9), draw.whole(3, 7)
    return [path[: at - size // 2], path[at + size // 2 :]]


def paper_grain(shape: tuple[int, int], draw: Draw, size: float = 1.1) -> Layer:
    """Return the tooth of a paper: 0 where it takes all pigment, 1 where none."""
    field: Layer = draw.rng.normal(size=shape).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), size)
    return np.asarray(np.clip(0.5 + field / (4 * field.std()), 0, 1), np.float32)


def with_grain(layer: Layer, grain: Layer, amount: float) -> Layer:
    """Return pigment as it lies on the paper's tooth: light pressure reaches only the heights."""
    if amount <= 0:
        return layer
    reached = np.clip((layer * 1.5 - grain * amount) / np.maximum(1.5 - amount * 0.7, 0.2), 0, 1)
    return np.asarray(reached, np.float32)
