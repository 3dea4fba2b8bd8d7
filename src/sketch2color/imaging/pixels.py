"""What is done with pixels: resized, judged, encoded."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketch2color.files import write_bytes

ImageArray = NDArray[np.uint8]
Resize = Callable[[ImageArray, int, int], ImageArray]
"""Brings an image to a width and a height in pixels."""


def is_single_colored(image: ImageArray) -> bool:
    """Tell whether an image shows one colour only, grain of paper or of JPEG apart.

    It does where in every channel at least 99.98 % of the pixels lie within 12 levels (of 256) of the
    channel's median: a blank scan passes for one colour, a page with one thin line across does not.
    """
    allowed = 0.0002 * image.shape[0] * image.shape[1]
    # If it were of one colour, so would every fourth pixel of every fourth row be, and the median of these
    # would be within 12 levels of the true one. For most images that is answer enough.
    if _far_from_median(image[::4, ::4], levels=24) > allowed:
        return False
    return bool(_far_from_median(image, levels=12) <= allowed)


def _far_from_median(image: ImageArray, levels: int) -> int:
    """Count the pixels that differ from the median by more than ``levels``, in the channel with the most."""
    counts = np.array(Image.fromarray(np.ascontiguousarray(image)).histogram()).reshape(3, 256)
    medians = (counts.cumsum(axis=1) >= counts[0].sum() / 2).argmax(axis=1)
    far = np.abs(np.arange(256) - medians[:, None]) > levels
    return int((counts * far).sum(axis=1).max())


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Encode an RGB (H × W × 3) or grey (H × W) image as PNG; equal images give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def encode_jpeg(image: ImageArray, quality: int) -> bytes:
    """Encode an RGB image as JPEG, ``quality`` 1 to 95; equal images give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image as PNG, whole or not at all."""
    write_bytes(path, encode_png(image))


def resize(image: ImageArray, width: int, height: int) -> ImageArray:
    """Resize with an antialiasing Lanczos filter; ``width`` and ``height`` in pixels."""
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))


def shrink(image: ImageArray, side: int, resize: Resize = resize) -> ImageArray:
    """Resize an image so that neither side is longer than ``side`` pixels; a small one stays as it is."""
    height, width = image.shape[:2]
    factor = min(1.0, side / max(height, width))
    return resize(image, max(1, round(width * factor)), max(1, round(height * factor)))
