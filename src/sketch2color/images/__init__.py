"""The only place that decodes, orients, flattens, resizes or encodes a picture.

Outside networks a picture is a ``uint8`` array, height × width × 3, RGB (sRGB).
"""

from sketch2color.images.decoding import MAX_PIXELS, SUFFIXES, Decoded, PictureError, decode, read
from sketch2color.images.pixels import (
    PictureArray,
    encode_jpeg,
    encode_png,
    is_single_colored,
    on_paper,
    paper_color,
    resize,
    write_png,
)

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Decoded",
    "PictureArray",
    "PictureError",
    "decode",
    "encode_jpeg",
    "encode_png",
    "is_single_colored",
    "on_paper",
    "paper_color",
    "read",
    "resize",
    "write_png",
]
