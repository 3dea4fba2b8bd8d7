"""Look again at an image whose marks were removed: how much of them remains.

The network detects whole words and plates and hardly a mark that is cut into pieces, as the tiles of a mark
that covers the image are by the lines under it. So pixels in the marks' own color count as well.
"""

from dataclasses import replace

import cv2
import numpy as np

from sketch2color.imaging import ImageArray, max_channel_diff, shrink
from sketch2color.imaging.morphology import dilate
from sketch2color.watermarks.colors import dominant_color
from sketch2color.watermarks.decisions import Decisions
from sketch2color.watermarks.detect import SEED, predict
from sketch2color.watermarks.masks import RIM, WORKING_SIZE, Bools, reduce_mask, unite

MAX_SIDE = 512  # pixels of the longer side of the image that is looked at
PARTLY = 0.03  # share of marks that remains, from which they are partly removed
REACH = 32.0  # pixels at working size around removed marks in which the rest is: the pitch of tiled marks
OFF_PAPER = 10  # levels by which a mark's own color differs at least from the paper around it
ALIKE = 8  # levels by which pixels of one color differ at most
FEWEST = 30  # pixels of the marks' color; fewer tell nothing


def look_again(before: ImageArray, after: ImageArray, decisions: Decisions) -> Decisions:
    """Return the decisions with the share of the detected marks that remains, and which are partly removed.

    Nothing is looked at where no detected mark was removed.

    Args:
        before: uint8, H × W × 3.
        after: likewise, with the mask of ``decisions`` filled.
        decisions: about the image's marks.
    """
    removed = [mark for mark in decisions.marks if mark.action == "removed"]
    if not removed:
        return decisions
    marked, filled = shrink(before, MAX_SIDE), shrink(after, MAX_SIDE)
    shape = filled.shape[:2]
    reach = REACH * max(1.0, max(shape) / WORKING_SIZE)
    others = unite((mark.ground for mark in decisions.marks if mark.action != "removed"), before.shape)
    whole = unite((mark.ground for mark in removed), before.shape)
    ground, other, mask = (reduce_mask(area, shape) > 0 for area in (whole, others, decisions.mask))
    near = dilate(ground, reach) & ~other
    alike = _in_color_of_marks(marked, mask, dilate(ground, RIM) & ~ground)
    rest = alike & near & ~mask
    probabilities = predict(filled)
    detected = near & (probabilities[0] > SEED) if probabilities else np.zeros_like(near)
    remains = max(_share(rest, alike & mask), _share(detected, ground))
    if remains < PARTLY:
        return replace(decisions, remains=remains)
    around = dilate(rest | detected, reach)
    marks = [
        replace(mark, action="partly removed")
        if mark.action == "removed" and (reduce_mask(mark.ground, shape)[around] > 0).any()
        else mark
        for mark in decisions.marks
    ]
    return replace(decisions, marks=marks, remains=remains)


def _in_color_of_marks(image: ImageArray, mask: Bools, rim: Bools) -> Bools:
    """Return the pixels in the dominant color of what is masked, paper and the soft edges of lines apart."""
    levels = image.astype(np.int16)
    paper = dominant_color(image[rim]) if rim.any() else np.full(3, 255.0)
    own = image[mask & (max_channel_diff(levels, paper) > OFF_PAPER)]
    if len(own) < FEWEST:
        return np.zeros_like(mask)
    color = dominant_color(own)
    from_color = max_channel_diff(levels, color)
    alike = (from_color <= ALIKE) & (from_color < max_channel_diff(levels, paper))
    kernel = np.ones((2, 2), np.uint8)
    squares = cv2.erode(alike.astype(np.uint8), kernel, anchor=(0, 0))  # by their upper left corner
    return np.asarray(cv2.dilate(squares, kernel, anchor=(1, 1))) > 0


def _share(rest: Bools, removed: Bools) -> float:
    """Return the share of ``rest`` in both; 0 where either has too few pixels to tell."""
    left, gone = int(rest.sum()), int(removed.sum())
    return left / (left + gone) if min(left, gone) >= FEWEST else 0.0
