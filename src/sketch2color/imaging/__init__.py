"""The only package that decodes, orients, flattens, resizes or encodes an image.

Outside networks an image is a ``uint8`` array, H × W × 3, RGB (sRGB).
"""

from sketch2color.imaging.decoding import (
    MAX_PIXELS,
    SUFFIXES,
    UNREAD_SUFFIXES,
    Decoded,
    decode,
    flatten_on_white,
    from_srgb,
    read,
    read_rgba,
)
from sketch2color.imaging.editing import replace_pixels
from sketch2color.imaging.errors import ImageError
from sketch2color.imaging.paper import centered_region, fit_paper, pad_to_square, paper_color, pixel_centers
from sketch2color.imaging.pixels import (
    LARGE,
    NO_TAGS,
    ImageArray,
    Resize,
    Tags,
    bands,
    encode_jpeg,
    encode_png,
    is_single_colored,
    max_channel_diff,
    remove_white,
    resize,
    resize_labels,
    shrink,
    write_png,
)
from sketch2color.imaging.strokes import resize_strokes

__all__ = [
    "LARGE",
    "MAX_PIXELS",
    "NO_TAGS",
    "SUFFIXES",
    "UNREAD_SUFFIXES",
    "Decoded",
    "ImageArray",
    "ImageError",
    "Resize",
    "Tags",
    "bands",
    "centered_region",
    "decode",
    "encode_jpeg",
    "encode_png",
    "fit_paper",
    "flatten_on_white",
    "from_srgb",
    "is_single_colored",
    "max_channel_diff",
    "pad_to_square",
    "paper_color",
    "pixel_centers",
    "read",
    "read_rgba",
    "remove_white",
    "replace_pixels",
    "resize",
    "resize_labels",
    "resize_strokes",
    "shrink",
    "write_png",
]
