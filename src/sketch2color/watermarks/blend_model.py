"""How opaque a mark is and of what colour, told from the lines and areas that cross its edge.

A mark of opacity a and colour C shows I = (1 - a) B + a C of what lies under it, B. That is a rising straight
line in B, so the darkest (and palest) level near a point of the mark's edge, inside, is what the line makes
of the darkest (palest) outside, wherever the same lines and areas go on. Such pairs give the slope 1 - a, and
what the commonest colour outside, P, has become inside, V, gives the rest: I = V + (1 - a) (B - P).

P and V are planes, for light falls off over a page and some plates fade from end to end. Where V runs towards
P so does the opacity, C being one: a is in proportion to the distance from P to V.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import disc, grown, shrunk
from sketch2color.watermarks.plane import Plane, fit_plane, pixels

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

REACH = 4.0
"""Pixels from the mark's edge within which levels are compared."""
NOISE = 12.0
"""Levels; what differs less from paper or plate is their grain."""
TELLING = 30.0
"""Levels that a pair must differ from paper, to tell how opaque the mark is."""
FEWEST = 20
"""Telling pairs; fewer are not believed."""
GOING_ON = 0.6
"""So much of the ink just inside the edge must lie near ink outside, to be taken for the same lines."""
KEPT = 0.5
"""Contrast that lines must have kept for these to tell the opacity alone; letters pass for fainter ones."""
STEADY = 32.0
"""Levels by which a line may change its tone on its way to the edge."""
EVEN = 0.5
"""So much of the paper along the edge must show as one plane under the mark."""
AGREEING = 0.4
"""So much of the telling pairs must agree on one opacity."""
OPAQUE, LIKELIER = 0.9, 1.5
"""An opacity from ``OPAQUE`` on hides everything; any other must be ``LIKELIER`` by this factor."""
GROUNDS = 3
"""How many of the commonest colours are tried for paper."""
VISIBLE = 10.0
"""Levels between paper and plate, below which a change of them says nothing about opacity."""
CLEAREST, DENSEST = 0.97, 0.28
"""Bounds of 1 - a: a mark paler or denser than this is not seen through."""
UNSEEN = 0.85
"""The upper bound where paper shows as paper: there may be no plate at all, but letters with a wide mask."""
DOUBTED = 0.75
"""Pairs that leave less than this of the least possible contrast are no good."""


