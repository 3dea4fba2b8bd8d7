"""Notes beside the views: arrows, scribbled words, a frame, a title underlined."""

from collections.abc import Sequence

import cv2
import numpy as np

from products.draw import Draw
from products.pencil import Habit, Layer, Tip, draw_line, stroke
from products.shapes import Array
from products.sheets import EDGE, Placed

PEN = Tip(2.4, 0.8, 0.3, 0.2)
HABIT = Habit(1.2, 4, 1.0, 0.0)


def write_notes(views: Sequence[Placed], draw: Draw) -> Layer:
    """Return the pigment of notes around the views, ``EDGE`` × ``EDGE``."""
    layer = np.zeros((EDGE, EDGE), np.float32)
    taken = np.zeros((EDGE, EDGE), np.uint8)
    for view in views:
        taken |= (view.part > 0).astype(np.uint8)
    room = cv2.distanceTransform(1 - taken, cv2.DIST_L2, 3)
    for _ in range(draw.whole(2, 5)):
        view = views[draw.whole(0, len(views) - 1)]
        lines = [line for line in view.lines["inner"] + view.lines["contour"] if len(line) > 8]
        if not lines:
            continue
        line = lines[draw.whole(0, len(lines) - 1)]
        _point_at(layer, line[len(line) // 2], view, room, draw)
    if draw.happens(0.4):
        width = draw(110, 240)
        x, y = draw(40, EDGE - width - 40), draw.pick([draw(34, 60), EDGE - draw(40, 60)])
        _words(layer, np.array([x, y]), width, draw(16, 24), draw)
        draw_line(layer, np.array([(x - 5, y + 22), (x + width, y + 20)]), PEN, HABIT, draw)
    if draw.happens(0.2):
        margin = draw(18, 40)
        corners = np.array(
            [
                (margin, margin),
                (EDGE - margin, margin),
                (EDGE - margin, EDGE - margin),
                (margin, EDGE - margin),
            ]
        )
        for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
            draw_line(layer, np.linspace(a, b, 20), PEN, Habit(2, 20, 1.4), draw)
    return layer


def _point_at(layer: Layer, target: Array, view: Placed, room: Layer, draw: Draw) -> None:
    """Draw an arrow from free paper to a place on a product, and words at its end."""
    middle = np.array([(view.box[0] + view.box[2]) / 2, (view.box[1] + view.box[3]) / 2])
    way = target - middle
    way = way / max(float(np.linalg.norm(way)), 1e-9)
    for length in (90, 140, 200, 260):
        start = target + way * length
        x, y = np.round(start).astype(int)
        width = draw(60, 120)
        spread = x + width if way[0] >= 0 else x - width
        if not (min(x, spread) > 30 and max(x, spread) < EDGE - 30 and 30 < y < EDGE - 30):
            return
        if room[y, x] > 26 and room[y, int(spread)] > 20:
            break
    else:
        return
    tip = target + way * 10
    bend = np.array([-way[1], way[0]]) * draw(-18, 18)
    share = np.linspace(0, 1, 16)[:, None]
    draw_line(layer, start * (1 - share) + tip * share + bend * np.sin(np.pi * share), PEN, HABIT, draw)
    for turn in (0.45, -0.45):
        cos, sin = np.cos(turn), np.sin(turn)
        barb = np.array([way[0] * cos - way[1] * sin, way[0] * sin + way[1] * cos])
        draw_line(layer, np.linspace(tip, tip + barb * 13, 6), PEN, HABIT, draw)
    _words(layer, np.array([min(x, spread), y]), width, draw(9, 13), draw)


def _words(layer: Layer, start: Array, width: float, height: float, draw: Draw) -> None:
    """Scribble words that nobody can read: letters of a few loops and stems."""
    x = 0.0
    slant = draw(0.1, 0.4)
    while x < width:
        if draw.happens(0.18):
            x += height * 0.9
            continue
        tall = height * (1.0 if draw.happens(0.3) else 0.55)
        kind = draw.whole(0, 2)
        t = np.linspace(0, 1, 12)
        if kind == 0:
            shape = np.stack([np.cos(2 * np.pi * t) * 0.28, -0.28 - 0.28 * np.sin(2 * np.pi * t)], 1) * height
        elif kind == 1:
            shape = np.stack([0.1 * np.sin(3 * t) * height, -t * tall], 1)
        else:
            shape = np.stack([(t - 0.5) * 0.55 * height, -np.abs(np.sin(2 * np.pi * t)) * tall * 0.9], 1)
        shape[:, 0] -= shape[:, 1] * slant
        stroke(
            layer,
            start + (x, height / 2) + shape + draw.rng.normal(size=(12, 2)) * 0.4,
            Tip(2.0, 0.75, 0.2, 0.2),
            draw,
        )
        x += height * draw(0.5, 0.75)
