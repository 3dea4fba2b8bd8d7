"""Images with both halves of a pair side by side: the less saturated half is the sketch."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import numpy as np

from sketch2color.imaging import ImageArray, ImageError, paper_color
from sketch2color.manifest import Domain

Side = Literal["left", "right"]
MIN_SHAPE = 1.25
"""Width / height below which an image is a single one; two upright A4 sheets have 1.41."""
MIN_DIFFERENCE = 0.005
"""Least difference of the halves' chroma, in [0, 1]; above the noise of JPEG."""
MIN_RATIO = 1.5
"""Least ratio of the halves' chroma."""
DARKEST_PAPER = 96
"""A border with a channel below this, of 255, is a painted background instead of paper."""


def split_pair(image: ImageArray) -> dict[Domain, tuple[ImageArray, Side]]:
    """Split an image in the middle; the half of lower :func:`chroma` is the sketch.

    Args:
        image: uint8, height × width × 3.

    Returns:
        Views of the halves, height × width / 2 × 3, and the side of each.

    Raises:
        ImageError: the width is odd, the image too narrow for two, or the chroma of the halves too similar.
    """
    height, width = image.shape[:2]
    if width % 2:
        raise ImageError(f"no pair side by side: the width, {width}, is odd")
    if width < MIN_SHAPE * height:
        raise ImageError(f"no pair side by side: {width}x{height} is too narrow for two")
    left, right = image[:, : width // 2], image[:, width // 2 :]
    left_chroma, right_chroma = chroma(left), chroma(right)
    low, high = sorted((left_chroma, right_chroma))
    if high - low < MIN_DIFFERENCE or high < MIN_RATIO * low:
        raise ImageError(
            f"unclear which half is the sketch: saturation {left_chroma:.3f} left, {right_chroma:.3f} right"
        )
    if left_chroma < right_chroma:
        return {"sketch": (left, "left"), "color": (right, "right")}
    return {"sketch": (right, "right"), "color": (left, "left")}


def chroma(image: ImageArray) -> float:
    """Return the mean saturation of an image relative to its paper, so that tinted paper counts as white.

    With each channel divided by the paper's, the chroma of a pixel is max(R, G, B) - min(R, G, B): the C of
    HSV and HSL (Joblove and Greenberg 1978), which unlike HSV's S = C / max is stable in dark lines. If
    the border is too dark for paper, channels are divided by 255. Large images are sampled on a grid
    of about 256 pixels a side.

    Args:
        image: uint8, height × width × 3.

    Returns:
        0 if all is grey or of the paper's tint; about 0.1 to 0.4 for coloured images.
    """
    step = max(1, min(image.shape[:2]) // 256)
    paper = paper_color(image)
    white = paper if min(paper) >= DARKEST_PAPER else (255, 255, 255)
    red, green, blue = (image[::step, ::step, i] / np.float32(white[i]) for i in range(3))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float(np.mean(high - low))


def swapped_sides(sides: Mapping[str, Side]) -> dict[str, str]:
    """Return the files whose sketch is on the other side than in most files, each with the reason.

    ``sides`` has the side of the sketch, by the path of the file. In a tie, the first file by path decides.

    >>> swapped_sides({"1.png": "right", "2.png": "left", "3.png": "right"})
    {'2.png': 'sketch seems to be on the left, in 2 of 3 files it is on the right'}
    """
    if not sides:
        return {}
    counts = Counter(sides.values())
    first = min(sides)
    usual = max(counts, key=lambda side: (counts[side], side == sides[first]))
    tie = f", and in {first}, the first, too" if counts["left"] == counts["right"] else ""
    because = f"in {counts[usual]} of {len(sides)} files it is on the {usual}{tie}"
    swapped = sorted((path, side) for path, side in sides.items() if side != usual)
    return {path: f"sketch seems to be on the {side}, {because}" for path, side in swapped}
