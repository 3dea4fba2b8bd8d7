"""Marker renderings of placed views: bands of tone, hard highlights, streaks, backdrops and cast shadows."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from products.draw import Draw
from products.hand import ImageArray, Style, lay, linework, paper
from products.pencil import Habit, Layer, Tip, draw_line, paper_grain, with_grain
from products.sheets import EDGE, ROLES, Placed, over

Color = tuple[float, float, float]
"""Red, green and blue in 0 to 1."""
Image = NDArray[Any]
BODIES = {
    "orange": (0.95, 0.45, 0.07),
    "red": (0.84, 0.13, 0.11),
    "yellow": (0.97, 0.78, 0.08),
    "lime": (0.64, 0.80, 0.13),
    "green": (0.13, 0.58, 0.27),
    "teal": (0.05, 0.58, 0.60),
    "sky": (0.24, 0.62, 0.88),
    "blue": (0.10, 0.31, 0.72),
    "violet": (0.44, 0.20, 0.62),
    "magenta": (0.82, 0.13, 0.45),
    "sand": (0.80, 0.66, 0.45),
    "grey": (0.55, 0.58, 0.62),
    "warm grey": (0.62, 0.58, 0.54),
    "white": (0.90, 0.92, 0.94),
}
"""Colours of bodies."""
ACCENTS = {
    "orange": ("grey", "sky", "yellow"),
    "red": ("grey", "white", "yellow"),
    "yellow": ("grey", "blue", "red"),
    "lime": ("grey", "white", "violet"),
    "green": ("white", "yellow", "grey"),
    "teal": ("orange", "white", "yellow"),
    "sky": ("orange", "white", "yellow"),
    "blue": ("orange", "white", "yellow"),
    "violet": ("grey", "lime", "white"),
    "magenta": ("grey", "white", "sky"),
    "sand": ("teal", "white", "red"),
    "grey": ("orange", "red", "lime", "sky", "yellow"),
    "warm grey": ("orange", "teal", "red"),
    "white": ("orange", "blue", "lime", "red", "teal"),
}
BACKDROPS = ("sky", "yellow", "orange", "blue", "grey", "lime", "teal", "warm grey")


@dataclass(frozen=True)
class Palette:
    """Colours of a sheet, one for each role of a part, and those of backdrop and shadow."""

    colors: dict[str, Color]
    backdrop: Color
    shadow: Color
    names: tuple[str, str]


def pick_palette(draw: Draw) -> Palette:
    """Return a palette as product designers use it: one body, one accent, dark and light neutrals."""
    body = draw.pick([*BODIES, "orange", "red", "blue", "lime", "yellow"])
    accent = draw.pick(ACCENTS[body])
    backdrop = draw.pick([name for name in BACKDROPS if name != body])
    cool = draw.happens(0.6)
    dark = (0.20, 0.22, 0.26) if cool else (0.25, 0.23, 0.22)
    return Palette(
        {
            "main": _vary(BODIES[body], draw),
            "accent": _vary(BODIES[accent], draw),
            "dark": dark,
            "light": (0.83, 0.85, 0.88) if cool else (0.87, 0.85, 0.82),
            "metal": (0.66, 0.70, 0.76),
            "glass": _vary((0.62, 0.80, 0.90), draw),
        },
        _vary(BODIES[backdrop], draw),
        draw.pick([(0.42, 0.44, 0.48), (0.20, 0.21, 0.24), (0.5, 0.49, 0.47)]),
        (body, accent),
    )


def _vary(color: Color, draw: Draw) -> Color:
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    return colorsys.hsv_to_rgb(
        (hue + draw(-0.015, 0.015)) % 1, min(1, saturation * draw(0.9, 1.1)), min(1, value * draw(0.93, 1.05))
    )


def ramp(color: Color, role: str) -> Image:
    """Return five tones of a colour as markers have them, from deep to light (5 × 3, 0 to 1)."""
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    if role == "dark":
        steps = [(0.25, 1.0), (0.55, 1.0), (1.0, 1.0), (1.75, 0.9), (2.7, 0.7)]
    elif role == "metal":
        steps = [(0.45, 1.3), (0.72, 1.2), (1.0, 1.0), (1.25, 0.6), (1.45, 0.2)]
    else:
        steps = [(0.42, 1.15), (0.68, 1.1), (1.0, 1.0), (1.08, 0.74), (1.2, 0.42)]
    drift = -0.02 if 0.02 < hue < 0.5 else 0.015  # shade of warm colours is redder, that of cold ones bluer
    tones = [
        colorsys.hsv_to_rgb(
            (hue + drift * (2 - i) / 2 if i < 2 else hue) % 1, min(1.0, saturation * s), min(1.0, value * v)
        )
        for i, (v, s) in enumerate(steps)
    ]
    return np.array(tones, np.float32)


def streaks(draw: Draw, angle: float, width: float = 18.0, length: float = 260.0) -> Layer:
    """Return marker strokes: noise of about ±1, long along an angle (degrees) and ``width`` pixels across."""
    size = int(EDGE * 1.5)
    field: Layer = draw.rng.normal(size=(max(8, int(size / width)), max(8, int(size / length))))
    field = cv2.resize(field, (size, size), interpolation=cv2.INTER_CUBIC)
    fine = draw.rng.normal(size=(size // 5, max(8, int(size / length))))
    field = field + 0.35 * cv2.resize(fine, (size, size), interpolation=cv2.INTER_LINEAR)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), angle, 1.0)
    turn = turn - np.array([[0, 0, (size - EDGE) / 2]] * 2)
    return np.asarray(cv2.warpAffine(field, turn, (EDGE, EDGE), flags=cv2.INTER_LINEAR), np.float32)


def color_sheet(
    views: Sequence[Placed],
    palette: Palette,
    style: Style,
    draw: Draw,
    *,
    ground: bool = True,
    notes: Layer | None = None,
) -> ImageArray:
    """Return a sheet as a marker rendering, uint8 ``EDGE`` × ``EDGE`` RGB.

    Args:
        views: the first lies on top.
        palette: of the sheet.
        style: of its lines and paper.
        draw: random choices; equal ones give the lines of ``hand.sketch``.
        ground: whether cast shadows are painted.
        notes: pigment of notes and arrows.
    """
    page = paper(style, draw.fork(0)) / 255
    grain = paper_grain((EDGE, EDGE), draw.fork(1))
    under, ink = linework(views, style, draw.fork(2))
    draw = draw.fork(4)
    role, owner = over(views)
    product = (owner > 0) & (role != ROLES.index("shadow"))
    if draw.happens(0.45):
        page = np.where(product[..., None], page, _backdrop(page, views[0], palette.backdrop, draw))
    angle = draw.pick([62.0, 75.0, 90.0, 48.0, 105.0])
    for index, view in enumerate(views):
        own = owner == index + 1
        if ground:
            _shadow(page, own & ~product, palette.shadow, draw)
        _color_view(page, view, own & product, palette, angle, draw)
    page = np.clip(page * 255, 0, 255)
    if notes is not None:
        ink = np.maximum(ink, notes)
    page = lay(page, with_grain(under, grain, style.loose.grain) * 0.7, style.under)
    page = lay(page, with_grain(ink, grain, style.inner.grain * 0.6), style.ink)
    page = _gleam(page, views[0], owner == 1, draw)
    return np.clip(np.round(page), 0, 255).astype(np.uint8)


def _color_view(
    page: Image, view: Placed, mask: NDArray[np.bool_], palette: Palette, angle: float, draw: Draw
) -> None:
    """Paint one view where the mask is, part by part."""
    stroke_noise = streaks(draw, angle)
    value = _value(view) + 0.055 * stroke_noise
    soft = draw(0.025, 0.07)
    loose = draw.happens(0.35)
    reserve = _reserve(view, draw) if draw.happens(0.6) else np.zeros((EDGE, EDGE), np.float32)
    for number in np.unique(view.part[mask]):
        here = mask & (view.part == number)
        role = ROLES[int(np.bincount(view.role[here]).argmax())]
        if role not in palette.colors:
            continue
        tones = ramp(palette.colors[role], role)
        tone = _reflected(view, value, draw) if role in ("metal", "glass") else value
        color = _bands(tone, tones, soft)
        color = color * (1 - 0.045 * np.maximum(stroke_noise, 0) * (value < 0.8))[..., None]
        color = color + (1 - color) * (_highlight(view, role) * (0.95 if role != "dark" else 0.75))[..., None]
        cover = _cover(here, stroke_noise, draw) * (1 - reserve * (0.9 if loose else 0.35))
        page[:] = page + (color - page) * cover[..., None]


def _value(view: Placed) -> Layer:
    """Return the lightness of a matt surface, 0 to 1: light from the upper left, dark corners, bounce."""
    normal = view.normal
    lit = normal @ np.array([-0.42, 0.68, 0.6], np.float32)
    matt = 0.5 + 0.5 * lit
    shaded = matt * (0.62 + 0.38 * np.clip(cv2.GaussianBlur(view.light, (0, 0), 1.5) * 1.6, 0, 1))
    bounce = np.clip(0.35 - normal[..., 2], 0, 1) * np.clip(-lit + 0.2, 0, 1) * 0.5
    value = (shaded + bounce) * (0.55 + 0.45 * view.occlusion)
    return np.asarray(0.58 + 1.25 * (value - 0.58), np.float32)


def _bands(value: Layer, tones: Image, soft: float) -> Image:
    """Return the colour of each value: flat tones with edges ``soft`` wide."""
    color = np.empty((*value.shape, 3), np.float32)
    color[:] = tones[0]
    for level, tone in zip((0.26, 0.44, 0.64, 0.84), tones[1:], strict=True):
        share = np.clip((value - level + soft) / (2 * soft), 0, 1)
        share = share * share * (3 - 2 * share)
        color += (tone - color) * share[..., None]
    return color


def _reflected(view: Placed, value: Layer, draw: Draw) -> Layer:
    """Return the value of a polished surface: bright sky above a dark horizon above the lit floor."""
    up = view.reflection[..., 2] + 0.05 * (value - 0.5)
    sky = np.interp(up, [-1, -0.5, -0.12, -0.02, 0.1, 0.45, 1.0], [0.5, 0.75, 0.9, 0.1, 0.35, 0.7, 1.0])
    return np.asarray(0.7 * sky + 0.3 * value, np.float32)


def _highlight(view: Placed, role: str) -> Layer:
    """Return the mirror image of a long window up to the left, 0 to 1, with hard edges."""
    reflection, normal = view.reflection, view.normal
    tall = normal @ np.array([-0.50, 0.40, 0.77], np.float32)
    narrow = {"dark": 0.955, "metal": 0.93, "glass": 0.945}.get(role, 0.962)
    spot = np.clip((tall - narrow) / 0.012, 0, 1) * (view.light > 0.15)
    strip = np.clip((0.055 - np.abs(normal[..., 0] + 0.62)) / 0.02, 0, 1) * (
        np.abs(reflection[..., 2]) < 0.75
    )
    strip = strip * (0.55 if role in ("glass", "metal", "dark") else 0.3)
    return np.asarray(np.maximum(spot, strip), np.float32)


def _cover(mask: NDArray[np.bool_], noise: Layer, draw: Draw) -> Layer:
    """Return where a marker covers a part: it misses slivers at some edges and runs over others."""
    y, x = np.mgrid[0:EDGE, 0:EDGE].astype(np.float32)
    shift = np.array([draw(-2.2, 2.2), draw(-2.2, 2.2)], np.float32)
    moved = cv2.remap(
        mask.astype(np.float32), x + shift[0] + 1.2 * noise, y + shift[1] + 1.2 * noise, cv2.INTER_LINEAR
    )
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.9), np.float32)


def _reserve(view: Placed, draw: Draw) -> Layer:
    """Return a side of the product that is left nearly white, as a marker runs out."""
    left, top, right, bottom = view.box
    y, x = np.mgrid[0:EDGE, 0:EDGE].astype(np.float32)
    x, y = (x - left) / max(1, right - left), (y - top) / max(1, bottom - top)
    turn = draw(0, 2 * np.pi)
    across = (
        (x - 0.5) * np.cos(turn)
        + (y - 0.5) * np.sin(turn)
        + 0.05 * streaks(draw, draw.pick([60.0, 80.0]), 12)
    )
    return np.asarray(np.clip((across - draw(0.36, 0.5)) / 0.08, 0, 1), np.float32)


def _shadow(page: Image, mask: NDArray[np.bool_], color: Color, draw: Draw) -> None:
    """Lay a flat cast shadow with the streaks of a broad marker."""
    if not mask.any():
        return
    field = streaks(draw, draw.pick([0.0, 8.0, 75.0]), 22)
    tone = np.array(color, np.float32) * (1 + 0.07 * field)[..., None]
    cover = _cover(mask, field, draw) * np.clip(0.9 - 0.12 * np.maximum(field - 0.6, 0), 0, 1)
    page[:] = page + (tone - page) * cover[..., None]


def _backdrop(page: Image, view: Placed, color: Color, draw: Draw) -> Image:
    """Lay a block of colour behind the main view, in strokes that end unevenly."""
    left, top, right, bottom = view.box
    wide, tall = right - left, bottom - top
    x0, x1 = left + wide * draw(-0.3, 0.2), right + wide * draw(-0.2, 0.3)
    y0, y1 = top + tall * draw(-0.08, 0.25), bottom - tall * draw(0.08, 0.4)
    upright = draw.happens(0.5)
    field = streaks(draw, 90.0 + draw(-3, 3) if upright else draw(-3, 3), 30, 700)
    ends = streaks(draw, 90.0 if upright else 0.0, 30, 1500) * 9
    y, x = np.mgrid[0:EDGE, 0:EDGE].astype(np.float32)
    if upright:
        inside = (x > x0) & (x < x1) & (y > y0 + ends) & (y < y1 + ends)
    else:
        inside = (y > y0) & (y < y1) & (x > x0 + ends) & (x < x1 + ends)
    pale = np.clip((field - 1.1) * 2, 0, 0.75)
    tone = np.array(color, np.float32) * (1 - 0.06 * np.maximum(field, 0))[..., None]
    cover = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 1.0) * (1 - pale) * draw(0.75, 1.0)
    return np.asarray(page + (tone - page) * cover[..., None], np.float32)


def _gleam(page: Image, view: Placed, mask: NDArray[np.bool_], draw: Draw) -> Image:
    """Set white pencil on the edges of a view that catch the light."""
    if draw.happens(0.35):
        return page
    layer = np.zeros((EDGE, EDGE), np.float32)
    for line in view.lines["inner"]:
        x, y = np.clip(np.round(line[len(line) // 2]).astype(int), 0, EDGE - 1)
        if len(line) > 14 and view.normal[y, x] @ (-0.42, 0.68, 0.6) > 0.35 and draw.happens(0.4):
            piece = line[int(len(line) * draw(0, 0.4)) : int(len(line) * draw(0.6, 1))]
            draw_line(layer, piece + (1.5, 2.5), Tip(2.2, 0.9, 0.8, 0.2), Habit(0.6, 0, 1.0, 0), draw)
    return page + (255 - page) * (layer * mask)[..., None]
