"""What a PNG or JPEG file carries besides its pixels: profile, orientation, resolution, whose work it is.

Encoders write what they know of it. Here all of it passes from one file to another, byte for byte.
"""

from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DATA = b"IDAT"
_START_OF_SCAN, _ADOBE, _COMMENT = 0xDA, 0xEE, 0xFE


def copy_png_chunks(original: bytes, pixels: bytes) -> bytes:
    """Return the PNG ``original`` with the pixels of the PNG ``pixels``, all other chunks as they were.

    Raises:
        ValueError: the two differ in size, bits or kind of colour, so that chunks would not mean the same.
    """
    if _header(original) != _header(pixels):
        raise ValueError("the two PNG files store their pixels in different ways")
    data = b"".join(chunk for name, chunk in _chunks(pixels) if name == _DATA)
    parts = [_SIGNATURE]
    for name, chunk in _chunks(original):
        if name == b"IHDR":
            parts.append(next(chunk for _, chunk in _chunks(pixels)))  # it alone tells how rows are ordered
        elif name != _DATA:
            parts.append(chunk)
        elif data:  # the first of several
            parts.append(data)
            data = b""
    return b"".join(parts)


def copy_jpeg_segments(original: bytes, pixels: bytes) -> bytes:
    """Return the JPEG ``pixels`` with the application segments and comments of the JPEG ``original``.

    Two kinds are not about the image but the file: Adobe's tells how its colours are stored, so that it
    comes with the pixels; MPF tells where further images lie behind the first, and goes with these.
    """
    kept = [
        segment
        for marker, segment in _segments(original)
        if _is_about(marker) and marker != _ADOBE and not segment[4:].startswith(b"MPF\0")
    ]
    own = [segment for marker, segment in _segments(pixels) if not _is_about(marker) or marker == _ADOBE]
    return b"\xff\xd8" + b"".join(kept + own)


def _header(png: bytes) -> bytes:
    return png[16:28]  # all of IHDR but whether it is interlaced


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give each chunk's name and its bytes, name, length and checksum included."""
    place = len(_SIGNATURE)
    while place + 12 <= len(png):
        end = place + 12 + int.from_bytes(png[place : place + 4], "big")
        yield png[place + 4 : place + 8], png[place:end]
        place = end


def _is_about(marker: int) -> bool:
    return 0xE0 <= marker <= 0xEF or marker == _COMMENT


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the marker and bytes of each segment; the last is the scan with all that follows."""
    place = 2
    while place + 4 <= len(jpeg):
        while jpeg[place + 1] == 0xFF:  # filling
            place += 1
        marker = jpeg[place + 1]
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if marker == _START_OF_SCAN:
            end = len(jpeg)
        yield marker, jpeg[place:end]
        place = end
