"""Fill a hole with patches of the picture itself, lines first, after Criminisi, Pérez and Toyama (2004).

"Region filling and object removal by exemplar-based image inpainting", IEEE Transactions on Image Processing
13(9). Unlike there, near patches are preferred, for paper is not lit evenly; flat patches are thinned out;
and where the patches do not fit what is round the hole, the caller may have nothing filled, for such fillings
are inventions.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.cleaning.plane import pixels
from sketch2color.images import PictureArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

HALF = 4
"""Pixels at working size from a patch's middle to its edge."""
SIDE = 2 * HALF + 1
MOST_SOURCES = 3000
FLAT = 8.0
"""Levels: a source patch whose tones spread less is flat, and one in ``THIN`` of those is enough."""
THIN = 29
FARNESS = 0.15
"""Levels² a pixel and channel that a source costs for every pixel that it is away."""
MISFIT, WORST_MISFIT = 7.0, 40.0
"""Levels by which patches may differ from what they must join: in the mean, and any one."""
LARGEST = 15000
"""Pixels at working size; larger holes take long, and what fills them is invented."""


def exemplar_filled(
    picture: PictureArray, hole: Bools, usable: Bools, factor: int, fitting: bool
) -> PictureArray | None:
    """Fill ``hole`` patch by patch; None where it is too large, or no patches will do.

    Args:
        picture: uint8, H × W × 3; not changed.
        hole: bool, H × W.
        usable: bool, H × W; patches are taken from where all of it holds.
        factor: patches are sought on the picture shrunk by so much, and copied at full size.
        fitting: whether patches must fit what is round the hole.
    """
    height, width = hole.shape
    wide = (-height % factor, -width % factor)
    whole = cv2.copyMakeBorder(picture, 0, wide[0], 0, wide[1], cv2.BORDER_REPLICATE)
    small = cv2.resize(
        whole, (whole.shape[1] // factor, whole.shape[0] // factor), interpolation=cv2.INTER_AREA
    )
    small_hole = np.any(_blocks(np.pad(hole, ((0, wide[0]), (0, wide[1]))), factor), axis=(1, 3))
    small_usable = np.all(_blocks(np.pad(usable, ((0, wide[0]), (0, wide[1]))), factor), axis=(1, 3))
    if small_hole.sum() > LARGEST:
        return None
    copies = _Copying(np.asarray(small, np.uint8), small_hole, small_usable & ~small_hole).copies(fitting)
    if copies is None:
        return None
    ys, xs = np.nonzero(hole)
    from_y, from_x = (source[ys // factor, xs // factor] * factor for source in copies)
    filled = picture.copy()
    filled[ys, xs] = whole[from_y + ys % factor, from_x + xs % factor]
    return filled


def _blocks(mask: Bools, factor: int) -> Bools:
    return mask.reshape(mask.shape[0] // factor, factor, mask.shape[1] // factor, factor)


class _Copying:
    """Copies patches into a hole until it is full; all arrays have a border of ``HALF`` pixels."""

    def __init__(self, picture: PictureArray, hole: Bools, usable: Bools) -> None:
        self.work = np.pad(picture, ((HALF, HALF), (HALF, HALF), (0, 0)), mode="reflect").astype(np.float32)
        self.unknown = np.pad(hole, HALF)
        self.known = np.pad(~hole, HALF)
        self.trust = self.known.astype(np.float32)
        self.from_y, self.from_x = pixels(self.unknown.shape)
        self.sources = _Sources(self.work, np.pad(usable, HALF), self.unknown)

    def copies(self, fitting: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Give row and column that each pixel is to be copied from; None where they do not fit."""
        if not len(self.sources.ys):
            return None
        misfits = []
        while self.unknown.any():
            y, x = self._most_urgent()
            window = slice(y - HALF, y + HALF + 1), slice(x - HALF, x + HALF + 1)
            (at_y, at_x), misfit = self.sources.nearest(self.work[window], self.known[window], y, x)
            if fitting and misfit > WORST_MISFIT:
                return None
            misfits.append(misfit)
            self._copy(window, (slice(at_y - HALF, at_y + HALF + 1), slice(at_x - HALF, at_x + HALF + 1)))
        if fitting and np.mean(misfits) > MISFIT:
            return None
        inner = slice(HALF, -HALF), slice(HALF, -HALF)
        return self.from_y[inner] - HALF, self.from_x[inner] - HALF

    def _copy(self, window: tuple[slice, slice], source: tuple[slice, slice]) -> None:
        fresh = self.unknown[window].copy()
        for values in (self.work, self.from_y, self.from_x):
            values[window][fresh] = values[source][fresh]
        self.trust[window][fresh] = self.trust[window].mean()
        self.unknown[window] = False
        self.known[window] |= fresh

    def _most_urgent(self) -> tuple[int, int]:
        """Find the pixel on the hole's edge whose patch is best known and where a line runs into the hole."""
        hole = self.unknown.astype(np.uint8)
        three = np.ones((3, 3), np.uint8)
        ys, xs = np.nonzero(self.unknown & (cv2.erode(hole, three) == 0))
        grey = self.work.mean(2)
        inner = cv2.erode(self.known.astype(np.uint8), three, borderValue=0)
        slopes = [cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx) / 8 * inner for dx in (1, 0)]
        soft = cv2.GaussianBlur(hole.astype(np.float32), (5, 5), 0)
        normals = [cv2.Sobel(soft, cv2.CV_32F, dx, 1 - dx)[ys, xs] for dx in (1, 0)]
        steps = [axis.ravel() - 2 for axis in np.indices((5, 5))]
        near = ys[:, None] + steps[0], xs[:, None] + steps[1]
        strength = np.hypot(slopes[0][near], slopes[1][near])
        row, best = np.arange(len(ys)), strength.argmax(1)
        gx, gy = (slope[near[0][row, best], near[1][row, best]] for slope in slopes)
        length = np.hypot(*normals) + 1e-6
        across = np.abs(gx * normals[1] - gy * normals[0]) / length  # the isophote along the normal
        confidence = cv2.boxFilter(self.trust, -1, (SIDE, SIDE))[ys, xs]
        chosen = int((confidence * (across / 255 + 0.004)).argmax())
        return int(ys[chosen]), int(xs[chosen])


@dataclass
class _Sources:
    """The patches to copy, as rows of a matrix, and their middles."""

    ys: NDArray[np.intp]
    xs: NDArray[np.intp]

    def __init__(self, work: Floats, usable: Bools, hole: Bools) -> None:
        kernel = np.ones((SIDE, SIDE), np.uint8)
        grey = work.mean(2)
        spread = cv2.dilate(grey, kernel) - cv2.erode(grey, kernel)
        whole = cv2.erode(usable.astype(np.uint8), kernel, borderValue=0) > 0
        whole &= (spread > FLAT) | (np.arange(grey.size).reshape(grey.shape) % THIN == 0)
        ys, xs = np.nonzero(whole)
        away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3)[ys, xs]
        nearest = np.sort(np.argsort(away, kind="stable")[:MOST_SOURCES])
        self.ys, self.xs = ys[nearest], xs[nearest]
        windows = np.lib.stride_tricks.sliding_window_view(work, (SIDE, SIDE), axis=(0, 1))
        chosen = windows[self.ys - HALF, self.xs - HALF]  # N × 3 × side × side
        self.patches = chosen.transpose(0, 2, 3, 1).reshape(len(self.ys), 3 * SIDE**2).copy()
        self.squares = np.square(chosen).sum(1).reshape(len(self.ys), SIDE**2)

    def nearest(self, target: Floats, known: Bools, y: int, x: int) -> tuple[tuple[int, int], float]:
        """Give the middle of the patch most like ``target`` where ``known``, and its misfit in levels."""
        weights = known.ravel().astype(np.float32)
        wanted = (target * known[..., None]).ravel()
        misfit = self.squares @ weights - 2 * (self.patches @ wanted) + np.square(wanted).sum()
        size = max(1.0, 3 * float(weights.sum()))
        cost = misfit + FARNESS * size * np.hypot(self.ys - y, self.xs - x)
        best = int(cost.argmin())
        return (int(self.ys[best]), int(self.xs[best])), float(np.sqrt(max(0.0, misfit[best]) / size))
