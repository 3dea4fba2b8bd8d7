"""Parts that hatching divides, joined again."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.int32]
Mask = NDArray[np.bool_]

WEIGHTS = 1.90, -1.53, -2.73, -3.02, 4.46
"""Of what :func:`describe_borders` returns, in log-odds that two parts are one (``benchmarks/parts.py``)."""
BIAS = 3.63 - 1.5
"""The second number: parts joined wrongly are worse than parts divided wrongly."""


def join_hatched(parts: Labels, height: Floats, ink: Mask, gap: float) -> Labels:
    """Join parts across what is a stroke of hatching rather than an outline.

    The region adjacency graph is merged step by step, each part with the neighbour that is most likely the
    same part. Strokes of hatching are thin and lie amid many others; what they divide is shallow.

    Args:
        parts: H × W, numbered from 1.
        height: H × W, distance to ink in pixels.
        ink: H × W.
        gap: in pixels; strokes of hatching are nearer to each other.

    Returns:
        H × W, numbered from 1 in the order of ``parts``.
    """
    joined = np.arange(parts.max() + 1)
    depth = np.asarray(ndimage.maximum(height, parts, joined), np.float64)
    pairs, sums = find_borders(parts, ink, gap)
    while pairs.size:
        described = describe_borders(pairs, sums, depth, gap)
        score = sum((weight * each for weight, each in zip(WEIGHTS, described, strict=True)), BIAS)
        best = np.full(len(depth), -np.inf)
        np.maximum.at(best, pairs.ravel(), np.tile(score, 2))
        one, other = pairs[:, (score > 0) & (score >= best[pairs].min(0))]
        if not one.size:
            break
        graph = sparse.coo_array((np.ones(len(one)), (one, other)), (len(depth), len(depth)))
        count, groups = connected_components(graph, directed=False)
        depth = np.asarray(ndimage.maximum(depth, groups, np.arange(count)))
        joined, pairs = groups[joined], np.sort(groups[pairs], 0)
        differ = pairs[0] != pairs[1]
        pairs, sums = _group(pairs[:, differ], sums[:, differ])
    return np.asarray(joined[parts], np.int32)


def describe_borders(pairs: Labels, sums: Floats, depth: Floats, gap: float) -> list[Floats]:
    """Return what tells hatching from outlines, B values each.

    Args:
        pairs: 2 × B, numbers of the parts.
        sums: 4 × B: pixels of the border, of them on ink, on ink 3 pixels thick, and pixels of ink around.
        depth: of each part, half of its greatest width, in pixels.
        gap: in pixels.

    Returns:
        The border's share of all borders of the deeper part; the root of that part's depth in gaps; the
        shares of the border on ink, and on thick ink; the mean share of ink around it.
    """
    pixels, ink, thick, dense = sums
    around = np.bincount(pairs.ravel(), np.tile(pixels, 2), len(depth))
    deeper = np.where(depth[pairs[0]] < depth[pairs[1]], pairs[1], pairs[0])
    shares = [pixels / around[deeper], np.sqrt(depth[deeper] / gap)]
    return [*shares, ink / pixels, thick / pixels, dense / _side(gap) ** 2 / pixels]


def find_borders(parts: Labels, ink: Mask, gap: float) -> tuple[Labels, Floats]:
    """Return the pairs of parts that touch, 2 × B, and their ``sums``, of two pixels the larger values."""
    levels, side = ink.astype(np.float64), _side(gap)
    thick = cv2.erode(levels, np.ones((3, 3)))
    dense = cv2.boxFilter(levels, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    measured = np.stack([np.ones_like(levels), levels, thick, dense], 2)
    pairs, sums = [], []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differ = parts[here] != parts[there]
        pairs.append(np.sort(np.stack([parts[here][differ], parts[there][differ]]), 0))
        sums.append(np.maximum(measured[here][differ], measured[there][differ]).T)
    return _group(np.concatenate(pairs, 1), np.concatenate(sums, 1))


def _side(gap: float) -> int:
    """Return the side of the square, in pixels, in which ink is dense."""
    return 2 * round(gap / 2) + 1


def _group(pairs: Labels, sums: Floats) -> tuple[Labels, Floats]:
    """Return each pair once, and the totals of its sums."""
    unique, which = np.unique(pairs, axis=1, return_inverse=True)
    totals = [np.bincount(which.ravel(), values, unique.shape[1]) for values in sums]
    return unique, np.stack(totals)
