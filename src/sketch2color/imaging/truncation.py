"""Whether a file holds all the pixels that its header claims; decoders leave black what is missing."""

import math
import zlib
from collections.abc import Iterator

from PIL.ExifTags import Base as Tag
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced PNG: the first column and row of each pass, and the steps across and down (PNG, 8.2)."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_STEP = 1 << 20


def is_truncated_tiff(image: TiffImageFile) -> bool:
    """Tell whether a TIFF has fewer strips or tiles than its size needs."""
    tags = image.tag_v2
    width, height = tags[Tag.ImageWidth], tags[Tag.ImageLength]
    if Tag.TileOffsets in tags:
        parts, across, down = tags[Tag.TileOffsets], tags[Tag.TileWidth], tags[Tag.TileLength]
    else:
        parts, across, down = tags[Tag.StripOffsets], width, tags.get(Tag.RowsPerStrip, height)
    needed = math.ceil(width / across) * math.ceil(height / down)
    apart = tags.get(Tag.PlanarConfiguration) == 2  # each holds one channel
    return bool(len(parts) < needed * (tags.get(Tag.SamplesPerPixel, 1) if apart else 1))


def is_truncated_png(image: ImageFile, content: bytes) -> bool:
    """Tell whether a decoded PNG has fewer pixels than its header says, though its packing ends well.

    Only where the last row is empty, or rows do not come in order, does this have to be counted out.
    """
    last = image.crop((0, image.height - 1, image.width, image.height))
    if any(last.tobytes()) and not content[28]:
        return False
    return _unpacked_size(content) < _needed_size(content)


def _needed_size(content: bytes) -> int:
    """Count the bytes that the rows of a PNG take, each with the byte that names its filter."""
    width, height = (int.from_bytes(content[place : place + 4], "big") for place in (16, 20))
    bits, kind, interlaced = content[24], content[25], content[28]
    size = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = math.ceil((width - left) / across), math.ceil((height - top) / down)
        if columns > 0 and rows > 0:
            size += rows * (1 + math.ceil(columns * bits * _CHANNELS[kind] / 8))
    return size


def _unpacked_size(content: bytes) -> int:
    size, unpacker = 0, zlib.decompressobj()
    for data in _pixel_chunks(content):
        while data:
            size += len(unpacker.decompress(data, _STEP))
            data = unpacker.unconsumed_tail
    return size + len(unpacker.flush())


def _pixel_chunks(content: bytes) -> Iterator[bytes]:
    place = 8
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IDAT":
            yield content[place + 8 : place + 8 + length]
        place += 12 + length
