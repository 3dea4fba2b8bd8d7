"""The contact sheet: test sketches beside what each method made of them."""

from collections.abc import Sequence

import numpy as np

from sketch2color import imaging
from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.report.scored_images import CYCLEGAN, METHODS, NAMES, REAL, Case, Scored, ScoredImage

MAX_ROWS = 40  # of 256 pixels each: 11,000 lines, and memory stays bounded


def render(sketches: Sequence[Case], scored: Scored, order: Sequence[str]) -> ImageArray:
    """Return the contact sheet of the first ``MAX_ROWS`` sketches of ``order``.

    A missing image is a placeholder; a sketch without a pair has an empty last cell, and without any pair
    there is no such column.
    """
    truths = {sketch.id: sketch.truth for sketch in sketches}
    by_id = {method: {image.id: image for image in scored[method]} for method in METHODS}
    rows = []
    for name in order[:MAX_ROWS]:
        images, truth = [by_id[method][name] for method in METHODS], truths[name]
        row = [placeholder() if image.fault else imaging.read(image.path) for image in images]
        rows.append([*row, imaging.read(truth)] if truth else row)
    titles = [NAMES[method] for method in (*METHODS, REAL)][: max(map(len, rows))]
    return contact_sheet(rows, titles, [_label(by_id[CYCLEGAN][name]) for name in order[:MAX_ROWS]])


def placeholder(size: int = 256) -> ImageArray:
    """Return a crossed-out grey square, H × W × 3, in place of a missing image."""
    image = np.full((size, size, 3), 208, np.uint8)
    rows, columns = np.mgrid[:size, :size]
    cross = (np.abs(rows - columns) < 3) | (np.abs(rows + columns - size + 1) < 3)
    image[cross] = (176, 60, 40)
    return image


def _label(image: ScoredImage) -> str:
    noise = image.scores.get("paper_noise")
    score = "" if noise is None else f"CycleGAN paper noise {noise:.2f}"
    return f"{image.id}   {f'CycleGAN: {image.fault}' if image.fault else score}".rstrip()
