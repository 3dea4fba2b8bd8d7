"""Images that stand for all: few, small, labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sketch2color import imaging
from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet

EDGE = 200
"""Longer side of a specimen, pixels."""
LEAST_COLUMNS = 2
"""Of a sheet, so that there is room for its title."""
LINE = 17
"""Height of a line of a caption, pixels."""
PAPER, INK = "#e4e4e4", "#202020"
JPEG_QUALITY = 80

T = TypeVar("T")


@dataclass(frozen=True)
class Specimen:
    """An image, at most ``EDGE`` pixels wide and high, and the lines that are written under it."""

    image: ImageArray
    lines: tuple[str, str]

    def jpeg(self) -> bytes:
        """Return the image as a JPEG file; equal images give equal bytes."""
        return imaging.encode_jpeg(self.image, JPEG_QUALITY)


def read(file: Path, lines: tuple[str, str]) -> Specimen:
    """Read an image and shrink it."""
    return Specimen(imaging.shrink(imaging.read(file), EDGE), lines)


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return all ``items``, or ``most`` of them at even distances.

    >>> spread("abcdefg", 3), spread("ab", 3)
    (['a', 'c', 'e'], ['a', 'b'])
    """
    count = min(most, len(items))
    return [items[index * len(items) // count] for index in range(count)]


def sheet(rows: Sequence[Sequence[Specimen]], title: str) -> ImageArray:
    """Return rows of specimens with their captions below a title, uint8, H × W × 3."""
    cells = [[_cell(specimen) for specimen in row] for row in rows]
    columns = max([LEAST_COLUMNS, *map(len, rows)])
    return contact_sheet(cells, [title] + [""] * (columns - 1), cell=EDGE + 2 * LINE)


def _cell(specimen: Specimen) -> ImageArray:
    """Return a square with the image in the middle of its upper part and the lines below."""
    edge = EDGE + 2 * LINE
    cell = Image.new("RGB", (edge, edge), PAPER)
    height, width = specimen.image.shape[:2]
    cell.paste(Image.fromarray(specimen.image), ((edge - width) // 2, (EDGE - height) // 2))
    draw, font = ImageDraw.Draw(cell), ImageFont.load_default(13)
    for place, line in enumerate(specimen.lines):
        draw.text((edge / 2, EDGE + place * LINE), _fitting(line, font, edge), INK, font, anchor="ma")
    return np.asarray(cell)


def _fitting(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Return a line as the font can write it; of a path that is too long the end, which tells most."""
    plain = line[-200:].replace("×", "x").encode("ascii", "replace").decode()
    text = "".join(letter if letter.isprintable() else "?" for letter in plain)
    while font.getlength(text) > width:
        text = "..." + text[4:]
    return text
