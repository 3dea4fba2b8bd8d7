"""The contact sheet: every test sketch beside what was made of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from sketch2color import images
from sketch2color.evaluation.paper_noise import KEY_PAPER_NOISE
from sketch2color.evaluation.results import CYCLEGAN, METHODS, Case, Judged, Result
from sketch2color.images import PictureArray
from sketch2color.sheets import contact_sheet

COLUMNS = ("sketch", "style transfer", "CycleGAN", "real")
MOST_ROWS = 40  # a sheet of 256-pixel cells then has 11,000 lines, and memory stays bounded


def sheet(sketches: Sequence[Case], judged: Mapping[str, Judged], order: Sequence[str]) -> PictureArray:
    """Return the sheet of the first ``MOST_ROWS`` sketches of ``order``.

    A missing result is a crossed-out grey cell; a sketch without a pair has an empty last cell, and where
    none has a pair there is no such column.
    """
    by_id = {sketch.id: sketch for sketch in sketches}
    found = {method: {r.id: r for r in judged[method].results} for method in METHODS}
    rows, labels = [], []
    for name in order[:MOST_ROWS]:
        row = [_cell(found[method][name]) for method in METHODS]
        truth = by_id[name].truth
        rows.append([*row, images.read(truth)] if truth else row)
        labels.append(_label(found[CYCLEGAN][name]))
    columns = COLUMNS[: max(map(len, rows))]
    return contact_sheet(rows, columns, labels)


def hole(size: int = 256) -> PictureArray:
    """Return a crossed-out grey square, which nobody takes for a result."""
    picture = np.full((size, size, 3), 208, np.uint8)
    rows, columns = np.mgrid[:size, :size]
    cross = (np.abs(rows - columns) < 3) | (np.abs(rows + columns - size + 1) < 3)
    picture[cross] = (176, 60, 40)
    return picture


def _cell(result: Result) -> PictureArray:
    return hole() if result.fault else images.read(result.path)


def _label(result: Result) -> str:
    if result.fault:
        return f"{result.id}   CycleGAN: {result.fault}"
    noise = result.scores.get(KEY_PAPER_NOISE)
    return result.id if noise is None else f"{result.id}   CycleGAN paper noise {noise:.2f}"
