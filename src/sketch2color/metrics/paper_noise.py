"""What a method leaves on paper that should have stayed blank."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from sketch2color.imaging import ImageArray, paper_color

KEY_PAPER_NOISE = "paper_noise"
INK_DIFFERENCE = 10.0  # ΔE from the paper: above the grain of a scan and of JPEG, below a light pencil line
MARGIN = 10.0  # pixels: further from any line than a designer's colour or shadow strays over it


def paper_noise(image: ImageArray, sketch: ImageArray) -> float | None:
    """Return the mean colour difference between a result and its sketch over the sketch's blank paper.

    The difference is CIE76, the Euclidean distance in CIELAB (CIE 15:2004, section 8.2.1; D65).

    Args:
        image: the result, uint8, H × W × 3.
        sketch: what it was made from, of the same shape.

    Returns:
        ΔE, 0 (paper untouched) to about 100 (white turned black), 2.3 is just noticeable; lower is better.
        None when the sketch has no blank paper.

    >>> sketch = np.full((64, 64, 3), 255, np.uint8)
    >>> sketch[30:34] = 0
    >>> paper_noise(sketch, sketch), round(paper_noise(sketch - 25, sketch), 2)
    (0.0, 8.71)
    """
    paper = blank_paper(sketch)
    if not paper.any():
        return None
    difference = rgb2lab(image)[paper] - rgb2lab(sketch)[paper]
    return float(np.linalg.norm(difference, axis=1).mean())


def blank_paper(sketch: ImageArray) -> NDArray[np.bool_]:
    """Return where the paper round the drawing is blank, H × W.

    Blank is at least ``MARGIN`` pixels from any ink: from any pixel that differs from the paper's colour by
    more than ``INK_DIFFERENCE``. The insides of the drawing are blank too, but there to be coloured: only
    what the image's border reaches counts. Gaps in an outline up to twice the margin let nothing in.

    >>> sketch = np.full((100, 100, 3), 255, np.uint8)
    >>> sketch[20:80, 20:80] = 0
    >>> sketch[22:78, 22:78] = 255  # a box: blank in the middle, and round it
    >>> paper = blank_paper(sketch)
    >>> bool(paper[5, 50]), bool(paper[50, 50]), bool(paper[15, 50])
    (True, False, False)
    """
    paper = rgb2lab(np.array(paper_color(sketch), np.uint8)[None, None])
    ink: NDArray[np.bool_] = np.linalg.norm(rgb2lab(sketch) - paper, axis=2) > INK_DIFFERENCE
    if not ink.any():
        return ~ink
    distance = cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    _, labels = cv2.connectedComponents((distance >= MARGIN).astype(np.uint8), connectivity=4)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    reached: NDArray[np.bool_] = np.isin(labels, border[border > 0])
    return reached


def outside(sketch: ImageArray) -> NDArray[np.bool_]:
    """Return the paper round the drawing up to its lines, H × W: blank paper and its margin.

    >>> sketch = np.full((100, 100, 3), 255, np.uint8)
    >>> sketch[20:80, 20:80] = 0
    >>> sketch[22:78, 22:78] = 255
    >>> paper = outside(sketch)
    >>> bool(paper[15, 50]), bool(paper[50, 50])
    (True, False)
    """
    drawn = (~blank_paper(sketch)).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) < MARGIN)
