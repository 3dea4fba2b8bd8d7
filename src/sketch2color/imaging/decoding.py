"""From the bytes of a file to pixels: decoded whole, oriented, colour-managed, flattened, or refused."""

import io
import re
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError
from PIL.ExifTags import Base as Tag
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from sketch2color.imaging import truncation
from sketch2color.imaging.errors import ImageError, describe_error, describe_non_image
from sketch2color.imaging.pixels import ImageArray

MAX_PIXELS = 100_000_000
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})

_FORMATS = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "TIFF": ".tif",
    "GIF": ".gif",
}
"""What may be opened, by Pillow's names: it knows many more formats, some of which start other programs."""
_INCOMPLETE = "cannot be decoded: a part of the pixels is missing"
_MAX_SCANS = 20
"""A JPEG of MAX_PIXELS may be drawn so many times over, a smaller one more often; 10 is usual."""
_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


@dataclass(frozen=True)
class Decoded:
    """An image and the suffix of the format that its file really has, such as ``.png``."""

    image: ImageArray
    suffix: str


def read(source: Path | bytes) -> ImageArray:
    """Decode an image as :func:`decode` does.

    Args:
        source: a file, or the bytes of one.

    Returns:
        uint8, height × width × 3, RGB.

    Raises:
        ImageError: it cannot be used.
    """
    return decode(source if isinstance(source, bytes) else source.read_bytes()).image


def decode(content: bytes) -> Decoded:
    """Decode an image fully: EXIF-oriented, colour-managed to sRGB, flattened on white, 8 bits.

    Of a JPEG with further images behind it (MPO) the first counts. Metadata that cannot be read (EXIF,
    colour profile) leaves the image as its pixels are.

    Raises:
        ImageError: it is no PNG, JPEG, WebP, TIFF, BMP or GIF, truncated, animated, of several pages,
            larger than ``MAX_PIXELS``, or has values of no usual range. The reason is one short line.
    """
    if not content:
        raise ImageError("empty file")
    try:
        with silence_pillow, open_image(content) as image:
            _refuse(image, content)
            image.load()
            if image.format == "PNG" and truncation.is_truncated_png(image, content):
                raise ImageError(_INCOMPLETE)
            _mend_transparency(image, content)
            flat = flatten(_to_srgb(_to_eight_bits(image), image.info.get("icc_profile")))
            turn = TURNS.get(orientation(image))
            array = np.asarray(flat if turn is None else flat.transpose(turn))
            return Decoded(array, _FORMATS[image.format or ""])
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(describe_non_image(content)) from None
    except Image.DecompressionBombError:
        raise ImageError(f"over {MAX_PIXELS:,} pixels") from None
    except Exception as error:  # decoders raise nearly anything on broken input
        raise ImageError(f"cannot be decoded: {describe_error(error)}") from error


class _SilencePillow:
    """Silence for Pillow's warnings (of odd metadata, of many pixels) while any thread decodes.

    What counts is the decoded image. ``warnings.catch_warnings`` alone is not made for threads: the last
    one to leave could leave the warnings off, or the first one to leave put them on for the others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._silence = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._silence = warnings.catch_warnings()
                self._silence.__enter__()
                warnings.filterwarnings("ignore", module="PIL")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._silence.__exit__(None, None, None)


silence_pillow = _SilencePillow()
"""To be entered wherever Pillow opens or decodes a file."""


def open_image(content: bytes) -> ImageFile.ImageFile:
    """Open one of the formats that may be; nothing but the header is read."""
    if content.startswith(b"\xff\xd8\xff"):
        # What Image.open does for a JPEG reads the table of the images behind it too, and stumbles there.
        return JpegImageFile(io.BytesIO(content))
    return Image.open(io.BytesIO(content), formats=list(_FORMATS))


def _refuse(image: ImageFile.ImageFile, content: bytes) -> None:
    """Refuse by the header alone what must not be decoded."""
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise ImageError(f"{image.width}x{image.height} is over {MAX_PIXELS:,} pixels")
    if getattr(image, "is_animated", False):  # looks for a second frame; n_frames would read them all
        raise ImageError("animated or of several pages")
    if image.format == "JPEG":
        scans = sum(1 for _ in _SCAN.finditer(content))
        if scans * pixels > _MAX_SCANS * MAX_PIXELS:
            raise ImageError(f"a JPEG of {scans:,} scans: would take too long to decode")
    elif isinstance(image, TiffImageFile) and truncation.is_truncated_tiff(image):
        raise ImageError(_INCOMPLETE)


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 (upright) where it cannot be read."""
    try:
        return int(image.getexif().get(Tag.Orientation, 1))
    except Exception:  # EXIF is a small file system, and breaks in as many ways
        return 1


def _mend_transparency(image: Image.Image, content: bytes) -> None:
    """Bring a PNG's one transparent colour to 8 bits: Pillow scales the pixels, but not that colour."""
    color = image.info.get("transparency")
    if image.format != "PNG" or color is None:
        return
    bits = content[24]  # of a sample, in the header
    if image.mode == "RGB" and bits == 16:
        image.info["transparency"] = tuple(value >> 8 for value in color)
    elif image.mode == "L" and bits in (2, 4):
        image.info["transparency"] = color * 255 // (2**bits - 1)


def _to_eight_bits(image: ImageFile.ImageFile) -> Image.Image:
    """Bring an image to one of the modes L, LA, RGB, RGBA and CMYK, without a colour set transparent."""
    if image.mode.startswith(("I", "F")):
        return _to_tones(image)
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_tones(image: ImageFile.ImageFile) -> Image.Image:
    """Bring grey values of 12, 16 or 32 bits, or floating ones, to 8 bits.

    32 bits have no usual white: it is 255 or 65535, or 1 of floating values, the first that no value exceeds.
    """
    values = np.asarray(image)
    tags = getattr(image, "tag_v2", {})  # of a TIFF
    if image.mode.startswith("I;16"):
        whites = [4095 if tags.get(Tag.BitsPerSample) == (12,) else 65535]
    else:
        whites = [255, 65535] if image.mode == "I" else [1, 255, 65535]
    low, high = values.min(), values.max()
    white = next((white for white in whites if low >= 0 and high <= white), None)
    if white is None:  # also where a value is not a number
        raise ImageError("grey values of no usual range: save it with 8 or 16 bits")
    tones = (values * np.float32(255 / white) + np.float32(0.5)).astype(np.uint8)
    if tags.get(Tag.PhotometricInterpretation) == 0:  # 0 is white: Pillow minds it for 8 bits only
        tones = 255 - tones
    grey = Image.fromarray(tones)
    if (clear := image.info.get("transparency")) is not None:
        grey.putalpha(Image.fromarray((values != clear).astype(np.uint8) * np.uint8(255)))
    return grey


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply the colour profile to L, LA, RGB, RGBA or CMYK; alpha stays as it is."""
    if not profile:
        return image
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    try:
        converted = ImageCms.profileToProfile(
            image.convert(image.mode.removesuffix("A")) if alpha else image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return (
            image  # a broken profile, or one for other channels, says nothing: take the colours as they are
        )
    assert converted is not None, "only a conversion in place returns nothing"
    if alpha:
        converted.putalpha(alpha)
    return converted


def flatten(image: Image.Image) -> Image.Image:
    """Lay what has alpha on white, and bring all modes to RGB."""
    if image.mode not in ("LA", "RGBA"):
        return image if image.mode == "RGB" else image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
