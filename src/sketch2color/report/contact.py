"""The contact sheet: every test sketch beside what was made of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from sketch2color import imaging
from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.metrics.paper_noise import KEY_PAPER_NOISE
from sketch2color.report.results import CYCLEGAN, METHODS, Case, Judged, Result

COLUMNS = ("sketch", "style transfer", "CycleGAN", "real")
MOST_ROWS = 40  # a sheet of 256-pixel cells then has 11,000 lines, and memory stays bounded


def sheet(sketches: Sequence[Case], judged: Mapping[str, Judged], order: Sequence[str]) -> ImageArray:
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
        rows.append([*row, imaging.read(truth)] if truth else row)
        labels.append(_label(found[CYCLEGAN][name]))
    columns = COLUMNS[: max(map(len, rows))]
    return contact_sheet(rows, columns, labels)


def hole(size: int = 256) -> ImageArray:
    """Return a crossed-out grey square, which nobody takes for a result."""
    image = np.full((size, size, 3), 208, np.uint8)
    rows, columns = np.mgrid[:size, :size]
    cross = (np.abs(rows - columns) < 3) | (np.abs(rows + columns - size + 1) < 3)
    image[cross] = (176, 60, 40)
    return image


def _cell(result: Result) -> ImageArray:
    return hole() if result.fault else imaging.read(result.path)


def _label(result: Result) -> str:
    if result.fault:
        return f"{result.id}   CycleGAN: {result.fault}"
    noise = result.scores.get(KEY_PAPER_NOISE)
    return result.id if noise is None else f"{result.id}   CycleGAN paper noise {noise:.2f}"
