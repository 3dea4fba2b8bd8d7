"""Inpaint a mask with patches of the image itself, coarse to fine, after Wexler, Shechtman and Irani (2007).

"Space-time completion of video", IEEE Transactions on Pattern Analysis and Machine Intelligence 29(3): every
patch that touches the mask finds its nearest neighbour among those of the image, all that cover a pixel
vote for its color, and this is iterated; first where the image is so small that the mask is a few pixels
wide, for there it is decided what runs through it. Unlike there, near patches are preferred, for paper is not
lit evenly, flat ones are subsampled, and in the end pixels are copied instead of averaged, so nothing blurs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray
from sketch2color.watermarks.masks import Bools

Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

HALF = 3  # pixels from a patch's center to its edge
SIDE = 2 * HALF + 1
KERNEL = np.ones((SIDE, SIDE), np.uint8)
MAX_SOURCES, MIN_SOURCES = 2000, 50  # nearest patches used as sources; with fewer the image is shrunk no more
FLAT, FLAT_STEP = 8.0, 13  # levels of tone that a flat source spans; one in FLAT_STEP of those is used
DISTANCE_COST = 0.1  # levels² a channel for every pixel² between a patch and its source
COARSEST = 4.0  # pixels from the edge of the mask to its middle, to which the image is shrunk
ITERATIONS = 6  # of voting on all scales but the finest, where pixels are copied after one
TRUST_DECAY = 2.0  # factor by which a patch is trusted less for every pixel that it is deeper in the mask
MIN_SCATTER = 16.0  # levels²: patches that differ less from their sources are all trusted alike
BATCH = 500  # patches compared with all sources at a time, which fit the processor's cache


def patch_inpaint(image: ImageArray, mask: Bools, usable: Bools, factor: int) -> ImageArray | None:
    """Inpaint ``mask``, or return None where there are no patches to inpaint it with.

    Args:
        image: uint8, H × W × 3, with a first guess under the mask; not changed.
        mask: bool, H × W, not empty.
        usable: bool, H × W; patches are taken from where all of it holds.
        factor: patches are searched on the image shrunk by this, and copied at full size.
    """
    height, width = mask.shape
    padding = (-height % factor, -width % factor)
    whole = cv2.copyMakeBorder(image, 0, padding[0], 0, padding[1], cv2.BORDER_REPLICATE)
    size = whole.shape[1] // factor, whole.shape[0] // factor
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    small_mask = np.any(_blocks(mask, padding, factor), axis=(1, 3))
    small_usable = np.all(_blocks(usable, padding, factor), axis=(1, 3)) & ~small_mask
    finest = _Scale(small.astype(np.float32), small_mask, small_usable)
    if not finest.sources().any():
        return None
    from_y, from_x = _copy_sources(list(_pyramid(finest)))
    ys, xs = np.nonzero(mask)
    small_ys, small_xs = ys // factor, xs // factor
    filled = image.copy()
    filled[ys, xs] = whole[
        from_y[small_ys, small_xs] * factor + ys % factor, from_x[small_ys, small_xs] * factor + xs % factor
    ]
    return filled


def _blocks(mask: Bools, padding: tuple[int, int], factor: int) -> Bools:
    padded = np.pad(mask, ((0, padding[0]), (0, padding[1])))
    return padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)


@dataclass(frozen=True)
class _Scale:
    """An image, float32 H × W × 3, at some size: its mask, and what of it may be copied, bool H × W."""

    image: Singles
    mask: Bools
    usable: Bools

    def sources(self) -> Bools:
        """Return where the centers of patches are that may be copied."""
        return np.asarray(cv2.erode(self.usable.astype(np.uint8), KERNEL, borderValue=0) > 0)

    def halved(self) -> "_Scale":
        """Return the same at half the size, known pixels not mixed with the guess."""
        size = -(-self.mask.shape[1] // 2), -(-self.mask.shape[0] // 2)
        known = (~self.mask).astype(np.float32)
        share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        mask = share < 0.5
        sums = cv2.resize(self.image * known[..., None], size, interpolation=cv2.INTER_AREA)
        guess = cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)
        image = np.where(mask[..., None], guess, sums / np.maximum(share, 0.5)[..., None])
        usable = cv2.resize(self.usable.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
        return _Scale(image, mask, usable & ~mask)

    def with_guess(self, coarser: Singles) -> Singles:
        """Return the image with the coarser one enlarged under the mask."""
        size = self.mask.shape[1], self.mask.shape[0]
        enlarged = cv2.resize(coarser, size, interpolation=cv2.INTER_CUBIC).clip(0, 255)
        return np.where(self.mask[..., None], enlarged, self.image)


def _pyramid(finest: _Scale) -> Iterator[_Scale]:
    """Yield the scales, the finest first."""
    scale = finest
    while scale.mask.any() and scale.sources().sum() >= min(MIN_SOURCES, finest.sources().sum()):
        yield scale
        if _distance_to(~scale.mask).max() <= COARSEST:
            break
        scale = scale.halved()


def _copy_sources(scales: list[_Scale]) -> tuple[Indices, Indices]:
    """Return row and column, on the finest scale, that each pixel under the mask is to be copied from."""
    image = scales[-1].image
    for scale in reversed(scales[1:]):
        synthesis = _PatchSynthesis(scale, scale.with_guess(image))
        for _ in range(ITERATIONS):
            synthesis.vote()
        image = synthesis.image()
    return _PatchSynthesis(scales[0], scales[0].with_guess(image)).copy_sources()


class _PatchSynthesis:
    """The patches of one scale that touch the mask, and their sources.

    All arrays have a border of ``HALF`` pixels; ``work`` is the current image.
    """

    def __init__(self, scale: _Scale, guess: Singles) -> None:
        self.work = np.pad(guess, ((HALF, HALF), (HALF, HALF), (0, 0)), mode="reflect")
        self.mask = np.pad(scale.mask, HALF)
        self.source_ys, self.source_xs = _select_sources(self.work, self.mask, np.pad(scale.sources(), HALF))
        self.sources = _patches(self.work, self.source_ys, self.source_xs)
        self.keys = _with_position(self.sources, self.source_ys, self.source_xs)
        self.costs = np.square(self.keys).sum(1) / 2
        touching = cv2.dilate(scale.mask.astype(np.uint8), KERNEL) > 0
        self.ys, self.xs = np.nonzero(np.pad(touching, HALF))
        self.trust = TRUST_DECAY ** -_distance_to(~self.mask)[self.ys, self.xs]
        # where each patch has its pixels, SIDE² × N
        self.at_ys, self.at_xs = (
            at + offsets.reshape(-1, 1) - HALF
            for at, offsets in zip((self.ys, self.xs), np.indices((SIDE, SIDE)), strict=True)
        )

    def vote(self) -> None:
        """Replace the pixels under the mask by the weighted mean of the nearest patches."""
        nearest, weight = self._nearest_patches()
        at = (self.at_ys * self.mask.shape[1] + self.at_xs).ravel()
        colors = self.sources[nearest].reshape(len(nearest), SIDE**2, 3).transpose(2, 1, 0)
        weights = self._sum_at(at, np.broadcast_to(weight, self.at_ys.shape))
        sums = np.stack([self._sum_at(at, weight * color) for color in colors], 2)
        self.work[self.mask] = sums[self.mask] / (weights[self.mask] + 1e-12)[:, None]

    def _sum_at(self, at: Indices, votes: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(at, votes.ravel(), self.mask.size)
        return np.asarray(sums.reshape(self.mask.shape), np.float64)

    def _nearest_patches(self) -> tuple[Indices, NDArray[np.float64]]:
        """Return for each patch the nearest source, and its weight."""
        patches = _patches(self.work, self.ys, self.xs)
        keys = _with_position(patches, self.ys, self.xs)
        batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        nearest = np.concatenate([(batch @ self.keys.T - self.costs).argmax(1) for batch in batches])
        error = np.square(self.sources[nearest] - patches).mean(1)
        scatter = max(float(np.percentile(error, 75)), MIN_SCATTER)
        return nearest, self.trust * np.exp(-error / (2 * scatter))

    def image(self) -> Singles:
        """Return the current image, without the border."""
        return self.work[HALF:-HALF, HALF:-HALF]

    def copy_sources(self) -> tuple[Indices, Indices]:
        """Return row and column of the best source of each pixel under the mask, without the border.

        It belongs to a patch of great weight that has the pixel near its center.
        """
        nearest, weight = self._nearest_patches()
        best = np.zeros(self.mask.shape)
        from_y, from_x = (np.zeros(self.mask.shape, np.intp) for _ in range(2))
        for (dy, dx), ys, xs in zip(np.ndindex(SIDE, SIDE), self.at_ys, self.at_xs, strict=True):
            centered = weight * np.exp(-((dy - HALF) ** 2 + (dx - HALF) ** 2) / 8)
            better = centered > best[ys, xs]
            at, source = (ys[better], xs[better]), nearest[better]
            best[at] = centered[better]
            from_y[at] = self.source_ys[source] + dy - HALF
            from_x[at] = self.source_xs[source] + dx - HALF
        inner = slice(HALF, -HALF), slice(HALF, -HALF)
        return from_y[inner] - HALF, from_x[inner] - HALF


def _select_sources(work: Singles, mask: Bools, sources: Bools) -> tuple[Indices, Indices]:
    """Return rows and columns of the sources that are used: the nearest, and few of the flat ones."""
    ys, xs = np.nonzero(sources)
    grey = work.mean(2)
    spread = (cv2.dilate(grey, KERNEL) - cv2.erode(grey, KERNEL))[ys, xs]
    used = (spread > FLAT) | (np.arange(len(ys)) % FLAT_STEP == 0)
    ys, xs = ys[used], xs[used]
    nearest = np.sort(np.argsort(_distance_to(mask)[ys, xs], kind="stable")[:MAX_SOURCES])
    return ys[nearest], xs[nearest]


def _patches(work: Singles, ys: Indices, xs: Indices) -> Singles:
    """Return the patches around centers, as rows: N × 3 SIDE²."""
    windows = np.lib.stride_tricks.sliding_window_view(work, (SIDE, SIDE), axis=(0, 1))
    chosen = windows[ys - HALF, xs - HALF]  # N × 3 × SIDE × SIDE
    return chosen.transpose(0, 2, 3, 1).reshape(len(ys), 3 * SIDE**2)


def _with_position(patches: Singles, ys: Indices, xs: Indices) -> Singles:
    """Append the patches' positions, so that distance counts as difference."""
    position = np.sqrt(DISTANCE_COST * 3 * SIDE**2) * np.stack([ys, xs], 1)
    return np.concatenate([patches, position.astype(np.float32)], 1)


def _distance_to(mask: Bools) -> Singles:
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3))
