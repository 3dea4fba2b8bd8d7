"""Small labelled samples of images, for the data card and contact sheets."""

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
"""Longer side of a thumbnail, pixels."""
LINE = 17
"""Height of a line of a caption, pixels."""

T = TypeVar("T")


@dataclass(frozen=True)
class Thumbnail:
    """An image, at most ``EDGE`` pixels wide and high, and the two lines of its caption."""

    image: ImageArray
    lines: tuple[str, str]

    def jpeg(self) -> bytes:
        """Return the image as a JPEG file."""
        return imaging.encode_jpeg(self.image, quality=80)


def read(file: Path, lines: tuple[str, str]) -> Thumbnail:
    """Read an image and shrink it."""
    return Thumbnail(imaging.shrink(imaging.read(file), EDGE), lines)


def sample(items: Sequence[T], count: int) -> list[T]:
    """Return all ``items``, or ``count`` of them at equal distances: of 7, 3 are those at 0, 2 and 4."""
    count = min(count, len(items))
    return [items[index * len(items) // count] for index in range(count)]


def thumbnail_sheet(rows: Sequence[Sequence[Thumbnail]], title: str) -> ImageArray:
    """Return a contact sheet of rows of thumbnails with captions below a title, uint8, H × W × 3."""
    cells = [[_cell(thumbnail) for thumbnail in row] for row in rows]
    columns = max(2, *map(len, rows))  # two, so that the title fits
    return contact_sheet(cells, [title] + [""] * (columns - 1), cell=EDGE + 2 * LINE)


def _cell(thumbnail: Thumbnail) -> ImageArray:
    """Return a square with the image centered above its caption."""
    edge = EDGE + 2 * LINE
    cell = Image.new("RGB", (edge, edge), "#e4e4e4")
    height, width = thumbnail.image.shape[:2]
    cell.paste(Image.fromarray(thumbnail.image), ((edge - width) // 2, (EDGE - height) // 2))
    draw, font = ImageDraw.Draw(cell), ImageFont.load_default(13)
    for place, line in enumerate(thumbnail.lines):
        draw.text((edge / 2, EDGE + place * LINE), _fit(line, font, edge), "#202020", font, anchor="ma")
    return np.asarray(cell)


def _fit(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Return a line in the characters of the font; of a long path the end, which is the most specific."""
    plain = line[-200:].replace("×", "x").encode("ascii", "replace").decode()
    text = "".join(letter if letter.isprintable() else "?" for letter in plain)
    while font.getlength(text) > width:
        text = "..." + text[4:]
    return text
