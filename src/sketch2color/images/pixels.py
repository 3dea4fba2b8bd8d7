"""What is done with pixels: resized, judged, encoded."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketch2color.files import write_bytes

PictureArray = NDArray[np.uint8]
Resize = Callable[[PictureArray, int, int], PictureArray]
"""Brings a picture to a width and a height in pixels."""


def is_single_colored(picture: PictureArray) -> bool:
    """Tell whether a picture shows one colour only, grain of paper or of JPEG apart.

    It does where in every channel at least 99.98 % of the pixels lie within 12 levels (of 256) of the
    channel's median: a blank scan passes for one colour, a page with one thin line across does not.
    """
    allowed = 0.0002 * picture.shape[0] * picture.shape[1]
    # If it were of one colour, so would every fourth pixel of every fourth row be, and the median of these
    # would be within 12 levels of the true one. For most pictures that is answer enough.
    if _far_from_median(picture[::4, ::4], levels=24) > allowed:
        return False
    return bool(_far_from_median(picture, levels=12) <= allowed)


def _far_from_median(picture: PictureArray, levels: int) -> int:
    """Count the pixels that differ from the median by more than ``levels``, in the channel with the most."""
    counts = np.array(Image.fromarray(np.ascontiguousarray(picture)).histogram()).reshape(3, 256)
    medians = (counts.cumsum(axis=1) >= counts[0].sum() / 2).argmax(axis=1)
    far = np.abs(np.arange(256) - medians[:, None]) > levels
    return int((counts * far).sum(axis=1).max())


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode an RGB (H × W × 3) or grey (H × W) picture as PNG; equal pictures give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def encode_jpeg(picture: PictureArray, quality: int) -> bytes:
    """Encode an RGB picture as JPEG, ``quality`` 1 to 95; equal pictures give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture as PNG, whole or not at all."""
    write_bytes(path, encode_png(picture))


def resize(picture: PictureArray, width: int, height: int) -> PictureArray:
    """Resize with an antialiasing Lanczos filter; ``width`` and ``height`` in pixels."""
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def shrink(picture: PictureArray, side: int, resize: Resize = resize) -> PictureArray:
    """Resize a picture so that neither side is longer than ``side`` pixels; a small one stays as it is."""
    height, width = picture.shape[:2]
    factor = min(1.0, side / max(height, width))
    return resize(picture, max(1, round(width * factor)), max(1, round(height * factor)))
