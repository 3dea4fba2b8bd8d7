"""Take a mark away: give back paper where it lay on paper, and go on with the surroundings elsewhere."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.cleaning.unblend import unblend
from sketch2color.images import PictureArray

RIM = 6
"""Pixels round a mark, at 256 pixels of the picture's longer side, that tell what it lies on."""
PAPER_TOLERANCE = 14.0
"""Levels by which a rim pixel may differ from the rim's plane of paper and still be paper."""
PAPER_SHARE = 0.75
"""A mark lies on paper where so much of its rim is paper."""

THICK = 4.0
"""Pixels, as for ``RIM``: holes of a smaller radius are letters, which inpainting closes best."""


def fill(picture: PictureArray, mask: NDArray[np.uint8]) -> PictureArray:
    """Paint over the masked pixels.

    Args:
        picture: uint8, H × W × 3; not changed.
        mask: uint8, H × W, 255 where a mark lies.

    Returns:
        The picture with the masked pixels replaced, all others as they were.
    """
    filled = picture.copy()
    scale = max(1.0, max(picture.shape[:2]) / 256)
    grown = cv2.dilate(
        mask, np.ones((3, 3), np.uint8), iterations=round(3 * scale)
    )  # letters of a word together
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    reach = round(RIM * scale) + 2
    for label in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[label])
        window = (
            slice(max(0, top - reach), top + height + reach),
            slice(max(0, left - reach), left + width + reach),
        )
        hole = (labels[window] == label) & (mask[window] > 0)
        near = np.asarray(cv2.dilate(hole.astype(np.uint8), _disc(reach - 2))) > 0
        rim = near & (mask[window] == 0)
        filled[window][hole] = _filling(picture[window], mask[window], hole, rim, scale)[hole]
    return filled


def _filling(
    picture: PictureArray,
    mask: NDArray[np.uint8],
    hole: NDArray[np.bool_],
    rim: NDArray[np.bool_],
    scale: float,
) -> PictureArray:
    """Give a picture of the window's size to take the hole's pixels from."""
    unblended = unblend(picture, hole, rim, scale)
    if unblended is not None:
        return _inpainted(np.where(hole[..., None], unblended.picture, picture), unblended.unknown, scale)
    if rim.sum() >= 12 and cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max() > THICK * scale:
        plane = _paper_plane(picture, rim)
        is_paper = np.abs(picture - plane).max(2) <= PAPER_TOLERANCE
        if is_paper[rim].mean() >= PAPER_SHARE and plane[rim].mean() > 110:
            return np.asarray(np.rint(plane.clip(0, 255)), np.uint8)
    return _inpainted(picture, mask > 0, scale)


def _inpainted(picture: PictureArray, holes: NDArray[np.bool_], scale: float) -> PictureArray:
    return np.asarray(cv2.inpaint(picture, holes.astype(np.uint8), 3 * scale, cv2.INPAINT_NS), np.uint8)


def _paper_plane(picture: PictureArray, rim: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit each channel over the rim by a plane in x and y, three times, ever without what is not paper.

    Ink is darker than paper, so the first round leaves out the darker half.
    """
    ys, xs = np.nonzero(rim)
    levels = picture[rim].astype(np.float64)
    tone = levels.mean(1)
    keep = tone >= np.median(tone) - PAPER_TOLERANCE
    center = np.array([xs.mean(), ys.mean()])
    spread = max(1.0, float(np.hypot(xs - center[0], ys - center[1]).max()))
    terms = np.stack([np.ones(len(xs)), (xs - center[0]) / spread, (ys - center[1]) / spread], 1)
    ridge = np.diag([0.0, 1.0, 1.0]) * 0.02 * len(xs)  # a slope needs evidence
    plane = np.zeros((3, 3))
    for _ in range(3):
        used = terms[keep]
        plane = np.linalg.solve(used.T @ used + ridge, used.T @ levels[keep])
        near = np.abs(levels - terms @ plane).max(1) <= PAPER_TOLERANCE
        if near.sum() < 8:
            break
        keep = near
    height, width = rim.shape
    grid_y, grid_x = np.mgrid[0:height, 0:width]
    page = np.stack(
        [np.ones((height, width)), (grid_x - center[0]) / spread, (grid_y - center[1]) / spread], 2
    )
    return np.asarray(page @ plane)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
