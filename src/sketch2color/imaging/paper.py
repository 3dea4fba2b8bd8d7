"""The paper of an image: its colour, its illumination, and padding an image to a square of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from sketch2color.imaging.pixels import ImageArray, Resize, max_channel_diff, resize, to_pillow

Floats = NDArray[np.float64]
Surface = NDArray[np.float32]

BINS = 16
"""Of the border's colour histogram, a channel."""
MIN_RELATIVE_FREQUENCY = 0.5
"""Paper need not be the most frequent colour of the border: a lighter one half as frequent is paper."""
TOLERANCE = 12.0
"""Levels by which paper may differ from the fitted surface, in the channel that differs most."""
EVEN_TOLERANCE = 4.0
"""Levels, likewise: paper within it of one colour is evenly lit."""
MIN_PAPER = 0.3
"""Share of the image that must be paper before its illumination can be told from what is drawn."""
FIT_SIZE = 128
"""Pixels of the longer side of the image that the surface is fitted to: grain averages out."""
MAX_ITERATIONS = 30
DEGREE = 2
"""Of the polynomial that describes the illumination, in x as well as in y."""
RIDGE = 0.002
"""Regularization of all terms but the constant, as a share of the pixels: a slope needs evidence."""


@dataclass(frozen=True)
class Paper:
    """The fitted paper of an image.

    The levels of red, green and blue are a polynomial over the image, which spans [-1, 1] in x and y, clipped
    to the levels between which paper was seen. ``coefficients`` are by power of y, power of x, and channel;
    ``share`` in [0, 1] is how much of the image is blank paper, and ``brighter`` how much is clearly lighter
    than it.
    """

    coefficients: Floats
    darkest: Floats
    lightest: Floats
    share: float
    brighter: float

    def levels(self, x: Floats, y: Floats) -> Surface:
        """Return the paper's levels at W values of x and H of y, H × W × 3, constant beyond the edges."""
        rows, columns = _powers(y.clip(-1, 1)), _powers(x.clip(-1, 1))
        channels = [rows @ self.coefficients[..., channel] @ columns.T for channel in range(3)]
        surface = np.stack([levels.astype(np.float32) for levels in channels], 2)
        return surface.clip(self.darkest.astype(np.float32), self.lightest.astype(np.float32), out=surface)


def fit_paper(image: ImageArray) -> Paper:
    """Fit the paper of ``image`` (uint8, H × W × 3) and its illumination.

    Starting with the border's colour, pixels close to the surface count as paper, and the surface is fitted
    to them, alternately. The surface is one colour where that explains the paper as well, and where little of
    the image is paper, so that illumination cannot be told from what is drawn.
    """
    small = to_pillow(image)
    small.thumbnail((FIT_SIZE, FIT_SIZE), Image.Resampling.BOX, reducing_gap=None)
    levels = np.asarray(small).astype(np.float64)
    basis = _basis(pixel_centers(small.width), pixel_centers(small.height))
    even = np.zeros((basis.shape[2], 3))
    even[0] = paper_color(image)
    fitted, before = even, np.zeros(levels.shape[:2], bool)
    for _ in range(MAX_ITERATIONS):
        paper = max_channel_diff(levels, basis @ fitted) <= TOLERANCE
        if (paper == before).all() or paper.sum() < basis.shape[2]:
            break
        fitted, before = _fit(basis[paper], levels[paper]), paper
    coefficients = fitted if _is_unevenly_lit(levels, basis, even, fitted) else even
    surface = basis @ coefficients
    paper = max_channel_diff(levels, surface) <= TOLERANCE
    seen = (surface[paper] if paper.any() else even[:1]).clip(0, 255)
    return Paper(
        coefficients.reshape(DEGREE + 1, DEGREE + 1, 3),
        seen.min(0),
        seen.max(0),
        share=float(paper.mean()),
        brighter=float(((levels - surface).mean(2) > TOLERANCE).mean()),
    )


