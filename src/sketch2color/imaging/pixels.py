"""Operations on pixels: resize, compare, encode."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketch2color.files import write_bytes

ImageArray = NDArray[np.uint8]
Resize = Callable[[ImageArray, int, int], ImageArray]
"""Resizes an image to a width and a height in pixels."""

LARGE = 1 << 25
"""Pixels from which an image is processed in parts, and encoded with less effort."""
_BAND = 1 << 21
"""Pixels of a band of rows: what is computed of it stays in the processor's cache or near it."""


@dataclass(frozen=True)
class Tags:
    """What a file says of its pixels: dots per inch, across and down, and an ICC profile of the colours."""

    dpi: tuple[float, float] | None = None
    profile: bytes | None = None


NO_TAGS = Tags()


def bands(height: int, width: int) -> Iterator[slice]:
    """Yield the rows of a large image in bands, lest copies fill the memory; else all rows at once."""
    step = max(1, _BAND // width) if height * width >= LARGE else height
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def is_single_colored(image: ImageArray) -> bool:
    """Return whether an image shows one colour only, apart from the grain of paper or of JPEG.

    It does where in every channel at least 99.98 % of the pixels lie within 12 levels (of 256) of the
    channel's
    median: a blank scan is of one colour, a page with one thin line across is not.
    """
    allowed = 0.0002 * image.shape[0] * image.shape[1]
    # An image of one colour is so in every fourth pixel of every fourth row too, with a median within 12
    # levels of the whole image's. This cheap test is enough for most images.
    if _count_outliers(image[::4, ::4], levels=24) > allowed:
        return False
    return bool(_count_outliers(image, levels=12) <= allowed)


def _count_outliers(image: ImageArray, levels: int) -> int:
    """Return how many pixels differ from the median by more than ``levels``, in the channel with the most."""
    counts = np.array(Image.fromarray(np.ascontiguousarray(image)).histogram()).reshape(3, 256)
    medians = (counts.cumsum(axis=1) >= counts[0].sum() / 2).argmax(axis=1)
    outlying = np.abs(np.arange(256) - medians[:, None]) > levels
    return int((counts * outlying).sum(axis=1).max())


def max_channel_diff(colors: NDArray[Any], others: NDArray[Any] | float) -> NDArray[Any]:
    """Return the absolute difference of colours, … × 3, in the channel where it is largest, in levels.

    The arrays are of a signed type, or of an unsigned one where no colour is below the other.

    >>> max_channel_diff(np.array([[200, 10, 10], [0, 0, 0]]), np.array([190, 10, 40]))
    array([ 30, 190])
    """
    diff = np.abs(colors - others)
    # NumPy's maximum over so short an axis takes ten times as long.
    return np.asarray(np.maximum(np.maximum(diff[..., 0], diff[..., 1]), diff[..., 2]))


def remove_white(image: ImageArray, alpha: NDArray[np.uint8] | int) -> NDArray[np.uint8]:
    """Return an image, H × W × 3, as H × W × 4 that looks the same on white, within a level.

    Its alpha is at least ``alpha``, H × W, and else as low as the colours allow.
    """
    opacity = np.maximum(255 - image.min(2), alpha).astype(np.uint8)[..., None]
    divisor = np.maximum(opacity, 1).astype(np.uint16)
    dark = ((255 - image).astype(np.uint16) * np.uint16(255) + divisor // 2) // divisor
    return np.concatenate([(255 - dark).astype(np.uint8), opacity], 2)


def to_pillow(image: NDArray[np.uint8]) -> Image.Image:
    """Turn an RGB, RGBA or grey array into Pillow's, band by band: Pillow copies twice what it is given."""
    height, width = image.shape[:2]
    mode = "L" if image.ndim == 2 else {3: "RGB", 4: "RGBA"}[image.shape[2]]
    copied = Image.new(mode, (width, height))
    for rows in bands(height, width):
        copied.paste(Image.fromarray(image[rows]), (0, rows.start))
    return copied


def from_pillow(image: Image.Image) -> NDArray[Any]:
    """Turn an image of Pillow's into an array of its mode, band by band, as :func:`to_pillow`."""
    corner = np.asarray(image.crop((0, 0, 1, 1)))
    array = np.empty((image.height, image.width, *corner.shape[2:]), corner.dtype)
    for rows in bands(image.height, image.width):
        array[rows] = np.asarray(image.crop((0, rows.start, image.width, rows.stop)))
    return array


def png_level(height: int, width: int) -> int:
    """Return zlib's level for an image's size: a large one takes half the time for 5 % more bytes."""
    return 6 if height * width < LARGE else 4


def encode_png(image: NDArray[np.uint8], tags: Tags = NO_TAGS) -> bytes:
    """Encode an RGB, RGBA (H × W × 3 or 4) or grey (H × W) image as PNG; equal images give equal bytes."""
    buffer = io.BytesIO()
    level = png_level(*image.shape[:2])
    to_pillow(image).save(buffer, "PNG", compress_level=level, dpi=tags.dpi, icc_profile=tags.profile)
    return buffer.getvalue()


def encode_jpeg(image: ImageArray, quality: int) -> bytes:
    """Encode an RGB image as JPEG, ``quality`` 1 to 95; equal images give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image as PNG, atomically."""
    write_bytes(path, encode_png(image))


def resize(image: ImageArray, width: int, height: int) -> ImageArray:
    """Resize to ``width`` × ``height`` pixels with an antialiasing Lanczos filter."""
    if image.shape[:2] == (height, width):
        return image
    if image.shape[0] * image.shape[1] < LARGE:
        return _resize(image, width, height)
    rows = [_resize(image[band], width, band.stop - band.start) for band in bands(*image.shape[:2])]
    return _resize(np.concatenate(rows), width, height)


def _resize(image: ImageArray, width: int, height: int) -> ImageArray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))


def resize_labels(labels: ImageArray, width: int, height: int) -> ImageArray:
    """Resize to ``width`` × ``height`` pixels, each with the value of its nearest pixel."""
    return np.array(Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST))


def shrink(image: ImageArray, side: int, resize: Resize = resize) -> ImageArray:
    """Resize an image so that its longer side is at most ``side`` pixels; never enlarge it."""
    height, width = image.shape[:2]
    factor = min(1.0, side / max(height, width))
    return resize(image, max(1, round(width * factor)), max(1, round(height * factor)))