@dataclass(frozen=True)
class Veil:
    """A translucent mark: ``paper`` shows as ``plate``.

    ``density`` is its opacity where the two are ``reference`` levels apart.
    """

    paper: Plane
    plate: Plane
    density: float
    reference: float

    def on(self, ys: NDArray[Any], xs: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
        """Give P and V (… × 3) and 1 - a (… × 1) at pixels."""
        paper, plate = self.paper.at(ys, xs), self.plate.at(ys, xs)
        clear = 1 - self.density * _course(paper, plate, self.reference)
        return paper, plate, clear.clip(DENSEST / 1.5, 1)[..., None]


def _course(paper: Floats, plate: Floats, reference: float) -> Floats:
    """Give the opacity at pixels relative to the densest."""
    if reference < VISIBLE:
        return np.ones(paper.shape[:-1])
    return np.asarray((np.sqrt(np.square(plate - paper).sum(-1)) / reference).clip(0, 1.2))


def estimate(image: ImageArray, hole: Bools, inside: Bools, outside: Bools, scale: float) -> Veil | None:
    """Estimate a mark's veil; None where too little crosses its edge, or the mark is opaque.

    Args:
        image: uint8, H × W × 3.
        hole: bool, H × W, the mark.
        inside: bool, H × W, the mark without its soft edge.
        outside: bool, H × W, a band round the mark with no mark on it.
        scale: pixels of this image that a pixel of the working size is long.
    """
    pairs = _pairs(image, hole, inside, outside, scale)
    if len(pairs.before) < FEWEST:
        return None
    best, most = None, 0
    unused = np.ones(len(pairs.before), bool)
    for _ in range(GROUNDS):
        if unused.sum() < FEWEST:
            break
        ground = max_channel_diff(pairs.before, commonest(pairs.before[unused])) <= 2 * NOISE
        unused &= ~ground
        planes = _planes(pairs, ground)
        if planes is None:
            continue
        veil = planes.veil(pairs, *_contrast_kept(image, planes, inside, outside, scale))
        if veil is None:
            continue
        agreeing = int((planes.errors(pairs, veil.density) <= NOISE).sum())
        if agreeing > 1.2 * most:  # the commonest colour is paper, as a rule
            best, most = veil, agreeing
    return best


def _contrast_kept(
    image: ImageArray, planes: "_Planes", inside: Bools, outside: Bools, scale: float
) -> tuple[float, float]:
    """Give what share of contrast the lines that run under a mark have kept: at least, and most likely.

    Nothing is darker than black: what is I under the mark and paper less V - I was at most P before. But
    most likely it was as dark as the lines are outside. 0 where none run in.
    """
    paper, plate = (plane.at(*pixels(inside.shape)) for plane in (planes.paper, planes.plate))
    deeper = 2 * NOISE
    outer = (paper - image).min(2)
    ink_outside = outside & (outer > deeper)
    deep = shrunk(inside, REACH / 2 * scale)  # a mask may be wider than the mark
    band = deep & ~shrunk(deep, 1.5 * REACH * scale)
    depth = (plate - image).min(2)
    ink = band & (depth > deeper)
    going_on = ink & grown(ink_outside, 2.5 * REACH * scale)
    if going_on.sum() < FEWEST * scale or going_on.sum() < GOING_ON * ink.sum():
        return 0.0, 0.0
    least = np.percentile((depth / paper.mean(2).clip(1))[going_on], 90)
    likely = np.percentile(depth[going_on], 90) / np.percentile(outer[ink_outside], 90)
    return float(least), float(likely)


@dataclass(frozen=True)
class _Planes:
    """What the paper along a mark's edge is, and what it shows as under the mark."""

    paper: Plane
    plate: Plane
    reference: float

    def veil(self, pairs: "_Pairs", least: float, likely: float) -> Veil | None:
        """Complete the veil by its opacity; None if it is opaque.

        That leaves ``least`` of contrasts, and ``likely`` where no pairs agree on another.
        """
        away, shown, course = self._contrasts(pairs)
        telling = max_channel_diff(away, 0) > TELLING
        density = None
        if telling.sum() >= FEWEST:
            density = _density(away[telling], shown[telling], course[telling])
        middle = float(np.median(course))
        if least > KEPT and (density is None or 1 - density * middle < DOUBTED * least):
            density = (1 - least) / middle
        elif density is None and likely > KEPT:
            density = (1 - likely) / middle
        if density is None or not DENSEST <= 1 - density * middle <= self._clearest():
            return None
        return Veil(self.paper, self.plate, density, self.reference)

    def _clearest(self) -> float:
        """Give the bound of 1 - a beyond which the mark's colour is outside 0 to 255, or it has none."""
        paper, plate = self.paper.terms[0], self.plate.terms[0]
        darkening = (plate + NOISE) / np.maximum(paper, 1)
        paling = (255 - plate + NOISE) / np.maximum(255 - paper, 1)
        clearest = CLEAREST if self.reference > VISIBLE else UNSEEN
        return float(min(clearest, darkening.min(), paling.min()))

    def errors(self, pairs: "_Pairs", density: float) -> Floats:
        """Give by how many levels each pair differs from what an opacity makes of it."""
        away, shown, course = self._contrasts(pairs)
        return np.asarray(max_channel_diff(shown, (1 - density * course)[:, None] * away))

    def _contrasts(self, pairs: "_Pairs") -> tuple[Floats, Floats, Floats]:
        paper, plate = self.paper.at(pairs.ys, pairs.xs), self.plate.at(pairs.ys, pairs.xs)
        return pairs.before - paper, pairs.after - plate, _course(paper, plate, self.reference)


def _planes(pairs: "_Pairs", ground: Bools) -> _Planes | None:
    """Fit paper and plate, taking the pairs ``ground`` for paper; None where they are not even."""
    ys, xs, before, after = pairs.ys, pairs.xs, pairs.before, pairs.after
    paper, plain = fit_plane(ys, xs, before, ground)
    if plain.sum() < FEWEST:
        return None
    shown = np.median(after[plain], axis=0)
    start = max_channel_diff(after[plain], shown) <= 5 * NOISE
    if start.sum() < FEWEST / 2:
        return None
    plate, even = fit_plane(ys[plain], xs[plain], after[plain], start)
    if even.mean() < EVEN:
        return None
    distance = np.sqrt(np.square(plate.at(ys, xs) - paper.at(ys, xs)).sum(1))
    return _Planes(paper, plate, float(np.percentile(distance, 90)))


def _density(away: Floats, shown: Floats, course: Floats) -> float | None:
    """Find the opacity that most pairs agree on; None where they do not."""
    size = max_channel_diff(away, 0)
    tried = np.arange(0, 1.01, 0.02)
    errors = max_channel_diff(shown, (1 - tried[:, None] * course)[..., None] * away)
    belief = (np.exp(-np.square(errors / NOISE)) * size).sum(1)
    best = int(belief.argmax())
    agree = errors[best] <= 1.5 * NOISE
    if agree.mean() < AGREEING or belief[best] < LIKELIER * belief[tried >= OPAQUE].max():
        return None
    close = errors[best] <= NOISE
    covered = course[close, None] * away[close]  # shown = away - density × covered
    if not covered.any():
        return None
    return float(((away[close] - shown[close]) * covered).sum() / np.square(covered).sum())


@dataclass(frozen=True)
class _Pairs:
    """Points of a mark's edge, N rows and columns, and levels near them outside and inside, N × 3 each."""

    ys: NDArray[np.intp]
    xs: NDArray[np.intp]
    before: Floats
    after: Floats


def _pairs(image: ImageArray, hole: Bools, inside: Bools, outside: Bools, scale: float) -> _Pairs:
    """Gather the darkest and the palest levels where these are the same next to the edge and farther off.

    Else a line that runs beside the edge would count as one that crosses it. Letters are too thin to tell.
    """
    near_disc, far_disc = disc(max(2, round(scale * REACH / 2))), disc(round(scale * REACH))
    edge = hole & ~shrunk(hole, 1)
    near_out = outside & (cv2.dilate(edge.astype(np.uint8), near_disc) > 0)
    near_in = inside & ~shrunk(inside, scale * REACH / 2)
    rings = (near_out, outside & ~near_out, near_in, inside & ~near_in)
    there = [cv2.dilate(ring.astype(np.uint8), far_disc) > 0 for ring in rings]
    edge &= there[0] & there[1] & there[2]
    thin = ~there[3][edge]
    softened = [_softened(image, ring, scale) for ring in rings]
    gathered: list[list[NDArray[Any]]] = []
    for spread, nothing in ((cv2.erode, 255), (cv2.dilate, 0)):
        seen = [
            spread(np.where(ring[..., None], soft, np.uint8(nothing)), far_disc)[edge].astype(np.float64)
            for ring, soft in zip(rings, softened, strict=True)
        ]
        steady = max_channel_diff(seen[0], seen[1]) <= STEADY
        steady &= thin | (max_channel_diff(seen[2], seen[3]) <= STEADY)
        gathered.append([*(at[steady] for at in np.nonzero(edge)), seen[0][steady], seen[2][steady]])
    return _Pairs(*(np.concatenate(both) for both in zip(*gathered, strict=True)))


def _softened(image: ImageArray, area: Bools, scale: float) -> ImageArray:
    """Blur within ``area`` alone, for the rings of JPEG beside lines are darker and paler than these."""
    side = 2 * round(scale) + 1
    weight = cv2.blur(area.astype(np.float32), (side, side))[..., None]
    soft = cv2.blur(np.where(area[..., None], image, 0).astype(np.float32), (side, side))
    return np.asarray(np.rint(soft / np.maximum(weight, 1e-3)), np.uint8)


def commonest(pixels: NDArray[np.uint8] | Floats) -> Floats:
    """Give the commonest colour of N × 3 pixels; planes run a little beyond 0 to 255."""
    bins = (pixels.astype(np.int64) >> 4).clip(0, 15) @ np.array([256, 16, 1])
    return np.asarray(np.median(pixels[bins == np.bincount(bins).argmax()], axis=0), np.float64)
