"""Sketches in several styles, drawn from the lines and the light of placed views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from products.draw import Draw
from products.pencil import Habit, Layer, Tip, draw_line, hatch, paper_grain, with_grain
from products.shapes import Array
from products.sheets import EDGE, ROLES, Placed, over

ImageArray = NDArray[np.uint8]
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Style:
    """A way to sketch.

    Attributes:
        ink: colour of the pencil or pen.
        under: colour of construction lines and of the first, loose strokes.
        paper: colour of the paper.
        contour: tip for outlines.
        inner: tip for edges between parts and creases.
        loose: tip for construction lines and sections.
        habit: of the hand.
        guides: share of the construction lines that are drawn.
        sections: share of the sections that are drawn.
        shading: density of the hatching in the shade; 0: none.
        spacing: pixels between hatch lines.
        dark: whether dark parts are filled.
        ground: probability of a cast shadow.
        lit: how unevenly a lamp lights the paper, as in a photograph; 0: a scan.
    """

    ink: Color
    under: Color
    paper: Color
    contour: Tip
    inner: Tip
    loose: Tip
    habit: Habit
    guides: float = 0.3
    sections: float = 0.5
    shading: float = 0.5
    spacing: float = 10.0
    dark: bool = False
    ground: float = 0.5
    lit: float = 0.0


GREY, BLACK, BLUE, SEPIA = (62, 62, 66), (24, 24, 28), (44, 72, 148), (96, 62, 44)
STYLES = {
    "pencil": Style(
        GREY,
        (110, 110, 114),
        (254, 254, 253),
        Tip(5.5, 0.85, grain=0.6),
        Tip(3.4, 0.7, grain=0.7),
        Tip(2.4, 0.32, grain=0.8),
        Habit(1.6, 12, 1.5, 0.15),
        shading=0.5,
        spacing=9,
        ground=0.7,
    ),
    "soft pencil": Style(
        (50, 48, 50),
        (120, 118, 118),
        (250, 248, 243),
        Tip(8, 0.8, 0.75, 0.4, 0.8),
        Tip(4.6, 0.65, 0.7, 0.35, 0.9),
        Tip(3, 0.3, grain=0.9),
        Habit(2.4, 16, 1.8, 0.3),
        guides=0.15,
        shading=0.65,
        spacing=7,
        dark=True,
        ground=0.8,
    ),
    "ballpoint": Style(
        (36, 40, 78),
        (96, 102, 150),
        (255, 255, 255),
        Tip(3, 0.85, 0.4, 0.2),
        Tip(2.2, 0.75, 0.4, 0.2),
        Tip(1.6, 0.4, 0.3),
        Habit(2.0, 26, 2.4, 0.05),
        guides=0.7,
        sections=0.8,
        shading=0.75,
        spacing=9,
        dark=True,
        ground=0.6,
    ),
    "fineliner": Style(
        BLACK,
        (120, 120, 124),
        (255, 255, 255),
        Tip(6.5, 1.0, 0.45, 0.12),
        Tip(2.8, 0.95, 0.35, 0.1),
        Tip(1.7, 0.5, 0.2),
        Habit(0.9, 7, 1.05, 0.08),
        guides=0.1,
        sections=0.35,
        shading=0.0,
        dark=True,
        ground=0.3,
    ),
    "blue pencil": Style(
        BLUE,
        (120, 150, 214),
        (255, 255, 255),
        Tip(5.5, 0.8, 0.6, 0.3, 0.6),
        Tip(3.6, 0.66, 0.6, 0.3, 0.7),
        Tip(2.6, 0.34, grain=0.7),
        Habit(2.0, 20, 1.9, 0.15),
        guides=0.55,
        sections=0.7,
        shading=0.5,
        spacing=9,
        ground=0.5,
    ),
    "sepia": Style(
        SEPIA,
        (170, 136, 112),
        (248, 240, 222),
        Tip(6, 0.85, 0.7, 0.35, 0.7),
        Tip(3.6, 0.7, 0.6, 0.3, 0.8),
        Tip(2.4, 0.34, grain=0.8),
        Habit(1.8, 14, 1.6, 0.2),
        shading=0.6,
        spacing=8,
        dark=True,
        ground=0.7,
    ),
    "loose": Style(
        (34, 34, 38),
        (130, 130, 136),
        (255, 255, 255),
        Tip(4.2, 0.8, 0.7, 0.3),
        Tip(2.6, 0.65, 0.6, 0.3),
        Tip(2, 0.32, 0.5),
        Habit(3.6, 42, 2.9, 0.25),
        guides=0.8,
        sections=0.6,
        shading=0.35,
        spacing=13,
        ground=0.4,
    ),
    "brush pen": Style(
        (20, 20, 22),
        (140, 140, 142),
        (255, 255, 255),
        Tip(10, 1.0, 0.85, 0.35),
        Tip(4, 0.95, 0.8, 0.3),
        Tip(1.8, 0.4, 0.3),
        Habit(1.4, 9, 1.1, 0.2),
        guides=0.1,
        sections=0.2,
        shading=0.0,
        dark=True,
        ground=0.9,
    ),
    "photographed": Style(
        (66, 64, 66),
        (122, 120, 120),
        (226, 221, 210),
        Tip(5.2, 0.8, 0.6, 0.3, 0.6),
        Tip(3.4, 0.66, 0.6, 0.3, 0.7),
        Tip(2.4, 0.32, grain=0.8),
        Habit(1.8, 14, 1.6, 0.15),
        guides=0.4,
        shading=0.5,
        spacing=9,
        ground=0.6,
        lit=0.3,
    ),
}


def sketch(
    views: Sequence[Placed], style: Style, draw: Draw, *, ground: bool = True, notes: Layer | None = None
) -> ImageArray:
    """Return a sheet as a sketch, uint8 ``EDGE`` × ``EDGE`` RGB.

    Args:
        views: the first lies on top.
        style: of the sketch.
        draw: random choices; equal ones give the lines of ``marker.color_sheet``.
        ground: whether cast shadows are hatched.
        notes: pigment of notes and arrows.
    """
    page = paper(style, draw.fork(0))
    grain = paper_grain((EDGE, EDGE), draw.fork(1))
    under, ink = linework(views, style, draw.fork(2))
    ink = np.maximum(ink, hatching(views, style, draw.fork(3), ground))
    if notes is not None:
        ink = np.maximum(ink, notes)
    for layer, color, tip in ((under, style.under, style.loose), (ink, style.ink, style.inner)):
        page = lay(page, with_grain(layer, grain, tip.grain), color)
    return np.clip(np.round(page), 0, 255).astype(np.uint8)


def linework(views: Sequence[Placed], style: Style, draw: Draw) -> tuple[Layer, Layer]:
    """Return the pigment of the loose lines below and of the lines proper, each ``EDGE`` × ``EDGE``."""
    under, ink = np.zeros((EDGE, EDGE), np.float32), np.zeros((EDGE, EDGE), np.float32)
    _, owner = over(views)
    for index, view in enumerate(views):
        own_under, own_ink = np.zeros_like(under), np.zeros_like(ink)
        scale = _scale(view)
        habit = replace(style.habit, waver=style.habit.waver * scale, overshoot=style.habit.overshoot * scale)
        for guide in view.guides:
            if draw.happens(style.guides):
                draw_line(own_under, guide, style.loose, replace(habit, repeats=1), draw)
        for line in view.lines["section"]:
            if draw.happens(style.sections) and len(line) > 15:
                draw_line(own_under, line, style.loose, replace(habit, repeats=1, overshoot=2), draw)
        for line in view.lines["inner"]:
            draw_line(
                own_ink,
                line,
                _sized(style.inner, scale),
                replace(habit, overshoot=habit.overshoot * 0.5),
                draw,
            )
        for line in view.lines["contour"]:
            draw_line(own_ink, line, _sized(style.contour, scale * _weight(line, view)), habit, draw)
        hidden = _inside(owner, index)
        under, ink = (
            np.maximum(under, own_under * (1 - 0.8 * hidden)),
            np.maximum(ink, own_ink * (1 - hidden)),
        )
    return under, ink


def hatching(views: Sequence[Placed], style: Style, draw: Draw, ground: bool) -> Layer:
    """Return the pigment of hatched shade, dark parts and cast shadows, ``EDGE`` × ``EDGE``."""
    layer = np.zeros((EDGE, EDGE), np.float32)
    role, owner = over(views)
    ground = ground and draw.happens(style.ground)
    for index, view in enumerate(views):
        own, scale = owner == index + 1, _scale(view)
        body = own & (role != ROLES.index("shadow"))
        tone = cv2.GaussianBlur(view.light * (0.4 + 0.6 * view.occlusion), (0, 0), 5)
        angle, spacing = draw.pick([38.0, 52.0, 128.0, 62.0]), style.spacing * scale
        if style.shading:
            tip = Tip(style.inner.width * 0.65 * scale, style.shading, 0.7, 0.3)
            hatch(layer, body & (tone < draw(0.2, 0.38)), angle, spacing, tip, draw)
            hatch(
                layer,
                body & (tone < draw(0.06, 0.16)),
                angle + draw.pick([0.0, 70.0]),
                spacing * 0.8,
                tip,
                draw,
            )
        if style.dark:
            dark = body & (role == ROLES.index("dark")) & ~(tone > draw(0.72, 0.86))
            tip = Tip(style.inner.width * 1.2 * scale, max(0.55, style.shading), 0.4, 0.3)
            hatch(layer, dark, angle + draw(-12, 12), max(2.6, spacing * 0.42), tip, draw)
        if ground:
            tip = Tip(style.inner.width * scale, max(0.4, style.shading), 0.6, 0.3)
            hatch(layer, own & ~body, draw.pick([0.0, angle, 8.0]), spacing * draw(0.6, 0.95), tip, draw)
    return layer


def _scale(view: Placed) -> float:
    """Return the width of strokes for a view: a small one is drawn with a lighter hand."""
    size = (view.box[2] - view.box[0] + view.box[3] - view.box[1]) / EDGE
    return float(np.clip(0.55 + 0.45 * size, 0.65, 1.15))


def _sized(tip: Tip, scale: float) -> Tip:
    return replace(tip, width=tip.width * scale)


def _weight(line: Array, view: Placed) -> float:
    """Return more for an outline on the shaded side, where a designer presses."""
    left, top, right, bottom = view.box
    x, y = line.mean(0)
    return 0.8 + 0.35 * float(
        np.clip((x - left) / (right - left + 1) * 0.5 + (y - top) / (bottom - top + 1) * 0.7, 0, 1)
    )


def _inside(owner: NDArray[np.uint8], index: int) -> Layer:
    """Return 1 within the products that lie over a view, with a margin that leaves their outline free."""
    cover = ((owner > 0) & (owner <= index)).astype(np.uint8)
    return np.asarray(cv2.dilate(cover, np.ones((5, 5), np.uint8)), np.float32)


def paper(style: Style, draw: Draw) -> Layer:
    """Return the paper, float32 ``EDGE`` × ``EDGE`` × 3."""
    page = np.empty((EDGE, EDGE, 3), np.float32)
    page[:] = style.paper
    if style.lit:
        y, x = np.mgrid[0:EDGE, 0:EDGE].astype(np.float32) / EDGE
        turn = draw(0, 2 * np.pi)
        slope = (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn)
        edge = np.hypot(x - draw(0.4, 0.6), y - draw(0.4, 0.6)) ** 2
        page *= (1 - style.lit * (0.45 * slope + 0.5 * edge))[..., None].astype(np.float32)
    return np.clip(page, 0, 255)


def lay(page: Layer, pigment: Layer, color: Color) -> Layer:
    """Return the page with pigment on it: pigment filters the light that the page reflects."""
    filtered = page * (np.array(color, np.float32) / 255)
    return page + (filtered - page) * pigment[..., None]
