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
from sketch2color.imaging.morphology import dilate, disc, erode
from sketch2color.watermarks.plane import Plane, fit_plane, pixels

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

REACH = 4.0
"""Pixels from the mark's edge within which levels are compared."""
NOISE = 12.0
"""Levels; what differs less from paper or plate is their grain."""
INFORMATIVE = 30.0
"""Levels that a pair must differ from paper, to tell how opaque the mark is."""
FEWEST = 20
"""Telling pairs; fewer are not believed."""
CONTINUING = 0.6
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
MAX_TRANSMITTANCE, MIN_TRANSMITTANCE = 0.97, 0.28
"""Bounds of 1 - a: a mark paler or denser than this is not seen through."""
UNSEEN = 0.85
"""The upper bound where paper shows as paper: there may be no plate at all, but letters with a wide mask."""
DOUBTED = 0.75
"""Pairs that leave less than this of the least possible contrast are no good."""


@dataclass(frozen=True)
class BlendModel:
    """A translucent mark: ``paper`` shows as ``plate``.

    ``alpha`` is its opacity where the two are ``reference`` levels apart.
    """

    paper: Plane
    plate: Plane
    alpha: float
    reference: float

    def at(self, ys: NDArray[Any], xs: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
        """Give P and V (… × 3) and 1 - a (… × 1) at pixels."""
        paper, plate = self.paper.at(ys, xs), self.plate.at(ys, xs)
        transmittance = 1 - self.alpha * _relative_alpha(paper, plate, self.reference)
        return paper, plate, transmittance.clip(MIN_TRANSMITTANCE / 1.5, 1)[..., None]


def _relative_alpha(paper: Floats, plate: Floats, reference: float) -> Floats:
    """Give the opacity at pixels relative to the densest."""
    if reference < VISIBLE:
        return np.ones(paper.shape[:-1])
    return np.asarray((np.sqrt(np.square(plate - paper).sum(-1)) / reference).clip(0, 1.2))


def fit_blend_model(
    image: ImageArray, mask: Bools, inside: Bools, outside: Bools, scale: float
) -> BlendModel | None:
    """Estimate how a mark is blended; None where too little crosses its edge, or the mark is opaque.

    Args:
        image: uint8, H × W × 3.
        mask: bool, H × W, the mark.
        inside: bool, H × W, the mark without its soft edge.
        outside: bool, H × W, a band round the mark with no mark on it.
        scale: pixels of this image that a pixel of the working size is long.
    """
    pairs = _pairs(image, mask, inside, outside, scale)
    if len(pairs.before) < FEWEST:
        return None
    best, most = None, 0
    unused = np.ones(len(pairs.before), bool)
    for _ in range(GROUNDS):
        if unused.sum() < FEWEST:
            break
        ground = max_channel_diff(pairs.before, dominant_color(pairs.before[unused])) <= 2 * NOISE
        unused &= ~ground
        planes = _planes(pairs, ground)
        if planes is None:
            continue
        model = planes.model(pairs, *_contrast_kept(image, planes, inside, outside, scale))
        if model is None:
            continue
        agreeing = int((planes.errors(pairs, model.alpha) <= NOISE).sum())
        if agreeing > 1.2 * most:  # the commonest colour is paper, as a rule
            best, most = model, agreeing
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
    darkness = (paper - image).min(2)
    ink_outside = outside & (darkness > deeper)
    deep = erode(inside, REACH / 2 * scale)  # a mask may be wider than the mark
    band = deep & ~erode(deep, 1.5 * REACH * scale)
    depth = (plate - image).min(2)
    ink = band & (depth > deeper)
    continuing = ink & dilate(ink_outside, 2.5 * REACH * scale)
    if continuing.sum() < FEWEST * scale or continuing.sum() < CONTINUING * ink.sum():
        return 0.0, 0.0
    least = np.percentile((depth / paper.mean(2).clip(1))[continuing], 90)
    likely = np.percentile(depth[continuing], 90) / np.percentile(darkness[ink_outside], 90)
    return float(least), float(likely)


@dataclass(frozen=True)
class _Planes:
    """What the paper along a mark's edge is, and what it shows as under the mark."""

    paper: Plane
    plate: Plane
    reference: float

    def model(self, pairs: "_Pairs", least: float, likely: float) -> BlendModel | None:
        """Complete the model by its alpha; None if it is opaque.

        That leaves ``least`` of contrasts, and ``likely`` where no pairs agree on another.
        """
        outer, inner, relative = self._contrasts(pairs)
        informative = max_channel_diff(outer, 0) > INFORMATIVE
        alpha = None
        if informative.sum() >= FEWEST:
            alpha = _fit_alpha(outer[informative], inner[informative], relative[informative])
        middle = float(np.median(relative))
        if least > KEPT and (alpha is None or 1 - alpha * middle < DOUBTED * least):
            alpha = (1 - least) / middle
        elif alpha is None and likely > KEPT:
            alpha = (1 - likely) / middle
        if alpha is None or not MIN_TRANSMITTANCE <= 1 - alpha * middle <= self._max_transmittance():
            return None
        return BlendModel(self.paper, self.plate, alpha, self.reference)

    def _max_transmittance(self) -> float:
        """Give the bound of 1 - a beyond which the mark's colour is outside 0 to 255, or it has none."""
        paper, plate = self.paper.terms[0], self.plate.terms[0]
        darkening = (plate + NOISE) / np.maximum(paper, 1)
        paling = (255 - plate + NOISE) / np.maximum(255 - paper, 1)
        clearest = MAX_TRANSMITTANCE if self.reference > VISIBLE else UNSEEN
        return float(min(clearest, darkening.min(), paling.min()))

    def errors(self, pairs: "_Pairs", alpha: float) -> Floats:
        """Give by how many levels each pair differs from what an opacity makes of it."""
        outer, inner, relative = self._contrasts(pairs)
        return np.asarray(max_channel_diff(inner, (1 - alpha * relative)[:, None] * outer))

    def _contrasts(self, pairs: "_Pairs") -> tuple[Floats, Floats, Floats]:
        paper, plate = self.paper.at(pairs.ys, pairs.xs), self.plate.at(pairs.ys, pairs.xs)
        return pairs.before - paper, pairs.after - plate, _relative_alpha(paper, plate, self.reference)


def _planes(pairs: "_Pairs", ground: Bools) -> _Planes | None:
    """Fit paper and plate, taking the pairs ``ground`` for paper; None where they are not even."""
    ys, xs, before, after = pairs.ys, pairs.xs, pairs.before, pairs.after
    paper, plain = fit_plane(ys, xs, before, ground)
    if plain.sum() < FEWEST:
        return None
    inner = np.median(after[plain], axis=0)
    start = max_channel_diff(after[plain], inner) <= 5 * NOISE
    if start.sum() < FEWEST / 2:
        return None
    plate, even = fit_plane(ys[plain], xs[plain], after[plain], start)
    if even.mean() < EVEN:
        return None
    distance = np.sqrt(np.square(plate.at(ys, xs) - paper.at(ys, xs)).sum(1))
    return _Planes(paper, plate, float(np.percentile(distance, 90)))


def _fit_alpha(outer: Floats, inner: Floats, relative: Floats) -> float | None:
    """Find the opacity that most pairs agree on; None where they do not."""
    size = max_channel_diff(outer, 0)
    tried = np.arange(0, 1.01, 0.02)
    errors = max_channel_diff(inner, (1 - tried[:, None] * relative)[..., None] * outer)
    belief = (np.exp(-np.square(errors / NOISE)) * size).sum(1)
    best = int(belief.argmax())
    agree = errors[best] <= 1.5 * NOISE
    if agree.mean() < AGREEING or belief[best] < LIKELIER * belief[tried >= OPAQUE].max():
        return None
    close = errors[best] <= NOISE
    covered = relative[close, None] * outer[close]  # shown = away - density × covered
    if not covered.any():
        return None
    return float(((outer[close] - inner[close]) * covered).sum() / np.square(covered).sum())


@dataclass(frozen=True)
class _Pairs:
    """Points of a mark's edge, N rows and columns, and levels near them outside and inside, N × 3 each."""

    ys: NDArray[np.intp]
    xs: NDArray[np.intp]
    before: Floats
    after: Floats


def _pairs(image: ImageArray, mask: Bools, inside: Bools, outside: Bools, scale: float) -> _Pairs:
    """Gather the darkest and the palest levels where these are the same next to the edge and farther off.

    Else a line that runs beside the edge would count as one that crosses it. Letters are too thin to tell.
    """
    near_disc, far_disc = disc(max(2, round(scale * REACH / 2))), disc(round(scale * REACH))
    edge = mask & ~erode(mask, 1)
    near_out = outside & (cv2.dilate(edge.astype(np.uint8), near_disc) > 0)
    near_in = inside & ~erode(inside, scale * REACH / 2)
    rings = (near_out, outside & ~near_out, near_in, inside & ~near_in)
    near = [cv2.dilate(ring.astype(np.uint8), far_disc) > 0 for ring in rings]
    edge &= near[0] & near[1] & near[2]
    thin = ~near[3][edge]
    blurred = [_blur_within(image, ring, scale) for ring in rings]
    gathered: list[list[NDArray[Any]]] = []
    for spread, nothing in ((cv2.erode, 255), (cv2.dilate, 0)):
        seen = [
            spread(np.where(ring[..., None], blurred, np.uint8(nothing)), far_disc)[edge].astype(np.float64)
            for ring, blurred in zip(rings, blurred, strict=True)
        ]
        steady = max_channel_diff(seen[0], seen[1]) <= STEADY
        steady &= thin | (max_channel_diff(seen[2], seen[3]) <= STEADY)
        gathered.append([*(at[steady] for at in np.nonzero(edge)), seen[0][steady], seen[2][steady]])
    return _Pairs(*(np.concatenate(both) for both in zip(*gathered, strict=True)))


def _blur_within(image: ImageArray, area: Bools, scale: float) -> ImageArray:
    """Blur within ``area`` alone, for the rings of JPEG beside lines are darker and paler than these."""
    side = 2 * round(scale) + 1
    weight = cv2.blur(area.astype(np.float32), (side, side))[..., None]
    blurred = cv2.blur(np.where(area[..., None], image, 0).astype(np.float32), (side, side))
    return np.asarray(np.rint(blurred / np.maximum(weight, 1e-3)), np.uint8)


def dominant_color(pixels: NDArray[np.uint8] | Floats) -> Floats:
    """Give the commonest colour of N × 3 pixels; planes run a little beyond 0 to 255."""
    bins = (pixels.astype(np.int64) >> 4).clip(0, 15) @ np.array([256, 16, 1])
    return np.asarray(np.median(pixels[bins == np.bincount(bins).argmax()], axis=0), np.float64)
