"""The paper of an image: its colour, how it is lit, and a sheet of it to lay the image on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from sketch2color.imaging.difference import max_channel_diff
from sketch2color.imaging.pixels import ImageArray, Resize, resize

Floats = NDArray[np.float64]
Surface = NDArray[np.float32]

BINS = 16
"""Colours of the border are counted in so many bins a channel."""
CONSIDERABLE = 0.5
"""Paper need not be the most frequent colour of the border: a lighter one half as frequent is paper."""
TOLERANCE = 12.0
"""Levels by which paper may differ from its surface, in the channel that differs most."""
EVEN = 4.0
"""Levels, likewise: paper that differs less from one colour is evenly lit."""
LEAST = 0.3
"""Share of the image that must be paper before its light can be told from the drawing."""
WORKING_SIZE = 128
"""Pixels of the longer side at which light is looked for: it changes slowly, and grain averages out."""
ROUNDS = 30
DEGREE = 2
"""Of the polynomial that describes the light, across as well as down."""
CAUTION = 0.002
"""Ridge on all its terms but the constant, as a share of the evidence: a slope needs evidence."""


@dataclass(frozen=True)
class Paper:
    """What an image is drawn on.

    The levels of red, green and blue are a polynomial over the image, which spans [-1, 1] across and down:
    ``terms`` holds its factors, by powers of down and across, for each channel, and ``darkest`` and
    ``lightest`` the levels between which paper has been seen. ``share`` in [0, 1] is how much of the image
    is blank paper, and ``brighter`` how much is clearly lighter than it.
    """

    terms: Floats
    darkest: Floats
    lightest: Floats
    share: float
    brighter: float

    def levels(self, across: Floats, down: Floats) -> Surface:
        """Return the paper's levels, H × W × 3, at W places across and H down; beyond the edge as at it."""
        rows, columns = _powers(down.clip(-1, 1)), _powers(across.clip(-1, 1))
        channels = [rows @ self.terms[..., channel] @ columns.T for channel in range(3)]
        surface = np.stack([levels.astype(np.float32) for levels in channels], 2)
        return surface.clip(self.darkest.astype(np.float32), self.lightest.astype(np.float32), out=surface)


def fit_paper(image: ImageArray) -> Paper:
    """Find the paper of ``image`` (uint8, H × W × 3) and how it is lit.

    From the colour at the border on, what differs little from the surface is paper, and the surface goes
    through what is paper, in turns. The surface is one colour where that explains the paper as well, and
    where little of the image is paper at all, so that light cannot be told from the drawing.
    """
    small = Image.fromarray(image)
    small.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX, reducing_gap=None)
    levels = np.asarray(small).astype(np.float64)
    basis = _basis(pixel_centers(small.width), pixel_centers(small.height))
    even = np.zeros((basis.shape[2], 3))
    even[0] = paper_color(image)
    lit, before = even, np.zeros(levels.shape[:2], bool)
    for _ in range(ROUNDS):
        paper = max_channel_diff(levels, basis @ lit) <= TOLERANCE
        if (paper == before).all() or paper.sum() < basis.shape[2]:
            break
        lit, before = _fitted(basis[paper], levels[paper]), paper
    terms = lit if _is_light(levels, basis, even, lit) else even
    surface = basis @ terms
    paper = max_channel_diff(levels, surface) <= TOLERANCE
    seen = (surface[paper] if paper.any() else even[:1]).clip(0, 255)
    return Paper(
        terms.reshape(DEGREE + 1, DEGREE + 1, 3),
        seen.min(0),
        seen.max(0),
        share=float(paper.mean()),
        brighter=float(((levels - surface).mean(2) > TOLERANCE).mean()),
    )


def paper_color(image: ImageArray) -> tuple[int, int, int]:
    """Return the RGB colour of the paper, as seen along the image's border.

    It is the most frequent colour there, or a lighter one that is at least half as frequent: ink and paint,
    which may run over the edge, darken paper. The grain of a scan does not split the vote.
    """
    rim = max(1, min(image.shape[:2]) // 64)
    edges = (image[:rim], image[-rim:], image[:, :rim], image[:, -rim:])
    border = np.concatenate([edge.reshape(-1, 3) for edge in edges])
    bins = border.astype(np.int64) * BINS // 256
    counts = np.bincount(bins @ np.array([BINS**2, BINS, 1]), minlength=BINS**3).reshape(BINS, BINS, BINS)
    votes = counts.astype(np.float64)
    for axis in range(3):
        votes = ndimage.convolve1d(votes, [0.25, 0.5, 0.25], axis, mode="constant")
    peaks = (votes == ndimage.maximum_filter(votes, 3)) & (votes >= CONSIDERABLE * votes.max())
    candidates = np.argwhere(peaks)  # sorted
    lightest = candidates[candidates.sum(1).argmax()]
    red, green, blue = np.median(border[max_channel_diff(bins, lightest) <= 1], axis=0).astype(int)
    return int(red), int(green), int(blue)


def pad_to_square(
    image: ImageArray, size: int, resize: Resize = resize
) -> tuple[ImageArray, tuple[slice, slice]]:
    """Lay the whole image on a ``size`` × ``size`` sheet of its paper, centred, antialiased.

    Where light falls off over the paper, the sheet goes on as the paper is at the image's edge.

    Returns:
        The sheet, and where on it (rows, columns) the image lies.
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (size - rows) // 2, (size - columns) // 2
    place = slice(top, top + rows), slice(left, left + columns)
    if (rows, columns) == (size, size):
        return resize(image, size, size), place
    levels = fit_paper(image).levels(pixel_centers(columns, -left, size), pixel_centers(rows, -top, size))
    sheet = np.rint(levels).astype(np.uint8)
    sheet[place] = resize(image, columns, rows)
    return sheet, place


def pixel_centers(count: int, first: int = 0, number: int | None = None) -> Floats:
    """Return where the centres of pixels lie if ``count`` of them span [-1, 1].

    Args:
        count: pixels of the image, across or down.
        first: the first pixel asked for; -1 lies one before the image.
        number: how many are asked for; as many as the image has.

    >>> pixel_centers(2), pixel_centers(2, -1, 4)
    (array([-0.5,  0.5]), array([-1.5, -0.5,  0.5,  1.5]))
    """
    pixels = np.arange(first, first + (count if number is None else number), dtype=np.float64)
    return (pixels + 0.5) * (2 / count) - 1


def _powers(place: Floats) -> Floats:
    return np.asarray(place[:, None] ** np.arange(DEGREE + 1))


def _basis(across: Floats, down: Floats) -> Floats:
    """Return the terms of the polynomial, H × W × N, the constant first."""
    products = _powers(down)[:, None, :, None] * _powers(across)[None, :, None, :]
    return np.asarray(products.reshape(len(down), len(across), -1))


def _fitted(basis: Floats, levels: Floats) -> Floats:
    ridge = np.eye(basis.shape[1]) * CAUTION * len(basis)
    ridge[0, 0] = 0
    return np.asarray(np.linalg.solve(basis.T @ basis + ridge, basis.T @ levels))


def _is_light(levels: Floats, basis: Floats, even: Floats, lit: Floats) -> bool:
    """Tell whether paper is better explained by light than by one colour, and there is enough of it."""
    far = max_channel_diff(levels, basis @ lit)
    if (far <= TOLERANCE).mean() < LEAST:
        return False
    return bool((max_channel_diff(levels, basis @ even) <= EVEN).mean() < 0.95 * (far <= EVEN).mean())
