"""The structure of PNG, JPEG and TIFF files: whether all pixels are there, and the metadata beside them.

Decoders leave missing pixels black, and encoders write only the metadata that they know. Here missing pixels
are detected, and metadata is copied from file to file byte for byte.
"""

import math
import zlib
from collections.abc import Iterator

from PIL.ExifTags import Base as Tag
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The passes of an interlaced PNG: first column and row, steps across and down (PNG specification, 8.2)."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels of each PNG colour type."""
_INFLATE_STEP = 1 << 20
"""Bytes that are decompressed at once, so that a small file cannot fill the memory."""
_START_OF_SCAN, _ADOBE, _COMMENT = 0xDA, 0xEE, 0xFE


def is_truncated_tiff(image: TiffImageFile) -> bool:
    """Return whether a TIFF has fewer strips or tiles than its size needs."""
    tags = image.tag_v2
    width, height = tags[Tag.ImageWidth], tags[Tag.ImageLength]
    if Tag.TileOffsets in tags:
        parts, across, down = tags[Tag.TileOffsets], tags[Tag.TileWidth], tags[Tag.TileLength]
    else:
        parts, across, down = tags[Tag.StripOffsets], width, tags.get(Tag.RowsPerStrip, height)
    needed = math.ceil(width / across) * math.ceil(height / down)
    planar = tags.get(Tag.PlanarConfiguration) == 2  # each part holds one channel
    return bool(len(parts) < needed * (tags.get(Tag.SamplesPerPixel, 1) if planar else 1))


def is_truncated_png(image: ImageFile, content: bytes) -> bool:
    """Return whether a decoded PNG has fewer pixels than its header says, though its compression ends well.

    The bytes are counted only where the last row is empty or the rows are interlaced.
    """
    last = image.crop((0, image.height - 1, image.width, image.height))
    if any(last.tobytes()) and not content[28]:
        return False
    return _inflated_size(content) < _expected_size(content)


def _expected_size(png: bytes) -> int:
    """Return the bytes of all rows, each with the byte that names its filter."""
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    bits, color_type, interlaced = png[24], png[25], png[28]
    size = 0
    for left, top, across, down in _ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = math.ceil((width - left) / across), math.ceil((height - top) / down)
        if columns > 0 and rows > 0:
            size += rows * (1 + math.ceil(columns * bits * _CHANNELS[color_type] / 8))
    return size


def _inflated_size(png: bytes) -> int:
    size, inflate = 0, zlib.decompressobj()
    for name, chunk in _png_chunks(png):
        data = chunk[8 : 8 + int.from_bytes(chunk[:4], "big")] if name == b"IDAT" else b""
        while data:
            size += len(inflate.decompress(data, _INFLATE_STEP))
            data = inflate.unconsumed_tail
    return size + len(inflate.flush())


def _png_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk's name and its bytes: length, name, data, checksum."""
    start = len(_PNG_SIGNATURE)
    while start + 8 <= len(png):  # a file may lack the last checksum
        end = start + 12 + int.from_bytes(png[start : start + 4], "big")
        yield png[start + 4 : start + 8], png[start:end]
        start = end


def copy_png_chunks(original: bytes, pixels: bytes) -> bytes:
    """Return the PNG ``original`` with the pixels of the PNG ``pixels``, and all its other chunks.

    Raises:
        ValueError: the two differ in size, bit depth or colour type, which other chunks depend on.
    """
    if original[16:28] != pixels[16:28]:  # all of IHDR but whether the rows are interlaced
        raise ValueError("the two PNG files store their pixels in different ways")
    new = list(_png_chunks(pixels))
    header, data = new[0][1], b"".join(chunk for name, chunk in new if name == b"IDAT")
    parts = [_PNG_SIGNATURE]
    for name, chunk in _png_chunks(original):
        if name == b"IHDR":
            parts.append(header)
        elif name != b"IDAT":
            parts.append(chunk)
        elif data:  # in place of the first of several
            parts.append(data)
            data = b""
    return b"".join(parts)


def copy_jpeg_segments(original: bytes, pixels: bytes) -> bytes:
    """Return the JPEG ``pixels`` with the application segments and comments of the JPEG ``original``.

    Two application segments describe the file, not the image: Adobe's says how the colours are stored, and
    stays with the pixels; MPF lists further images behind the first, and is dropped with them.
    """
    metadata = [
        segment
        for marker, segment in _jpeg_segments(original)
        if _is_metadata(marker) and not segment[4:].startswith(b"MPF\0")
    ]
    coding = [segment for marker, segment in _jpeg_segments(pixels) if not _is_metadata(marker)]
    return b"\xff\xd8" + b"".join(metadata + coding)


def _is_metadata(marker: int) -> bool:
    return (0xE0 <= marker <= 0xEF and marker != _ADOBE) or marker == _COMMENT


def _jpeg_segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and the bytes of each segment; the last is the scan with all that follows."""
    start = 2
    while start + 4 <= len(jpeg):
        while jpeg[start + 1] == 0xFF:  # padding
            start += 1
        marker = jpeg[start + 1]
        end = start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")
        if marker == _START_OF_SCAN:
            end = len(jpeg)
        yield marker, jpeg[start:end]
        start = end
