"""How a translucent mark is blended: its opacity and color, from lines and areas that cross its edge.

A mark of opacity a and color C shows I = (1 - a) B + a C of what lies under it, B. That is linear in B and
rising, so the darkest (and palest) level near a point of the mark's edge, inside, is the image of the darkest
(palest) outside, wherever the same lines and areas continue. Such pairs give the slope 1 - a, and what the
dominant color outside, P, has become inside, V, gives the rest: I = V + (1 - a) (B - P).

P and V are planes, for light falls off over a page and some plates fade from end to end. Where V approaches
P so does the opacity, as C is one color: a is in proportion to the distance from P to V.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import dilate, disc, erode
from sketch2color.watermarks.colors import dominant_color
from sketch2color.watermarks.masks import Bools, Floats
from sketch2color.watermarks.plane import Plane, fit_plane, pixel_grid

REACH = 4.0  # pixels at working size from the mark's edge within which levels are compared
NOISE = 12.0  # levels: what differs less from paper or plate is grain
INFORMATIVE = 30.0  # levels that a pair must differ from paper to count for the opacity
FEWEST = 20  # informative pairs; with fewer there is no estimate
CONTINUING = 0.6  # share of the ink inside the edge near ink outside, from which both are the same lines
KEPT = 0.5  # contrast that lines must keep to give the opacity alone; letters pass for fainter lines
STEADY = 32.0  # levels by which a line may change its tone on its way to the edge
EVEN = 0.5  # share of the paper along the edge that shows as one plane under the mark
AGREEING = 0.4  # share of the informative pairs that agree on one opacity
OPAQUE, LIKELIER = 0.9, 1.5  # any opacity must be so many times likelier than those from OPAQUE on
GROUNDS = 3  # of the most frequent colors are tried for paper
VISIBLE = 10.0  # levels between paper and plate, below which their distance says nothing about opacity
MIN_TRANSMITTANCE, MAX_TRANSMITTANCE = 0.28, 0.97  # of marks that are unblended
MAX_INVISIBLE_TRANSMITTANCE = 0.85  # where paper shows as paper: above, there may be letters and no plate
DOUBTED = 0.75  # pairs that leave less than this share of the least possible contrast are wrong


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
        """Return P and V (… × 3) and the transmittance 1 - a (… × 1) at pixels."""
        paper, plate = self.paper.at(ys, xs), self.plate.at(ys, xs)
        transmittance = 1 - self.alpha * _relative_alpha(paper, plate, self.reference)
        return paper, plate, transmittance.clip(MIN_TRANSMITTANCE / 1.5, 1)[..., None]


def _relative_alpha(paper: Floats, plate: Floats, reference: float) -> Floats:
    """Return the opacity at pixels relative to the greatest."""
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
        outside: bool, H × W, a band around the mark with no mark on it.
        scale: pixels of this image for one at working size.
    """
    pairs = _pairs(image, mask, inside, outside, scale)
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
        if agreeing > 1.2 * most:  # the dominant color is paper, as a rule
            best, most = model, agreeing
    return best


def _contrast_kept(
    image: ImageArray, planes: "_Planes", inside: Bools, outside: Bools, scale: float
) -> tuple[float, float]:
    """Return the share of contrast that lines under a mark have kept: at least, and most likely.

    Nothing is darker than black: the contrast V - I under the mark was at most P. But most likely it was that
    of the lines outside. 0 where no lines continue.
    """
    paper, plate = (plane.at(*pixel_grid(inside.shape)) for plane in (planes.paper, planes.plate))
    darkness, depth = (paper - image).min(2), (plate - image).min(2)
    ink_outside = outside & (darkness > 2 * NOISE)
    deep = erode(inside, REACH / 2 * scale)  # a mask may be wider than the mark
    ink = deep & ~erode(deep, 1.5 * REACH * scale) & (depth > 2 * NOISE)
    continuing = ink & dilate(ink_outside, 2.5 * REACH * scale)
    if continuing.sum() < FEWEST * scale or continuing.sum() < CONTINUING * ink.sum():
        return 0.0, 0.0
    least = np.percentile((depth / paper.mean(2).clip(1))[continuing], 90)
    likely = np.percentile(depth[continuing], 90) / np.percentile(darkness[ink_outside], 90)
    return float(least), float(likely)


