"""Regions of a sketch that metrics look at: lines, blank paper, background."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray, paper_color

INK_DIFFERENCE = 10.0  # ΔE from the paper: above the grain of a scan and of JPEG, below a light pencil line
PAPER_MARGIN = 10.0  # pixels: farther from any line than a designer's colour or shadow strays over it
FOLD = 17  # pixels: what is dark over less than this is a line, however light its surroundings
CONTRAST = 25  # levels of 8 bits by which a line is darker than its surroundings; grain and JPEG have less
BLACK = 96  # levels: what is darker is ink, of whatever width

Mask = NDArray[np.bool_]


def scale_of(mask: NDArray[Any]) -> float:
    """Return how many pixels of an image, H × W, one pixel of the metrics' lengths is: they are set at 256.

    Smaller images have no thinner strokes than those of 256 pixels, since no stroke is thinner than a pixel.

    >>> [scale_of(np.zeros((edge, edge))) for edge in (128, 256, 512)]
    [1.0, 1.0, 2.0]
    """
    height, width = mask.shape[:2]
    return float(max(1.0, height / 256, width / 256))


def window(length: int, mask: NDArray[Any]) -> int:
    """Return the odd edge of a window, ``length`` (odd) at 256 pixels, on an image of another size."""
    return 2 * round(length // 2 * scale_of(mask)) + 1


def distance_to(mask: Mask) -> NDArray[np.float32]:
    """Return each pixel's Euclidean distance to the nearest of ``mask``, H × W, in pixels at 256."""
    pixels = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(pixels / np.float32(scale_of(mask)))


def line_mask(image: ImageArray) -> Mask:
    """Return where ink is, H × W: what is black, and what is darker than its surroundings by ``CONTRAST``.

    The brightest channel counts, so paint, which has one bright channel, is no ink. The surroundings are
    what a morphological closing leaves, which removes all that is narrower than ``FOLD``.
    """
    value = image.max(2)
    surroundings = cv2.morphologyEx(value, cv2.MORPH_CLOSE, np.ones((window(FOLD, value),) * 2, np.uint8))
    return np.asarray((value < BLACK) | (surroundings - value >= CONTRAST))


def blank_paper(sketch: ImageArray) -> Mask:
    """Return where the paper around the drawing is blank, H × W.

    Blank is at least ``PAPER_MARGIN`` pixels from any ink, that is from any pixel that differs from the
    paper's colour by more than ``INK_DIFFERENCE``, and connected to the image's border: areas enclosed by
    the drawing are there to be coloured. Gaps in an outline of up to twice the margin count as closed.
    """
    paper = rgb2lab(np.array(paper_color(sketch), np.uint8)[None, None])
    ink: Mask = np.linalg.norm(rgb2lab(sketch) - paper, axis=2) > INK_DIFFERENCE
    if not ink.any():
        return ~ink
    blank = (distance_to(ink) >= PAPER_MARGIN).astype(np.uint8)
    _, labels = cv2.connectedComponents(blank, connectivity=4)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.asarray(np.isin(labels, border[border > 0]))


def background(sketch: ImageArray) -> Mask:
    """Return the paper around the drawing up to its lines, H × W: blank paper and its margin.

    >>> sketch = np.full((100, 100, 3), 255, np.uint8)
    >>> sketch[20:80, 20:80] = 0
    >>> sketch[22:78, 22:78] = 255
    >>> paper = background(sketch)
    >>> bool(paper[15, 50]), bool(paper[50, 50])
    (True, False)
    """
    return np.asarray(distance_to(blank_paper(sketch)) < PAPER_MARGIN)
