"""The parts of a sketch: what lines enclose, gaps in the lines closed."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import watershed

from sketch2color.colorize.hatching import join_hatched

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.int32]

INK = 0.25
"""Darkness of a line that bounds a part; fainter ones are construction lines."""
NARROWED = 0.6
"""Two blank places are two parts if the way between them is narrower than this share of the narrower one."""
STEPS = 1024
"""Of a pixel, and of a weight of 1, in which distances and the Gaussian are whole numbers."""


def find_parts(darkness: Floats, gap: float) -> Labels:
    """Divide a sketch into parts; a gap in a line of up to ``gap`` pixels counts as closed.

    The watershed (Vincent & Soille 1991) of the distance to ink divides blank paper at every narrowing.
    Basins are joined again where the narrowing is no gap: it is wider than ``gap``, or hardly narrower than
    the basins themselves, as in the middle of a long part; then what hatching divides.

    Args:
        darkness: H × W in [0, 1], 0 on blank paper.
        gap: in pixels.

    Returns:
        H × W, parts numbered from 1; pixels of ink belong to the part next to them.
    """
    ink = darkness >= INK
    if ink.all():
        return np.ones(darkness.shape, np.int32)
    return join_hatched(*divide_paper(ink, gap), ink, gap)


def divide_paper(ink: NDArray[np.bool_], gap: float) -> tuple[Labels, Floats]:
    """Return the parts that lines, H × W and not all of it, divide at gaps; and the distance to ink."""
    paper = (~ink).astype(np.uint8)
    distance = cv2.distanceTransform(paper, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) if not paper.all() else paper
    height = _blur(distance, max(gap / 16.0, 0.5)) * paper
    peaks = (height == cv2.dilate(height, np.ones((3, 3), np.uint8))) & (paper > 0)
    markers, count = ndimage.label(peaks, np.ones((3, 3)))
    basins = flood(height, markers)
    return np.asarray(_join(basins, height, count, gap)[basins], np.int32), height


def flood(height: Floats, markers: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> Labels:
    """Return ``markers`` (0: none) grown over all pixels of ``mask``, from the greatest ``height`` down.

    scikit-image leaves to its queue which of several markers of one height grows first; here the first in
    the image does, so that another implementation divides the same.

    Args:
        height: H × W, multiples of 1 / ``STEPS``.
        markers: H × W, whole numbers.
        mask: H × W, all if None.
    """
    level = -height.astype(np.float64) * (STEPS * (markers.size + 1))
    places = np.flatnonzero(markers)
    level.flat[places] += places - markers.size
    return np.asarray(watershed(level, markers, mask=mask), np.int32)


def _blur(distance: NDArray[Any], sigma: float) -> Floats:
    """Blur by a Gaussian in whole numbers, whose sums are exact.

    Peaks are where values are equal, and hatching has thousands: a last bit that depends on the processor,
    or on whether a browser computes it, would move them.
    """
    offsets = np.arange(-round(4 * sigma), round(4 * sigma) + 1)
    weights = np.floor(STEPS * np.exp(-(offsets**2) / (2 * sigma**2)) + 0.5)
    whole = np.floor(STEPS * distance.astype(np.float64) + 0.5)
    blurred = cv2.sepFilter2D(whole, cv2.CV_64F, weights, weights) / weights.sum() ** 2
    return np.asarray(np.floor(blurred + 0.5) / STEPS, np.float32)


def _join(basins: Labels, height: Floats, count: int, gap: float) -> Labels:
    """Return the part of each basin: basins are joined from the widest way between two to the narrowest."""
    first, second, width = _borders(basins, height)
    depth = ndimage.maximum(height, basins, np.arange(count + 1))
    parent = np.arange(count + 1)

    def root(basin: int) -> int:
        while parent[basin] != basin:
            parent[basin] = parent[parent[basin]]
            basin = parent[basin]
        return basin

    for border in np.argsort(-width, kind="stable"):
        one, other = root(first[border]), root(second[border])
        narrower = min(depth[one], depth[other])
        if one != other and width[border] > min(gap / 2.0, NARROWED * narrower):
            one, other = (one, other) if depth[one] >= depth[other] else (other, one)
            parent[other] = one
    roots = np.array([root(basin) for basin in range(count + 1)])
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)


def _borders(basins: Labels, height: Floats) -> tuple[Labels, Labels, Floats]:
    """Return the pairs of basins that touch, and half the width of the widest way from one to the other."""
    pairs, widths = [], []
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        differ = basins[here] != basins[there]
        ends = np.stack([basins[here][differ], basins[there][differ]])
        pairs.append(np.sort(ends, 0))
        widths.append(np.minimum(height[here][differ], height[there][differ]))
    ends, width = np.concatenate(pairs, 1), np.concatenate(widths)
    unique, which = np.unique(ends, axis=1, return_inverse=True)
    widest = ndimage.maximum(width, which.ravel(), np.arange(unique.shape[1])) if width.size else width
    return unique[0], unique[1], np.asarray(widest, np.float32)
