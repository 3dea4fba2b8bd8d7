"""PNG files that say what they were made of, and whether anybody changed them since."""

import hashlib
import zlib

_NAME = b"sketch2color"
_HEADER = 33
"""Bytes of a PNG's signature and its first chunk, IHDR."""


def sign_png(png: bytes, origin: str) -> bytes:
    """Add a text chunk with ``origin``, in ASCII, and the SHA-256 of the file without that chunk."""
    text = b"tEXt" + _NAME + f"\0{origin} {hashlib.sha256(png).hexdigest()}".encode()
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return png[:_HEADER] + chunk + png[_HEADER:]


def origin_of(content: bytes) -> str | None:
    """Return the origin of a file that :func:`sign_png` returned; None for any other, or a changed one."""
    length = int.from_bytes(content[_HEADER : _HEADER + 4], "big")
    text = content[_HEADER + 8 : _HEADER + 8 + length]
    origin = text[len(_NAME) + 1 :].rpartition(b" ")[0].decode("ascii", "replace")
    png = content[:_HEADER] + content[_HEADER + 12 + length :]
    return origin if text.startswith(_NAME) and sign_png(png, origin) == content else None
