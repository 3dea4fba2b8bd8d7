"""The only place that decodes, orients, flattens, resizes or encodes a picture.

Outside networks a picture is a ``uint8`` array, height × width × 3, RGB (sRGB).
"""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from sketch2color.files import write_bytes

PictureArray = NDArray[np.uint8]
MAX_PIXELS = 100_000_000
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


class PictureError(Exception):
    """A picture cannot be used; the message is the one reason, fit for a table."""


def read(source: Path | bytes) -> PictureArray:
    """Decode a picture fully: EXIF-oriented, colour-managed to sRGB, flattened on white, 8 bits.

    Args:
        source: a file, or the bytes of one.

    Returns:
        uint8, height × width × 3, RGB.

    Raises:
        PictureError: it is no picture, truncated, animated, or larger than ``MAX_PIXELS``.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    if not content:
        raise PictureError("empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow warns of odd metadata; what counts is the decoded picture
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError(f"{picture.width}x{picture.height} is over {MAX_PIXELS:,} pixels")
                if getattr(picture, "n_frames", 1) > 1:
                    raise PictureError("animated or of several pages")
                picture.load()
                return np.asarray(_flatten(_to_srgb(ImageOps.exif_transpose(picture))))
    except UnidentifiedImageError:
        raise PictureError("not a picture") from None
    except PictureError:
        raise
    except Exception as error:  # decoders raise nearly anything on broken input
        raise PictureError(f"cannot be decoded: {error}") from error


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode an RGB (H × W × 3) or grey (H × W) picture as PNG; equal pictures give equal bytes."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture as PNG, whole or not at all."""
    write_bytes(path, encode_png(picture))


def resize(picture: PictureArray, width: int, height: int) -> PictureArray:
    """Resize with an antialiasing Lanczos filter; ``width`` and ``height`` in pixels."""
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def paper_color(picture: PictureArray) -> tuple[int, int, int]:
    """Return the RGB colour of the paper: the most frequent colour along the picture's border.

    Colours are binned to 16 levels a channel to find the fullest bin, whose median is returned, so that the
    grain of a scan does not split the vote.
    """
    rim = max(1, min(picture.shape[:2]) // 64)
    edges = (picture[:rim], picture[-rim:], picture[:, :rim], picture[:, -rim:])
    border = np.concatenate([edge.reshape(-1, 3) for edge in edges])
    bins = (border >> 4).astype(np.int32) @ np.array([256, 16, 1], dtype=np.int32)
    fullest = np.bincount(bins, minlength=4096).argmax()
    red, green, blue = np.median(border[bins == fullest], axis=0).astype(int)
    return int(red), int(green), int(blue)


def _to_srgb(picture: Image.Image) -> Image.Image:
    """Bring 16-bit, CMYK and ICC-profiled pictures to 8-bit sRGB, alpha kept."""
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        return Image.fromarray((values.clip(0, top) / top * 255 + 0.5).astype(np.uint8))
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            return picture  # a broken profile says nothing about the colours: take them as they are
        return converted or picture
    return picture


def _flatten(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
