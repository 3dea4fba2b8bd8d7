"""The only place that decodes, orients, flattens, resizes or encodes a picture.

Outside networks a picture is a ``uint8`` array, height × width × 3, RGB (sRGB).
"""

from sketch2color.images.decoding import MAX_PIXELS, SUFFIXES, Decoded, PictureError, decode, read
from sketch2color.images.difference import difference
from sketch2color.images.paper import Paper, on_paper, paper_color, paper_of, places
from sketch2color.images.pixels import (
    PictureArray,
    Resize,
    encode_jpeg,
    encode_png,
    is_single_colored,
    resize,
    shrink,
    write_png,
)
from sketch2color.images.repainting import repaint
from sketch2color.images.strokes import resize_strokes

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Decoded",
    "Paper",
    "PictureArray",
    "PictureError",
    "Resize",
    "decode",
    "difference",
    "encode_jpeg",
    "encode_png",
    "is_single_colored",
    "on_paper",
    "paper_color",
    "paper_of",
    "places",
    "read",
    "repaint",
    "resize",
    "resize_strokes",
    "shrink",
    "write_png",
]
