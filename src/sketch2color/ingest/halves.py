"""Images that hold both halves of a pair side by side: cut in two, the paler half being the sketch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sketch2color.imaging import ImageArray, ImageError, paper_color

Side = Literal["left", "right"]
MIN_SHAPE = 1.25
"""Width / height below which an image is taken for a single one; two upright A4 sheets have 1.41."""
MIN_DIFFERENCE = 0.005
"""By so much, of 1, the coloured half must have more chroma than the sketch: more than JPEG's noise."""
MIN_RATIO = 1.5
DARKEST_PAPER = 96
"""A border with a channel below this, of 255, is no paper but a painted background."""


@dataclass(frozen=True, kw_only=True)
class Halves:
    """A pair: two uint8 arrays of one shape, height × width × 3, and the side where the sketch was."""

    sketch: ImageArray
    color: ImageArray
    sketch_side: Side

    @property
    def color_side(self) -> Side:
        """The side where the coloured image was."""
        return "left" if self.sketch_side == "right" else "right"


def cut(image: ImageArray) -> Halves:
    """Cut an image in the middle, and find which half is the sketch by its saturation (:func:`chroma`).

    Args:
        image: uint8, height × width × 3.

    Returns:
        Views of the two halves.

    Raises:
        ImageError: the width is odd, the image too narrow to hold two, or neither half is clearly the
            more colourful one.
    """
    height, width = image.shape[:2]
    if width % 2:
        raise ImageError(f"no pair side by side: the width, {width}, is odd")
    if width < MIN_SHAPE * height:
        raise ImageError(f"no pair side by side: {width}x{height} is too narrow for two")
    left, right = image[:, : width // 2], image[:, width // 2 :]
    of_left, of_right = chroma(left), chroma(right)
    low, high = sorted((of_left, of_right))
    if high - low < MIN_DIFFERENCE or high < MIN_RATIO * low:
        raise ImageError(
            f"no telling which half is the sketch: saturation {of_left:.3f} left, {of_right:.3f} right"
        )
    if of_left < of_right:
        return Halves(sketch=left, color=right, sketch_side="left")
    return Halves(sketch=right, color=left, sketch_side="right")


def chroma(image: ImageArray) -> float:
    """Return the mean saturation of an image in relation to its paper, so that tinted paper counts as white.

    With each channel divided by the paper's, the chroma of a pixel is max(R, G, B) - min(R, G, B): the C of
    HSV and HSL (Joblove and Greenberg 1978), which unlike HSV's S = C / max is steady in dark lines. Where
    the border is too dark for paper, channels are divided by 255. Large images are measured on a grid of
    about 256 pixels a side.

    Args:
        image: uint8, height × width × 3.

    Returns:
        0 where all is grey or of the paper's tint; about 0.1 to 0.4 for coloured images.
    """
    step = max(1, min(image.shape[:2]) // 256)
    paper = paper_color(image)
    white = paper if min(paper) >= DARKEST_PAPER else (255, 255, 255)
    red, green, blue = (image[::step, ::step, i] / np.float32(white[i]) for i in range(3))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float(np.mean(high - low))


def odd_ones(sides: Mapping[str, Side]) -> dict[str, str]:
    """Name the files whose sketch is on the other side than in most files of the set, each with the reason.

    Where both sides have as many files, the one that comes first by path decides.

    Args:
        sides: where the sketch is, by the path of the file.

    >>> odd_ones({"1.png": "right", "2.png": "left", "3.png": "right"})
    {'2.png': 'sketch seems to be on the left, in 2 of 3 files it is on the right'}
    """
    counts = Counter(sides.values())
    if len(counts) < 2:
        return {}
    tie = counts["left"] == counts["right"]
    usual = sides[min(sides)] if tie else counts.most_common(1)[0][0]
    because = f"in {counts[usual]} of {len(sides)} files it is on the {usual}" + (
        f", and in {min(sides)}, the first, too" if tie else ""
    )
    return {
        path: f"sketch seems to be on the {side}, {because}"
        for path, side in sorted(sides.items())
        if side != usual
    }
