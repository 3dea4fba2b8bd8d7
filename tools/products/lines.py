"""Find a product's lines in its passes and trace them as polylines, as a hand would draw them."""

from collections.abc import Callable
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from skimage.morphology import skeletonize

from products.shapes import Array

Mask = NDArray[np.bool_]
Pixel = tuple[int, int]
_thin: Callable[[Mask], Mask] = skeletonize
LINE_SETS = ("contour", "inner", "section")
JUMP = 0.012
"""Distance of a point from its neighbour's tangent plane, from which on one hides the other, in units"""
CREASE = 38.0
"""Degrees between the normals at two sides of a crease."""
REACH = 3
"""Pixels from a crease to its sides."""
SHORTEST = 12
"""Pixels of the shortest line kept."""
CORNER = 48.0
"""Degrees by which a line turns at a corner, where a hand starts anew."""


def find_lines(
    part: NDArray[np.uint8], normal: NDArray[np.float32], position: NDArray[np.float32], bounds: Array
) -> dict[str, list[Array]]:
    """Return polylines (n × 2, in pixels) of each of ``LINE_SETS``.

    Contours lie where one surface hides another or the ground, inner lines between parts and along creases,
    sections where the plane ``y = 0`` and that halfway up cut the surface.
    """
    contour, border = np.zeros(part.shape, bool), np.zeros(part.shape, bool)
    section = np.zeros(part.shape, bool)
    levels = [position[..., 1], position[..., 2] - float(bounds[:, 2].mean())]
    for axis in (0, 1):
        here = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        there = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        step = position[there] - position[here]
        off = np.minimum(np.abs((step * normal[here]).sum(-1)), np.abs((step * normal[there]).sum(-1)))
        both = (part[here] > 0) & (part[there] > 0)
        jump = ((part[here] > 0) != (part[there] > 0)) | (both & (off > JUMP))
        contour[here] |= jump
        border[here] |= both & ~jump & (part[here] != part[there])
        for level in levels:
            section[here] |= both & ~jump & ((level[here] > 0) != (level[there] > 0))
    near = cv2.dilate((contour | border).astype(np.uint8), np.ones((2 * REACH + 1, 2 * REACH + 1))) > 0
    crease = _creases(normal) & (part > 0) & ~near
    inner = border & ~(cv2.dilate(contour.astype(np.uint8), np.ones((3, 3))) > 0)
    masks = {"contour": contour, "inner": inner | _thin(crease), "section": section}
    return {name: trace(mask) for name, mask in masks.items()}


def _creases(normal: NDArray[np.float32]) -> Mask:
    limit = np.cos(np.radians(CREASE))
    found = np.zeros(normal.shape[:2], bool)
    for dy, dx in ((0, REACH), (REACH, 0)):
        one, other = np.roll(normal, (dy, dx), (0, 1)), np.roll(normal, (-dy, -dx), (0, 1))
        found |= (one * other).sum(-1) < limit
    return found


def trace(mask: Mask) -> list[Array]:
    """Return the lines of a mask as smooth polylines (n × 2 of x and y), ended at corners."""
    chains = _join(_chains(_thin(mask)))
    lines = [_smooth(piece) for chain in chains for piece in _split(chain)]
    return [line for line in lines if np.linalg.norm(np.diff(line, axis=0), axis=1).sum() >= SHORTEST]


def _chains(thin: Mask) -> list[list[Pixel]]:
    """Return the pixels of a skeleton in order, from end or junction to the next."""
    pixels = {(int(y), int(x)) for y, x in np.argwhere(thin)}

    def neighbours(pixel: Pixel) -> list[Pixel]:
        y, x = pixel
        straight = [p for p in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)) if p in pixels]
        taken = set(straight)
        for dy, dx in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            if (y + dy, x + dx) in pixels and (y + dy, x) not in taken and (y, x + dx) not in taken:
                straight.append((y + dy, x + dx))
        return straight

    links = {pixel: neighbours(pixel) for pixel in sorted(pixels)}
    used: set[tuple[Pixel, Pixel]] = set()
    chains = []
    nodes = [pixel for pixel, near in links.items() if len(near) != 2]
    for start in [*nodes, *links]:
        for following in links[start]:
            if (start, following) in used:
                continue
            chain = [start, following]
            used |= {(start, following), (following, start)}
            while len(links[chain[-1]]) == 2 and chain[-1] != start:
                ahead = next((p for p in links[chain[-1]] if p != chain[-2]), None)
                if ahead is None or (chain[-1], ahead) in used:
                    break
                used |= {(chain[-1], ahead), (ahead, chain[-1])}
                chain.append(ahead)
            chains.append(chain)
    return [chain for chain in chains if len(chain) > 2]


def _join(chains: list[list[Pixel]]) -> list[Array]:
    """Join chains that go straight on through a junction."""
    single = [np.array(chain, float)[:, ::-1] for chain in chains]
    lines = dict(enumerate(single))
    ends: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for key, line in enumerate(single):
        for end in (0, -1):
            ends.setdefault((int(line[end][0]) // 3, int(line[end][1]) // 3), []).append((key, end))

    def outward(key: int, end: int) -> Array:
        line = single[key] if end == -1 else single[key][::-1]
        way = line[-1] - line[max(-9, -len(line))]
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))

    owner = {key: key for key in lines}
    for meeting in ends.values():
        pairs = sorted((float(outward(*a) @ outward(*b)), a, b) for a, b in combinations(meeting, 2))
        for turn, (first, _), (second, _) in pairs:
            a, b = owner[first], owner[second]
            if turn > -0.8 or a == b:
                continue
            one, other = lines[a], lines[b]
            options = [(one, other), (one, other[::-1]), (one[::-1], other), (one[::-1], other[::-1])]
            left, right = min(options, key=lambda pair: float(np.linalg.norm(pair[0][-1] - pair[1][0])))
            if np.linalg.norm(left[-1] - right[0]) > 4:
                continue
            lines[a] = np.concatenate([left, right])
            del lines[b]
            owner = {key: a if own == b else own for key, own in owner.items()}
    return list(lines.values())


def _split(line: Array) -> list[Array]:
    """Split a line where it turns sharply."""
    reach = 8
    if len(line) < 3 * reach:
        return [line]
    before, after = line[reach:-reach] - line[: -2 * reach], line[2 * reach :] - line[reach:-reach]
    cosine = (before * after).sum(1) / np.maximum(
        np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-9
    )
    turn = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    cuts = [0]
    while turn.size and turn.max() > CORNER:
        at = int(turn.argmax())
        turn[max(0, at - reach) : at + reach] = 0
        cuts.append(at + reach)
    cuts = [*sorted(cuts), len(line) - 1]
    return [line[a : b + 1] for a, b in pairwise(cuts) if b - a > 2]


def _smooth(line: Array, sigma: float = 2.8) -> Array:
    """Return the line without the steps of its pixels, every third point of it."""
    ends = line[[0, -1]]
    padded = np.concatenate([2 * line[0] - line[1:13][::-1], line, 2 * line[-1] - line[-13:-1][::-1]])
    soft = gaussian_filter1d(padded, sigma, axis=0)
    pad = min(12, len(line) - 1)
    soft = soft[pad:-pad]
    return np.concatenate([ends[:1], soft[2:-2:3], ends[1:]])