def paper_color(image: ImageArray) -> tuple[int, int, int]:
    """Return the RGB colour of the paper, as seen along the image's border.

    It is the most frequent colour there, or a lighter one that is at least half as frequent: ink and paint,
    which may cross the border, are darker than paper. The histogram is smoothed, so that grain does not split
    a peak.
    """
    rim = max(1, min(image.shape[:2]) // 64)
    edges = (image[:rim], image[-rim:], image[:, :rim], image[:, -rim:])
    border = np.concatenate([edge.reshape(-1, 3) for edge in edges])
    bins = border // np.uint8(256 // BINS)
    index = (bins[:, 0].astype(np.int16) * BINS + bins[:, 1]) * BINS + bins[:, 2]
    counts = np.bincount(index, minlength=BINS**3).reshape(BINS, BINS, BINS)
    smooth = counts.astype(np.float64)
    for axis in range(3):
        smooth = ndimage.convolve1d(smooth, [0.25, 0.5, 0.25], axis, mode="constant")
    peaks = (smooth == ndimage.maximum_filter(smooth, 3)) & (smooth >= MIN_RELATIVE_FREQUENCY * smooth.max())
    candidates = np.argwhere(peaks)  # sorted
    lightest = candidates[candidates.sum(1).argmax()]
    red, green, blue = np.median(border[max_channel_diff(bins, lightest) <= 1], axis=0).astype(int)
    return int(red), int(green), int(blue)


def pad_to_square(
    image: ImageArray, size: int, resize: Resize = resize
) -> tuple[ImageArray, tuple[slice, slice]]:
    """Resize an image to fit ``size`` × ``size`` pixels and centre it on its paper's colour.

    Where the paper is unevenly lit, the padding continues the paper at the image's edge.

    Returns:
        The padded image, and the rows and columns of it that the image covers.
    """
    region = centered_region(image.shape[0], image.shape[1], size)
    (top, rows), (left, columns) = ((each.start, each.stop - each.start) for each in region)
    if (rows, columns) == (size, size):
        return resize(image, size, size), region
    levels = fit_paper(image).levels(pixel_centers(columns, -left, size), pixel_centers(rows, -top, size))
    padded = np.rint(levels).astype(np.uint8)
    padded[region] = resize(image, columns, rows)
    return padded, region


def centered_region(height: int, width: int, size: int) -> tuple[slice, slice]:
    """Return the rows and columns that an image covers when it is centred on ``size`` × ``size`` pixels.

    >>> centered_region(100, 200, 64)
    (slice(16, 48, None), slice(0, 64, None))
    """
    scale = size / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (size - rows) // 2, (size - columns) // 2
    return slice(top, top + rows), slice(left, left + columns)


def pixel_centers(count: int, first: int = 0, number: int | None = None) -> Floats:
    """Return the coordinates of pixel centres where ``count`` pixels span [-1, 1].

    Args:
        count: pixels of the image, in x or y.
        first: index of the first pixel to return; -1 is one before the image.
        number: how many to return, ``count`` by default.

    >>> pixel_centers(2), pixel_centers(2, -1, 4)
    (array([-0.5,  0.5]), array([-1.5, -0.5,  0.5,  1.5]))
    """
    pixels = np.arange(first, first + (count if number is None else number), dtype=np.float64)
    return (pixels + 0.5) * (2 / count) - 1


def _powers(coordinates: Floats) -> Floats:
    return np.asarray(coordinates[:, None] ** np.arange(DEGREE + 1))


def _basis(x: Floats, y: Floats) -> Floats:
    """Return the terms of the polynomial at each pixel, H × W × N, the constant first."""
    products = _powers(y)[:, None, :, None] * _powers(x)[None, :, None, :]
    return np.asarray(products.reshape(len(y), len(x), -1))


def _fit(basis: Floats, levels: Floats) -> Floats:
    """Return the ridge regression of levels, P × 3, on terms, P × N, as N × 3 coefficients."""
    ridge = np.eye(basis.shape[1]) * RIDGE * len(basis)
    ridge[0, 0] = 0
    return np.asarray(np.linalg.solve(basis.T @ basis + ridge, basis.T @ levels))


def _is_unevenly_lit(levels: Floats, basis: Floats, even: Floats, fitted: Floats) -> bool:
    """Return whether there is enough paper, and the fitted surface explains more of it than one colour."""
    diff = max_channel_diff(levels, basis @ fitted)
    if (diff <= TOLERANCE).mean() < MIN_PAPER:
        return False
    even_share = (max_channel_diff(levels, basis @ even) <= EVEN_TOLERANCE).mean()
    return bool(even_share < 0.95 * (diff <= EVEN_TOLERANCE).mean())
