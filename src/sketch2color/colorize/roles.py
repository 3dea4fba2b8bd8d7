"""Which part of a sketch takes which colour of a palette."""

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.intp]

LIGHTNESS = 0.5
"""Weight of lightness against hue and chroma where colours of parts are compared: much of it is shade."""
ITERATIONS = 20


def assign_colors(flats: Floats, areas: Floats, palette: Floats, variant: int = 0) -> Numbers:
    """Return for each part the index of its colour in the palette.

    Parts that the network painted alike take one colour. The main colour, ``palette[0]``, takes the group of
    parts with the largest area; the darkest accent takes the darkest of the other groups, and so on. No other
    order has less difference in lightness between accents and groups.

    Args:
        flats: P × 3, the parts' colours as the network painted them, sRGB in [0, 1].
        areas: P, above 0.
        palette: K × 3, sRGB in [0, 1].
        variant: number of the assignment: those after 0 give the colours to other groups, then to one group
            more, where the largest and another take the main colour.
    """
    orders = list(permutations(range(len(palette))))
    orders += [(0, *order) for order in orders]
    colors = np.array(orders[variant % len(orders)], np.intp)
    count, parts = len(colors), rgb2lab(flats)
    groups, _ = group_colors(parts * (LIGHTNESS, 1.0, 1.0), areas, count)
    total = np.bincount(groups, areas, count)
    lightness = np.bincount(groups, areas * parts[:, 0], count) / total.clip(1e-9)
    others = np.argsort(-total, kind="stable")[1:]
    darkest_first = others[np.argsort(lightness[others], kind="stable")]
    wanted = rgb2lab(palette)[[*range(len(palette)), 0][1:count], 0]
    chosen = np.zeros(count, np.intp)
    chosen[darkest_first] = 1 + np.argsort(wanted, kind="stable")
    return colors[chosen][groups]


def group_colors(points: Floats, weights: Floats, count: int) -> tuple[Numbers, Floats]:
    """Return for each of P × 3 points one of ``count`` groups, and the groups' centres, ``count`` × 3.

    Weighted k-means that starts with the heaviest point and then those farthest from all before.
    """
    centers = points[[weights.argmax()]]
    for _ in range(count - 1):
        distance = np.square(points[:, None] - centers).sum(2).min(1)
        centers = np.concatenate([centers, points[[(distance * weights).argmax()]]])
    for _ in range(ITERATIONS):
        groups = np.square(points[:, None] - centers).sum(2).argmin(1)
        for group in range(count):
            if (inside := groups == group).any():
                centers[group] = np.average(points[inside], axis=0, weights=weights[inside])
    return groups, centers
