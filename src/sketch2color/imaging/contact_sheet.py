"""Contact sheets: labelled images in rows, as one image."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sketch2color.imaging import ImageArray

GAP = 6
HEADER = 20


def contact_sheet(
    rows: Sequence[Sequence[ImageArray]],
    columns: Sequence[str],
    labels: Sequence[str] = (),
    cell: int = 256,
) -> ImageArray:
    """Lay out ``rows`` of images, each shrunk to fit ``cell`` × ``cell`` pixels, on a light ground.

    Args:
        rows: images of any size; a row may be shorter than ``columns``.
        columns: the headings, one a column.
        labels: one line under each row, such as a score; none when empty.
        cell: edge of a cell in pixels.

    Returns:
        uint8, H × W × 3.
    """
    footer = HEADER if labels else 0
    step_x, step_y = cell + GAP, cell + footer + GAP
    width, height = GAP + step_x * len(columns), HEADER + GAP + step_y * len(rows)
    sheet = Image.new("RGB", (width, height), "#e4e4e4")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for x, title in enumerate(columns):
        draw.text((GAP + x * step_x, 3), title, "#202020", font)
    for y, row in enumerate(rows):
        top = HEADER + GAP + y * step_y
        for x, image in enumerate(row):
            small = Image.fromarray(image)
            small.thumbnail((cell, cell), Image.Resampling.LANCZOS)
            corner = GAP + x * step_x + (cell - small.width) // 2, top + (cell - small.height) // 2
            sheet.paste(small, corner)
        if labels:
            draw.text((GAP, top + cell + 2), labels[y], "#202020", font)
    return np.asarray(sheet)
