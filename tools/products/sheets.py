"""Sheets: views of a product placed on paper, with the truth about what lies where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from products.draw import Draw
from products.shapes import Array
from products.views import Passes

EDGE = 1024
"""Edge of a sheet while it is drawn; it is published at half of that."""
ROLES = ("paper", "main", "accent", "dark", "light", "metal", "glass", "shadow")
"""Values of the part masks: 0 is paper."""


@dataclass(frozen=True)
class Placed:
    """A view on a sheet: passes cropped and scaled, all ``EDGE`` × ``EDGE``.

    Attributes:
        part: uint8 parts as in ``Passes``, 0 elsewhere.
        role: uint8 index in ``ROLES``.
        normal: in the camera's axes: right, up, toward the viewer.
        reflection: of the line of sight, in the world's axes.
        light: sun that arrives, 0 to 1.
        occlusion: 0 in corners to 1.
        lines: by set, in sheet pixels.
        guides: construction lines: edges of the box around the product and its axes.
        scale: sheet pixels a pixel of the passes.
        box: left, top, right and bottom of the product.
    """

    part: NDArray[np.uint8]
    role: NDArray[np.uint8]
    normal: NDArray[np.float32]
    reflection: NDArray[np.float32]
    light: NDArray[np.float32]
    occlusion: NDArray[np.float32]
    lines: dict[str, list[Array]]
    guides: list[Array]
    scale: float
    box: tuple[int, int, int, int]


def place(passes: Passes, center: tuple[float, float], edge: float) -> Placed:
    """Return a view at a place on the sheet.

    Args:
        passes: of the view.
        center: of the product's box, in sheet pixels.
        edge: longer side of the product's box, in sheet pixels.
    """
    ys, xs = np.nonzero(passes.product)
    longer = max(np.ptp(xs), np.ptp(ys)) + 1
    scale = edge / float(longer)
    shift = np.array(center) - scale * np.array([(xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2])
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])

    def place_layer(image: NDArray[Any], smooth: bool = False) -> NDArray[Any]:
        flags = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
        return np.asarray(cv2.warpAffine(image, matrix, (EDGE, EDGE), flags=flags))

    names = ["paper", *(label.split(":")[0] for label in passes.labels)]
    role = np.array([ROLES.index(name) for name in names], np.uint8)[passes.part]
    role[passes.shadow] = ROLES.index("shadow")
    away = passes.position - passes.frame.eye.astype(np.float32)
    away /= np.maximum(np.linalg.norm(away, axis=2, keepdims=True), 1e-6)
    reflection = away - 2 * (away * passes.normal).sum(2, keepdims=True) * passes.normal
    part = place_layer(passes.part).astype(np.uint8)
    ys, xs = np.nonzero(part)
    return Placed(
        part=part,
        role=place_layer(role).astype(np.uint8),
        normal=_soft(
            place_layer(passes.normal @ passes.frame.axes.T.astype(np.float32), True).astype(np.float32)
        ),
        reflection=place_layer(reflection.astype(np.float32), True).astype(np.float32),
        light=place_layer(passes.light, True).astype(np.float32),
        occlusion=place_layer(passes.occlusion, True).astype(np.float32),
        lines={name: [line * scale + shift for line in lines] for name, lines in passes.lines.items()},
        guides=[line * scale + shift for line in _guides(passes)],
        scale=scale,
        box=(int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())),
    )


def _soft(normal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return normals without the facets of the mesh."""
    soft = cv2.GaussianBlur(normal, (0, 0), 3.0)
    return np.asarray(soft / np.maximum(np.linalg.norm(soft, axis=2, keepdims=True), 1e-6), np.float32)


def _guides(passes: Passes) -> list[Array]:
    """Return the visible edges of the product's box, drawn out at both ends, and the axes of its middle."""
    low, high = passes.bounds
    middle = (low + high) / 2
    lines = []
    for axis in range(3):
        others = [i for i in range(3) if i != axis]
        for a in (0, 1, 0.5):
            for b in (0, 1, 0.5):
                if (a == 0.5) != (b == 0.5):
                    continue
                start, stop = middle.copy(), middle.copy()
                for other, share in zip(others, (a, b), strict=True):
                    start[other] = stop[other] = low[other] + share * (high[other] - low[other])
                start[axis] = low[axis] - 0.12 * (high[axis] - low[axis])
                stop[axis] = high[axis] + 0.12 * (high[axis] - low[axis])
                lines.append(passes.frame.project(np.linspace(start, stop, 12)))
    return lines


def arrange(count: int, shapes: Sequence[float], draw: Draw) -> list[tuple[tuple[float, float], float]]:
    """Return centre and longer side of each of ``count`` views; the first is the main one.

    Args:
        count: of views, 1 to 3.
        shapes: width over height of each view's box.
        draw: random choices.
    """
    if count == 1:
        edge = EDGE * draw(0.7, 0.9)
        return [((EDGE * draw(0.46, 0.54), EDGE * draw(0.46, 0.54)), edge)]
    left = draw.happens(0.5)
    tall = shapes[0] < 1
    main, small = EDGE * draw(0.56, 0.68), EDGE * draw(0.27, 0.36)
    if tall:
        x = EDGE * (0.66 if left else 0.34)
        spots = [((x, EDGE * 0.5), main * 1.15)]
        spots += [((EDGE - x, EDGE * y), small) for y in (0.27, 0.72)][: count - 1]
    else:
        y = EDGE * (0.62 if left else 0.38)
        spots = [((EDGE * 0.5, y), main * 1.05)]
        spots += [((EDGE * x, EDGE - y * (1.04 if left else 0.97)), small) for x in (0.28, 0.74)][: count - 1]
    return spots


def over(layers: Sequence[Placed]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return roles and owners of the sheet's pixels; the first view lies on top, shadows below all products.

    Returns:
        Index in ``ROLES``, and 1 + index of the view that has a pixel, 0 for paper; both ``EDGE`` × ``EDGE``.
    """
    role, owner = np.zeros((EDGE, EDGE), np.uint8), np.zeros((EDGE, EDGE), np.uint8)
    for shadows in (True, False):
        for index in reversed(range(len(layers))):
            here = (layers[index].role == ROLES.index("shadow")) if shadows else (layers[index].part > 0)
            role[here], owner[here] = layers[index].role[here], index + 1
    return role, owner
