"""Fill a hole with patches of the image itself, coarse to fine, after Wexler, Shechtman and Irani (2007).

"Space-time completion of video", IEEE Transactions on Pattern Analysis and Machine Intelligence 29(3): every
patch that touches the hole seeks the one most like it among those of the image, all that cover a pixel vote
for its colour, and so on until they agree; first where the image is so small that the hole is a few pixels
wide, for there it is decided what runs through it. Unlike there, near patches are preferred, for paper is not
lit evenly, flat ones are thinned out, and in the end pixels are copied instead of averaged, so nothing blurs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Places = NDArray[np.intp]

HALF = 3
"""Pixels from a patch's middle to its edge."""
SIDE = 2 * HALF + 1
KERNEL = np.ones((SIDE, SIDE), np.uint8)
MOST_SOURCES, FEWEST_SOURCES = 2000, 50
"""The nearest so many patches are sources; where there are fewer than that, the image is shrunk no more."""
FLAT, THIN = 8.0, 13
"""Levels: a source whose tones spread less is flat, and one in ``THIN`` of those is enough."""
FARNESS = 0.1
"""Levels² a channel that a source costs for every pixel² that it is away."""
COARSEST = 4.0
"""Pixels from the edge of the hole to its middle, to which the image is shrunk."""
ROUNDS = 6
"""How often patches vote on all scales but the finest, where they say once what is copied."""
FADING = 2.0
"""Factor by which a patch is trusted less for every pixel that it is farther in the hole."""
AGREED = 16.0
"""Levels²: patches that differ less from what they join are all believed alike."""
AT_ONCE = 500
"""Patches that are compared with all sources at a time, which keeps them near the processor."""


def patch_inpaint(image: ImageArray, hole: Bools, usable: Bools, factor: int) -> ImageArray | None:
    """Fill ``hole``, or give None where there is nothing to fill it with.

    Args:
        image: uint8, H × W × 3, with a first guess in the hole; not changed.
        hole: bool, H × W, not empty.
        usable: bool, H × W; patches are taken from where all of it holds.
        factor: patches are sought on the image shrunk by so much, and copied at full size.
    """
    height, width = hole.shape
    beyond = (-height % factor, -width % factor)
    whole = cv2.copyMakeBorder(image, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE)
    small = cv2.resize(
        whole, (whole.shape[1] // factor, whole.shape[0] // factor), interpolation=cv2.INTER_AREA
    )
    small_hole = np.any(_blocks(hole, beyond, factor), axis=(1, 3))
    small_usable = np.all(_blocks(usable, beyond, factor), axis=(1, 3)) & ~small_hole
    finest = _Scale(small.astype(np.float32), small_hole, small_usable)
    if not finest.sources().any():
        return None
    from_y, from_x = _origins(list(_pyramid(finest)))
    ys, xs = np.nonzero(hole)
    small_ys, small_xs = ys // factor, xs // factor
    filled = image.copy()
    filled[ys, xs] = whole[
        from_y[small_ys, small_xs] * factor + ys % factor, from_x[small_ys, small_xs] * factor + xs % factor
    ]
    return filled


def _blocks(mask: Bools, beyond: tuple[int, int], factor: int) -> Bools:
    padded = np.pad(mask, ((0, beyond[0]), (0, beyond[1])))
    return padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)


