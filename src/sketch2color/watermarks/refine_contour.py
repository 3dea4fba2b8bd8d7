"""Put the outline of a plate where the plate ends.

The network tells where a mark lies to some pixels; but how opaque it is shows at its very edge, and a rim
left over shows more than anything. So each point of the rough outline may move along its normal, to where
colours step and what is passed over has the plate's colours; of all outlines that keep together the best is
found by dynamic programming, as in Amini, Weymouth and Jain, "Using Dynamic Programming for Solving
Variational Problems in Vision" (IEEE PAMI 1990), here once round a closed curve. Then tails and spikes in
the plate's colours are joined to it, which no smooth outline has.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate, erode
from sketch2color.watermarks.blend_model import dominant_color
from sketch2color.watermarks.color_log_odds import color_log_odds
from sketch2color.watermarks.shapes import window_around

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

INWARDS, OUTWARDS = 8.0, 10.0
"""Pixels at working size by which the outline may move."""
DEEPEST = 0.45
"""It moves inwards by no more than so much of the plate's greatest depth."""
SURROUNDINGS = 28.0
"""Pixels at working size round the rough outline that are looked at."""
TAIL = 12.0
"""Pixels at working size that tails reach."""
PITCH = 0.5
"""Pixels between two places that a point of the outline may move to."""
SMOOTH = 8.0
"""Pixels at working size over which the rough outline is smoothed first."""
ALONG = 4
"""Pixels along the outline, to either side, that steps are averaged over."""
STEP, CLEAR_STEP = 10.0, 24.0
"""Levels: a smaller step is none, one greater than the second counts no more, lest ink attract."""
LIKENESS, STAYING, BENDING = 0.15, 0.01, 0.6
"""What a pixel of the plate's colours, of way and of a change of it weigh; a clear step weighs 1."""
SEEN = 0.5
"""So much of the outline must be at a step."""
GROUNDS = 10.0
"""Levels by which the commonest colour of a plate differs from that of its surroundings; writing has none."""
ALIKE = 0.5
"""So much of what is rough or settled must be both."""
TELLING, EXCLUSIVE = 0.5, 1.6
"""Log ratios from which a colour is the plate's: under the rough outline, and beyond it."""
FEWEST = 50
"""Pixels of surroundings; fewer tell nothing."""
FINEST = 2.0
"""Pixels for one of the working size; a larger image is shrunk to that, for its outlines are no sharper."""


