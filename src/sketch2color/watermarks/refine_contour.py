"""Refine the outline of a plate to where the plate ends.

The network locates a mark to some pixels; but its opacity shows at its very edge, and a rim left over shows
more than anything. So each point of the rough outline may move along its normal, to where colors step and
what is passed over has the plate's colors; of all smooth outlines the best is found by dynamic programming,
as in Amini, Weymouth and Jain, "Using Dynamic Programming for Solving Variational Problems in Vision" (IEEE
PAMI 1990), here around a closed curve. Then tails and spikes in the plate's colors are joined to it.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.morphology import components_touching, dilate, distance_to, erode
from sketch2color.watermarks.colors import color_log_odds, dominant_color
from sketch2color.watermarks.masks import MAX_SCALE, Bools, Floats, bounding_box

Singles = NDArray[np.float32]

# pixels at working size
INWARDS, OUTWARDS = 8.0, 10.0  # by which the outline may move
SURROUNDINGS = 28.0  # around the rough outline that are read
TAIL = 12.0  # that tails reach
SMOOTH = 8.0  # over which the rough outline is smoothed first

DEEPEST = 0.45  # share of the plate's greatest depth by which the outline may move inwards
PITCH = 0.5  # pixels between two offsets of a point of the outline
ALONG = 4  # pixels along the outline, to either side, over which steps are averaged
MIN_STEP, MAX_STEP = (
    10.0,
    24.0,
)  # levels: smaller steps are none; greater count no more, lest ink attract
COLOR_WEIGHT, OFFSET_WEIGHT, BENDING = 0.15, 0.01, 0.6  # per pixel; the greatest step weighs 1
STEPPING = 0.5  # share of the outline that must be at a step
MIN_CONTRAST = 10.0  # levels between the dominant colors of a plate and its surroundings; writing has none
MIN_IOU = 0.5  # of the rough and the refined plate
LOG_ODDS_UNDER, LOG_ODDS_BEYOND = (
    0.5,
    1.6,
)  # from which a color is the plate's: under the rough outline, beyond
FEWEST = 50  # pixels of plate or surroundings; fewer tell nothing


def refine_contour(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    """Return the pixels of a plate, its soft edge included, or None where no edge of a plate shows.

    Args:
        image: uint8, H × W × 3.
        rough: bool, H × W, about where the plate lies; not empty.
        scale: pixels of this image for one at working size.
    """
    window = bounding_box(rough, round(SURROUNDINGS * scale))
    factor = max(1, round(scale / MAX_SCALE))
    small_image, small_rough = image[window], rough[window]
    size = small_rough.shape[1::-1]
    if factor > 1:
        small_size = -(-size[0] // factor), -(-size[1] // factor)
        small_image = np.asarray(cv2.resize(small_image, small_size, interpolation=cv2.INTER_AREA), np.uint8)
        share = cv2.resize(small_rough.astype(np.float32), small_size, interpolation=cv2.INTER_AREA)
        small_rough = np.asarray(share >= 0.5)
    plate = _refine(small_image, small_rough, scale / factor)
    if plate is None:
        return None
    found = np.zeros_like(rough)
    found[window] = cv2.resize(plate.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    return found


def _refine(image: ImageArray, rough: Bools, scale: float) -> Bools | None:
    # an outline may leave the image, so the image is padded
    pad = round(2 * OUTWARDS * scale)
    padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    mark = cv2.copyMakeBorder(rough.astype(np.uint8), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    cv2.rectangle(mark, (0, 0), (mark.shape[1] - 1, mark.shape[0] - 1), 0)
    outline = _best_outline(np.asarray(padded, np.uint8), mark > 0, scale)
    if outline is None:
        return None
    filled = np.zeros_like(mark)
    cv2.fillPoly(filled, [outline], 1)
    plate = filled[pad:-pad, pad:-pad] > 0
    if (plate & rough).sum() < MIN_IOU * (plate | rough).sum():
        return None
    return _join_tails(image, rough, plate, scale)


def _join_tails(image: ImageArray, rough: Bools, plate: Bools, scale: float) -> Bools | None:
    """Add what has a plate's colors: all of it under the rough outline, and what is connected elsewhere."""
    distance = distance_to(plate)
    outside = (distance > 2 * scale) & (distance < TAIL * scale)
    if min(outside.sum(), plate.sum()) < FEWEST:
        return None
    if np.abs(dominant_color(image[plate]) - dominant_color(image[outside])).max() < MIN_CONTRAST:
        return None
    beyond = distance > 0.75 * TAIL * scale
    if beyond.sum() < FEWEST:
        return None
    log_odds = color_log_odds(image, erode(plate, 1), beyond)
    alike = (log_odds > np.where(rough, LOG_ODDS_UNDER, LOG_ODDS_BEYOND)) & (distance <= TAIL * scale)
    connected = components_touching(alike | dilate(plate, 1), plate, connectivity=4)
    return dilate(plate | (alike & (rough | connected)), 1)