@dataclass(frozen=True)
class _Scale:
    """An image, float32 H × W × 3, at some size: its hole, and what of it may be copied, bool H × W."""

    image: Floats
    hole: Bools
    usable: Bools

    def sources(self) -> Bools:
        """Say where the middles of patches are that may be copied."""
        return np.asarray(cv2.erode(self.usable.astype(np.uint8), KERNEL, borderValue=0) > 0)

    def halved(self) -> "_Scale":
        """Give the same at half the size; what is known stays apart from the guess."""
        size = -(-self.hole.shape[1] // 2), -(-self.hole.shape[0] // 2)
        known = (~self.hole).astype(np.float32)
        share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        hole = share < 0.5
        sums = cv2.resize(self.image * known[..., None], size, interpolation=cv2.INTER_AREA)
        guess = cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)
        image = np.where(hole[..., None], guess, sums / np.maximum(share, 0.5)[..., None])
        usable = cv2.resize(self.usable.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
        return _Scale(image, hole, usable & ~hole)

    def guessed(self, coarser: Floats) -> Floats:
        """Give the image with what the coarser one has in the hole."""
        size = self.hole.shape[1], self.hole.shape[0]
        enlarged = cv2.resize(coarser, size, interpolation=cv2.INTER_CUBIC).clip(0, 255)
        return np.where(self.hole[..., None], enlarged, self.image)


def _pyramid(finest: _Scale) -> Iterator[_Scale]:
    """Give the scales, the finest first."""
    scale = finest
    while scale.hole.any() and scale.sources().sum() >= min(FEWEST_SOURCES, finest.sources().sum()):
        yield scale
        depth = cv2.distanceTransform(scale.hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3).max()
        if depth <= COARSEST:
            break
        scale = scale.halved()


def _origins(scales: list[_Scale]) -> tuple[Places, Places]:
    """Give row and column, on the finest scale, that each pixel of the hole is to be copied from."""
    image = scales[-1].image
    for scale in reversed(scales[1:]):
        voting = _PatchSynthesis(scale, scale.guessed(image))
        for _ in range(ROUNDS):
            voting.vote()
        image = voting.image()
    return _PatchSynthesis(scales[0], scales[0].guessed(image)).origins()


class _PatchSynthesis:
    """The patches of one scale that touch the hole, and those they vote for.

    All arrays have a border of ``HALF`` pixels; ``work`` is the image as it is agreed on so far.
    """

    def __init__(self, scale: _Scale, guess: Floats) -> None:
        self.work = np.pad(guess, ((HALF, HALF), (HALF, HALF), (0, 0)), mode="reflect")
        self.hole = np.pad(scale.hole, HALF)
        self.source_ys, self.source_xs = _chosen(self.work, self.hole, np.pad(scale.sources(), HALF))
        self.sources = _patches(self.work, self.source_ys, self.source_xs)
        self.keys = _with_place(self.sources, self.source_ys, self.source_xs)
        self.costs = np.square(self.keys).sum(1) / 2
        touching = cv2.dilate(scale.hole.astype(np.uint8), KERNEL) > 0
        self.ys, self.xs = np.nonzero(np.pad(touching, HALF))
        depth = cv2.distanceTransform(self.hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
        self.trust = FADING ** -depth[self.ys, self.xs]
        # where each patch has its pixels, SIDE² × N: offset by offset, as they are counted
        self.at_ys, self.at_xs = (
            at + offsets.reshape(-1, 1) - HALF
            for at, offsets in zip((self.ys, self.xs), np.indices((SIDE, SIDE)), strict=True)
        )

    def vote(self) -> None:
        """Have every patch find its like, and paint the hole as they say."""
        nearest, weight = self._nearest_patches()
        at = (self.at_ys * self.hole.shape[1] + self.at_xs).ravel()
        colors = self.sources[nearest].reshape(len(nearest), SIDE**2, 3).transpose(2, 1, 0)
        weights = self._summed(at, np.broadcast_to(weight, self.at_ys.shape))
        sums = np.stack([self._summed(at, weight * color) for color in colors], 2)
        self.work[self.hole] = sums[self.hole] / (weights[self.hole] + 1e-12)[:, None]

    def _summed(self, at: Places, votes: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(at, votes.ravel(), self.hole.size)
        return np.asarray(sums.reshape(self.hole.shape), np.float64)

    def _nearest_patches(self) -> tuple[Places, NDArray[np.float64]]:
        """Give for each patch the source most like it, and how much it is to be believed."""
        wanted = _patches(self.work, self.ys, self.xs)
        nearest = self._nearest(_with_place(wanted, self.ys, self.xs))
        misfit = np.square(self.sources[nearest] - wanted).mean(1)
        return nearest, self.trust * np.exp(-misfit / (2 * max(float(np.percentile(misfit, 75)), AGREED)))

    def _nearest(self, keys: Floats) -> Places:
        found = []
        for start in range(0, len(keys), AT_ONCE):
            alike = keys[start : start + AT_ONCE] @ self.keys.T
            alike -= self.costs
            found.append(alike.argmax(1))
        return np.concatenate(found)

    def image(self) -> Floats:
        """Give the image as it is agreed on, without the border."""
        return self.work[HALF:-HALF, HALF:-HALF]

    def origins(self) -> tuple[Places, Places]:
        """Give row and column of the pixel that suits each pixel of the hole best, without the border.

        It is one that a patch votes for that is to be believed and has the pixel near its middle.
        """
        nearest, weight = self._nearest_patches()
        best = np.zeros(self.hole.shape)
        from_y, from_x = (np.zeros(self.hole.shape, np.intp) for _ in range(2))
        for (dy, dx), ys, xs in zip(np.ndindex(SIDE, SIDE), self.at_ys, self.at_xs, strict=True):
            middling = weight * np.exp(-((dy - HALF) ** 2 + (dx - HALF) ** 2) / 8)
            better = middling > best[ys, xs]
            at, source = (ys[better], xs[better]), nearest[better]
            best[at] = middling[better]
            from_y[at] = self.source_ys[source] + dy - HALF
            from_x[at] = self.source_xs[source] + dx - HALF
        inner = slice(HALF, -HALF), slice(HALF, -HALF)
        return from_y[inner] - HALF, from_x[inner] - HALF


def _chosen(work: Floats, hole: Bools, sources: Bools) -> tuple[Places, Places]:
    """Give rows and columns of the sources that are used: the nearest, and few of the flat ones."""
    ys, xs = np.nonzero(sources)
    grey = work.mean(2)
    spread = (cv2.dilate(grey, KERNEL) - cv2.erode(grey, KERNEL))[ys, xs]
    used = (spread > FLAT) | (np.arange(len(ys)) % THIN == 0)
    ys, xs = ys[used], xs[used]
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)[ys, xs]
    nearest = np.sort(np.argsort(away, kind="stable")[:MOST_SOURCES])
    return ys[nearest], xs[nearest]


def _patches(work: Floats, ys: Places, xs: Places) -> Floats:
    """Give patches round their middles, as rows: N × 3 SIDE²."""
    windows = np.lib.stride_tricks.sliding_window_view(work, (SIDE, SIDE), axis=(0, 1))
    chosen = windows[ys - HALF, xs - HALF]  # N × 3 × side × side
    return chosen.transpose(0, 2, 3, 1).reshape(len(ys), 3 * SIDE**2)


def _with_place(patches: Floats, ys: Places, xs: Places) -> Floats:
    """Add to patches where they lie, so that being away counts as being different."""
    place = np.sqrt(FARNESS * 3 * SIDE**2) * np.stack([ys, xs], 1)
    return np.concatenate([patches, place.astype(np.float32)], 1)