@dataclass(frozen=True)
class _Planes:
    """The paper along a mark's edge, and what it shows as under the mark."""

    paper: Plane
    plate: Plane
    reference: float

    def model(self, pairs: "_Pairs", least: float, likely: float) -> BlendModel | None:
        """Complete the model by its opacity; None if it is opaque.

        It leaves at least ``least`` of contrasts, and ``likely`` where the pairs do not agree.
        """
        outer, inner, relative = self._contrasts(pairs)
        informative = max_channel_diff(outer, 0) > INFORMATIVE
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
        """Return the bound of 1 - a beyond which the mark's color is outside 0 to 255, or it has none."""
        paper, plate = self.paper.terms[0], self.plate.terms[0]
        darkening = (plate + NOISE) / np.maximum(paper, 1)
        paling = (255 - plate + NOISE) / np.maximum(255 - paper, 1)
        bound = MAX_TRANSMITTANCE if self.reference > VISIBLE else MAX_INVISIBLE_TRANSMITTANCE
        return float(min(bound, darkening.min(), paling.min()))

    def errors(self, pairs: "_Pairs", alpha: float) -> Floats:
        """Return by how many levels each pair differs from what an opacity makes of it."""
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
    start = max_channel_diff(after[plain], np.median(after[plain], axis=0)) <= 5 * NOISE
    if start.sum() < FEWEST / 2:
        return None
    plate, even = fit_plane(ys[plain], xs[plain], after[plain], start)
    if even.mean() < EVEN:
        return None
    distance = np.sqrt(np.square(plate.at(ys, xs) - paper.at(ys, xs)).sum(1))
    return _Planes(paper, plate, float(np.percentile(distance, 90)))


def _fit_alpha(outer: Floats, inner: Floats, relative: Floats) -> float | None:
    """Return the opacity that most pairs agree on; None where they do not, or are too few."""
    if len(outer) < FEWEST:
        return None
    size = max_channel_diff(outer, 0)
    tried = np.arange(0, 1.01, 0.02)
    errors = max_channel_diff(inner, (1 - tried[:, None] * relative)[..., None] * outer)
    votes = (np.exp(-np.square(errors / NOISE)) * size).sum(1)
    best = int(votes.argmax())
    agree = errors[best] <= 1.5 * NOISE
    if agree.mean() < AGREEING or votes[best] < LIKELIER * votes[tried >= OPAQUE].max():
        return None
    close = errors[best] <= NOISE
    covered = relative[close, None] * outer[close]  # inner = outer - alpha × covered
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
    reached = [cv2.dilate(ring.astype(np.uint8), far_disc) > 0 for ring in rings]
    edge &= reached[0] & reached[1] & reached[2]
    thin = ~reached[3][edge]
    blurred = [_blur_within(image, ring, scale) for ring in rings]
    pairs: list[tuple[NDArray[Any], ...]] = []
    for spread, neutral in ((cv2.erode, 255), (cv2.dilate, 0)):
        levels = [
            spread(np.where(ring[..., None], soft, np.uint8(neutral)), far_disc)[edge].astype(np.float64)
            for ring, soft in zip(rings, blurred, strict=True)
        ]
        steady = max_channel_diff(levels[0], levels[1]) <= STEADY
        steady &= thin | (max_channel_diff(levels[2], levels[3]) <= STEADY)
        pairs.append((*(at[steady] for at in np.nonzero(edge)), levels[0][steady], levels[2][steady]))
    return _Pairs(*(np.concatenate(both) for both in zip(*pairs, strict=True)))


def _blur_within(image: ImageArray, area: Bools, scale: float) -> ImageArray:
    """Blur within ``area`` alone, for JPEG's ringing beside lines is darker and paler than these."""
    side = 2 * round(scale) + 1
    weight = cv2.blur(area.astype(np.float32), (side, side))[..., None]
    blurred = cv2.blur(np.where(area[..., None], image, 0).astype(np.float32), (side, side))
    return np.asarray(np.rint(blurred / np.maximum(weight, 1e-3)), np.uint8)