def _best_outline(image: ImageArray, mark: Bools, scale: float) -> NDArray[np.int32] | None:
    """Return the points x, y of the best outline near a mark's, N × 2; None where too little of it shows."""
    depth, distance = distance_to(~mark), distance_to(mark)
    inwards = min(INWARDS * scale, DEEPEST * float(depth.max(initial=0)))
    inside, outside = depth > 0.75 * inwards, distance > 0.6 * OUTWARDS * scale
    if min(inside.sum(), outside.sum()) < FEWEST:
        return None
    band = _Band.along(mark, inwards, OUTWARDS * scale, scale)
    steps = band.steps(image)
    passed = np.cumsum(band.sample(color_log_odds(image, inside, outside)), 1) * PITCH
    score = np.minimum(steps, MAX_STEP) / MAX_STEP + COLOR_WEIGHT * (2 * passed - passed[:, -1:])
    path = _best_closed_path(np.asarray(score - OFFSET_WEIGHT * np.abs(band.offsets), np.float32))
    at = np.arange(len(path))
    if (steps[at, path] > MIN_STEP).mean() < STEPPING:
        return None
    return np.rint(band.points[at, path]).astype(np.int32)


@dataclass(frozen=True)
class _Band:
    """The places that an outline's N points may move to: ``points`` x, y, N × K × 2, at K ``offsets``."""

    points: Singles
    offsets: Singles

    @classmethod
    def along(cls, mark: Bools, inwards: float, outwards: float, scale: float) -> "_Band":
        """Return the band along a mark's outline, smoothed, a point for each pixel of its length."""
        contours, _ = cv2.findContours(mark.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        curve = _space_evenly(max(contours, key=cv2.contourArea)[:, 0].astype(np.float64))
        curve = _smooth(curve, round(SMOOTH * scale))
        tangent = _smooth(np.roll(curve, -2, 0) - np.roll(curve, 2, 0), round(2 * scale))
        tangent /= np.maximum(np.hypot(*tangent.T), 1e-6)[:, None]
        # OpenCV orders an outer contour so that this points outwards
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        offsets = np.arange(-inwards, outwards + PITCH / 2, PITCH)
        points = curve[:, None] + normal[:, None] * offsets[:, None]
        return cls(points.astype(np.float32), offsets.astype(np.float32))

    def sample(self, image: NDArray[Any]) -> Singles:
        """Return an image's levels along the band: N × K, and channels if it has any."""
        xs, ys = np.ascontiguousarray(self.points[..., 0]), np.ascontiguousarray(self.points[..., 1])
        levels = cv2.remap(image, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(levels, np.float32)

    def steps(self, image: ImageArray) -> Singles:
        """Return by how many levels colors step at each place, N × K, in the channel that steps most."""
        levels = self.sample(image)
        levels = np.concatenate([levels[-ALONG:], levels, levels[:ALONG]])
        levels = np.asarray(cv2.blur(levels, (1, 2 * ALONG + 1)), np.float32)[ALONG:-ALONG]
        # means over two pixels, which begin a pixel and a half to either side
        apart, over = round(1.5 / PITCH), round(2 / PITCH)
        kernel = np.zeros((1, 2 * (apart + over) + 1), np.float32)
        kernel[0, :over], kernel[0, -over:] = 1 / over, -1 / over
        stepped = cv2.filter2D(levels, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(max_channel_diff(stepped, 0), np.float32)


def _space_evenly(curve: Floats) -> Floats:
    """Space the points of a closed curve, N × 2, a pixel apart."""
    closed = np.concatenate([curve, curve[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, length[-1], max(16, round(length[-1])), endpoint=False)
    return np.stack([np.interp(at, length, closed[:, axis]) for axis in (0, 1)], 1)


def _smooth(curve: Floats, radius: int) -> Floats:
    """Average the points of a closed curve over ``radius`` to either side, at most half its length."""
    radius = max(1, min(radius, (len(curve) - 1) // 2))
    kernel = np.full(2 * radius + 1, 1 / (2 * radius + 1))
    wrapped = np.concatenate([curve[-radius:], curve, curve[:radius]])
    return np.stack([np.convolve(wrapped[:, axis], kernel, "valid") for axis in (0, 1)], 1)


def _best_closed_path(score: Singles) -> NDArray[np.intp]:
    """Return one place of K for each of N points, the best in sum, none more than one from the last.

    The closed curve is traversed three times and the middle one kept, so that its end meets its beginning.
    """
    thrice = np.concatenate([score, score, score]).astype(np.float64)
    best = np.pad(thrice[0], 1, constant_values=-np.inf)
    near = sliding_window_view(best, 3).T  # a view of best as it changes
    bending = np.array([[BENDING], [0.0], [BENDING]])
    came = np.zeros(thrice.shape, np.int8)
    for number in range(1, len(thrice)):
        candidates = near - bending
        came[number] = candidates.argmax(0) - 1
        best[1:-1] = candidates.max(0) + thrice[number]
    path = np.zeros(len(thrice), np.intp)
    path[-1] = best.argmax() - 1
    for number in range(len(thrice) - 1, 0, -1):
        path[number - 1] = path[number] + came[number, path[number]]
    return path[len(score) : 2 * len(score)]
