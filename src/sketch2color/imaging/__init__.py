"""The only place that decodes, orients, flattens, resizes or encodes an image.

Outside networks an image is a ``uint8`` array, height × width × 3, RGB (sRGB).
"""

from sketch2color.imaging.decoding import MAX_PIXELS, SUFFIXES, Decoded, ImageError, decode, read
from sketch2color.imaging.difference import difference
from sketch2color.imaging.paper import Paper, on_paper, paper_color, paper_of, places
from sketch2color.imaging.pixels import (
    ImageArray,
    Resize,
    encode_jpeg,
    encode_png,
    is_single_colored,
    resize,
    shrink,
    write_png,
)
from sketch2color.imaging.repainting import repaint
from sketch2color.imaging.strokes import resize_strokes

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Decoded",
    "ImageArray",
    "ImageError",
    "Paper",
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