def refine_contour(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    """Give the pixels of a plate, its soft edge included, or None where no plate's edge is to be seen.

    Args:
        image: uint8, H × W × 3.
        rough: bool, H × W, about where the plate lies; not empty.
        scale: pixels of this image that a pixel of the working size is long.
    """
    window = window_around(rough, round(SURROUNDINGS * scale))
    factor = max(1, round(scale / FINEST))
    inner = _settled(_shrunk(image[window], factor), _shrunk(rough[window], factor), scale / factor)
    if inner is None:
        return None
    found = np.zeros_like(rough)
    size = found[window].shape[1::-1]
    found[window] = cv2.resize(inner.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    return found


def _shrunk(image: NDArray[Any], factor: int) -> NDArray[Any]:
    """Shrink an image or a mask by averaging; what is masked by half stays masked."""
    if factor == 1:
        return image
    size = -(-image.shape[1] // factor), -(-image.shape[0] // factor)
    if image.dtype == np.bool_:
        return np.asarray(cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= 0.5)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _settled(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    # an outline may leave the page, so the page goes on as it ends
    pad = round(2 * OUTWARDS * scale)
    page = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    mark = cv2.copyMakeBorder(rough.astype(np.uint8), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    cv2.rectangle(mark, (0, 0), (mark.shape[1] - 1, mark.shape[0] - 1), 0)
    outline = _moved(np.asarray(page, np.uint8), mark > 0, scale)
    if outline is None:
        return None
    plate = np.zeros_like(mark)
    cv2.fillPoly(plate, [outline], 1)
    within = plate[pad:-pad, pad:-pad] > 0
    if (within & rough).sum() < ALIKE * (within | rough).sum():
        return None
    return _completed(image, rough, within, scale)


def _completed(image: ImageArray, rough: Bools, plate: Bools, scale: float) -> Bools | None:
    """Join what has a plate's colours: all of it under the rough outline, and elsewhere what hangs on it."""
    away = cv2.distanceTransform((~plate).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    outside = (away > 2 * scale) & (away < TAIL * scale)
    if min(outside.sum(), plate.sum()) < FEWEST:
        return None
    if np.abs(dominant_color(image[plate]) - dominant_color(image[outside])).max() < GROUNDS:
        return None
    beyond = away > 0.75 * TAIL * scale
    if beyond.sum() < FEWEST:
        return None
    ratio = color_log_odds(image, erode(plate, 1), beyond)
    alike = (ratio > np.where(rough, TELLING, EXCLUSIVE)) & (away <= TAIL * scale)
    hanging = components_touching(alike | dilate(plate, 1), plate, connectivity=4)
    return dilate(plate | (alike & (rough | hanging)), 1)


def _moved(page: ImageArray, mark: Bools, scale: float) -> NDArray[np.int32] | None:
    """Give the points x, y of the best outline near a mark's, N × 2; None where too little of it is seen."""
    depth = cv2.distanceTransform(mark.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    away = cv2.distanceTransform((~mark).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    inwards = min(INWARDS * scale, DEEPEST * float(depth.max(initial=0)))
    inside, outside = depth > 0.75 * inwards, away > 0.6 * OUTWARDS * scale
    if min(inside.sum(), outside.sum()) < FEWEST:
        return None
    band = _Band.along(mark, inwards, OUTWARDS * scale, scale)
    steps = band.steps(page)
    passed = np.cumsum(band.look(color_log_odds(page, inside, outside)), 1) * PITCH
    score = np.minimum(steps, CLEAR_STEP) / CLEAR_STEP + LIKENESS * (2 * passed - passed[:, -1:])
    path = _best_round(np.asarray(score - STAYING * np.abs(band.offsets), np.float32))
    at = np.arange(len(path))
    if (steps[at, path] > STEP).mean() < SEEN:
        return None
    return np.rint(band.points[at, path]).astype(np.int32)


@dataclass(frozen=True)
class _Band:
    """The places that an outline's N points may move to: ``points`` x, y, N × K × 2, at K ``offsets``."""

    points: Floats
    offsets: Floats

    @classmethod
    def along(cls, mark: Bools, inwards: float, outwards: float, scale: float) -> "_Band":
        """Lay the band along a mark's outline, smoothed, a point for each pixel of its length."""
        contours, _ = cv2.findContours(mark.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        curve = _even(max(contours, key=cv2.contourArea)[:, 0].astype(np.float64))
        curve = _smoothed(curve, round(SMOOTH * scale))
        tangent = _smoothed(np.roll(curve, -2, 0) - np.roll(curve, 2, 0), round(2 * scale))
        tangent /= np.maximum(np.hypot(*tangent.T), 1e-6)[:, None]
        # OpenCV goes round an outer contour so that this points outwards
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        offsets = np.arange(-inwards, outwards + PITCH / 2, PITCH)
        points = curve[:, None] + normal[:, None] * offsets[:, None]
        return cls(points.astype(np.float32), offsets.astype(np.float32))

    def look(self, page: NDArray[np.uint8] | Floats) -> Floats:
        """Give a page's levels along the band: N × K, and channels if it has any."""
        xs, ys = np.ascontiguousarray(self.points[..., 0]), np.ascontiguousarray(self.points[..., 1])
        seen = cv2.remap(page, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32)

    def steps(self, page: ImageArray) -> Floats:
        """Give by how many levels colours step at each place, N × K, in the channel that steps most."""
        seen = self.look(page)
        seen = np.concatenate([seen[-ALONG:], seen, seen[:ALONG]])
        seen = np.asarray(cv2.blur(seen, (1, 2 * ALONG + 1)), np.float32)[ALONG:-ALONG]
        # means over two pixels, which begin a pixel and a half to either side
        apart, over = round(1.5 / PITCH), round(2 / PITCH)
        kernel = np.zeros((1, 2 * (apart + over) + 1), np.float32)
        kernel[0, :over], kernel[0, -over:] = 1 / over, -1 / over
        stepped = cv2.filter2D(seen, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(max_channel_diff(stepped, 0), np.float32)


def _even(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Space the points of a closed curve, N × 2, a pixel apart."""
    closed = np.concatenate([curve, curve[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, length[-1], max(16, round(length[-1])), endpoint=False)
    return np.stack([np.interp(at, length, closed[:, axis]) for axis in (0, 1)], 1)


def _smoothed(curve: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Average the points of a closed curve over ``radius`` to either side, at most half way round."""
    radius = max(1, min(radius, (len(curve) - 1) // 2))
    kernel = np.full(2 * radius + 1, 1 / (2 * radius + 1))
    wrapped = np.concatenate([curve[-radius:], curve, curve[:radius]])
    return np.stack([np.convolve(wrapped[:, axis], kernel, "valid") for axis in (0, 1)], 1)


def _best_round(score: Floats) -> NDArray[np.intp]:
    """Give one place of K for each of N points, the best in sum, none more than one from the last.

    The round is gone three times and the middle one kept, so that its end meets its beginning.
    """
    thrice = np.concatenate([score, score, score]).astype(np.float64)
    best = np.pad(thrice[0], 1, constant_values=-np.inf)
    near = sliding_window_view(best, 3).T  # a view: it follows what is written to best
    bending = np.array([[BENDING], [0.0], [BENDING]])
    came = np.zeros(thrice.shape, np.int8)
    for number in range(1, len(thrice)):
        ways = near - bending
        came[number] = ways.argmax(0) - 1
        best[1:-1] = ways.max(0) + thrice[number]
    path = np.zeros(len(thrice), np.intp)
    path[-1] = best.argmax() - 1
    for number in range(len(thrice) - 1, 0, -1):
        path[number - 1] = path[number] + came[number, path[number]]
    return path[len(score) : 2 * len(score)]
