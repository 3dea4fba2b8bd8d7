"""Decode the bytes of an image file completely, or reject it with a reason."""

import io
import re
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError
from PIL.ExifTags import Base as Tag
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from sketch2color.imaging import file_structure
from sketch2color.imaging.errors import ImageError, describe_non_image, is_heic
from sketch2color.imaging.pixels import NO_TAGS, ImageArray, Tags, bands
from sketch2color.text import describe_error

MAX_PIXELS = 100_000_000
MAX_BYTES = 1_000_000_000
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"}
)
UNREAD_SUFFIXES = frozenset({".heic", ".heif", ".jxl"})
"""Images that a folder's user expects to be read, and which are reported instead."""

_FORMATS = {
    "PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "AVIF": ".avif", "TIFF": ".tif", "BMP": ".bmp",
    "GIF": ".gif",
}  # fmt: skip
"""The accepted formats by Pillow's names: it knows many more, some of which start other programs."""
_TRUNCATED = "cannot be decoded: a part of the pixels is missing"
_MAX_SCANS = 20
"""Scans of a JPEG of MAX_PIXELS; a smaller one may have more in proportion. 10 is usual."""
_TRANSPOSED = (5, 6, 7, 8)
"""The EXIF orientations that lie on their side."""
_MAX_DPI = 100_000.0
"""A resolution of 1 is what is read where a TIFF has none."""
Image.core.set_block_size(1 << 26)  # type: ignore[attr-defined]
"""Bytes in which Pillow allocates: of smaller blocks the allocator keeps a large image's for the process."""
_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")


@dataclass(frozen=True)
class Decoded:
    """An image, and the suffix of its file's actual format, such as ``.png``.

    ``alpha`` is that of the file, uint8 H × W, None where all is opaque; ``tags`` say its resolution, and its
    colour profile if an RGB image can be converted to it.
    """

    image: ImageArray
    suffix: str
    alpha: NDArray[np.uint8] | None = None
    tags: Tags = NO_TAGS


def read(source: Path | bytes) -> ImageArray:
    """Return the image of a file, or of the bytes of one, as :func:`decode` does.

    Returns:
        uint8, H × W × 3, RGB.

    Raises:
        ImageError: the image cannot be used.
    """
    return decode(_content(source)).image


def read_rgba(source: Path | bytes) -> NDArray[np.uint8]:
    """Return an image with its alpha, uint8 H × W × 4; ImageError if it cannot be used or has no alpha."""
    decode(content := _content(source))
    with silence_pillow, open_image(content) as image:
        if not image.has_transparency_data:
            raise ImageError("has no transparency")
        return np.asarray(image.convert("RGBA"))


def _content(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    with source.open("rb") as file:  # perhaps a device without an end
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ImageError(f"has more than {MAX_BYTES:,} bytes")
    return content


def decode(content: bytes) -> Decoded:
    """Decode an image: upright by its EXIF orientation, in sRGB, flattened on white, 8 bits a channel.

    The first image of a multi-picture JPEG (MPO) is used. Metadata that cannot be read (EXIF, colour profile)
    is ignored.

    Raises:
        ImageError: the file is not a PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF; is truncated, animated, of
            several pages, or larger than ``MAX_PIXELS``; or its values have no usual range.
    """
    if not content:
        raise ImageError("empty file")
    if is_heic(content):  # some begin as AVIF does
        raise ImageError(describe_non_image(content))
    try:
        with silence_pillow, open_image(content) as image:
            _check_header(image, content)
            image.load()
            if image.format == "PNG" and file_structure.is_truncated_png(image, content):
                raise ImageError(_TRUNCATED)
            _scale_transparent_color(image, content)
            upright, alpha = _upright(image)
            return Decoded(upright, _FORMATS[image.format or ""], alpha, _tags(image))
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(describe_non_image(content)) from None
    except Image.DecompressionBombError:
        raise ImageError(f"over {MAX_PIXELS:,} pixels") from None
    except Exception as error:  # decoders raise nearly anything on broken input
        raise ImageError(f"cannot be decoded: {describe_error(error)}") from error


class _SilencePillow:
    """Ignore Pillow's warnings (odd metadata, many pixels) while any thread is inside.

    ``warnings.catch_warnings`` changes the whole process: entered by several threads, the last to leave could
    leave the warnings off, or the first switch them on for the others. So only the first in and last out act.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._ignore = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._ignore = warnings.catch_warnings()
                self._ignore.__enter__()
                warnings.filterwarnings("ignore", module="PIL")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._ignore.__exit__(None, None, None)


silence_pillow = _SilencePillow()


def open_image(content: bytes) -> ImageFile.ImageFile:
    """Open an image of an accepted format; only its header is read."""
    if content.startswith(b"\xff\xd8\xff"):
        # Image.open would also read the table of an MPO's further images, and fails where it is broken.
        return JpegImageFile(io.BytesIO(content))
    return Image.open(io.BytesIO(content), formats=list(_FORMATS))


def _check_header(image: ImageFile.ImageFile, content: bytes) -> None:
    """Reject what must not be decoded, before decoding it."""
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise ImageError(f"{image.width}x{image.height} is over {MAX_PIXELS:,} pixels")
    if getattr(image, "is_animated", False):  # seeks a second frame only; n_frames would read them all
        raise ImageError("animated or of several pages")
    if image.format == "JPEG":
        scans = sum(1 for _ in _SCAN.finditer(content))
        if scans * pixels > _MAX_SCANS * MAX_PIXELS:
            raise ImageError(f"a JPEG of {scans:,} scans: would take too long to decode")
    elif isinstance(image, TiffImageFile) and file_structure.is_truncated_tiff(image):
        raise ImageError(_TRUNCATED)


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where it cannot be read."""
    try:
        return int(image.getexif().get(Tag.Orientation, 1))
    except Exception:  # EXIF is a small file system, and breaks in as many ways
        return 1


def as_stored(upright: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    """Return a view of an upright image, H × W or H × W × 3, as EXIF orientation ``turn`` stores it."""
    flipped = upright[:: -1 if turn in (3, 4, 7, 8) else 1, :: -1 if turn in (2, 3, 6, 7) else 1]
    return flipped.swapaxes(0, 1) if turn in _TRANSPOSED else flipped


def _scale_transparent_color(image: Image.Image, content: bytes) -> None:
    """Scale a PNG's transparent colour to 8 bits: Pillow scales the pixels, but not that colour."""
    color = image.info.get("transparency")
    if image.format != "PNG" or color is None:
        return
    bits = content[24]  # of a sample, in the header
    if image.mode == "RGB" and bits == 16:
        image.info["transparency"] = tuple(value >> 8 for value in color)
    elif image.mode == "L" and bits in (2, 4):
        image.info["transparency"] = color * 255 // (2**bits - 1)


def _upright(image: ImageFile.ImageFile) -> tuple[ImageArray, NDArray[np.uint8] | None]:
    """Convert a loaded image in bands of rows: memory holds a large one, but not further copies of it.

    Returns:
        The image in RGB and its alpha, None where all is opaque.
    """
    wide = _scale_to_8_bits(image) if image.mode.startswith(("I", "F")) else image
    size, turn = image.size, orientation(image)
    upright = np.empty((*(size if turn in _TRANSPOSED else size[::-1]), 3), np.uint8)
    alpha = np.full(upright.shape[:2], 255, np.uint8) if wide.has_transparency_data else None
    stored, stored_alpha = as_stored(upright, turn), None if alpha is None else as_stored(alpha, turn)
    for rows in bands(image.height, image.width):
        band = _to_8_bits(wide.crop((0, rows.start, image.width, rows.stop)))
        stored[rows] = np.asarray(flatten(_to_srgb(band, image.info.get("icc_profile"))))
        if stored_alpha is not None:
            stored_alpha[rows] = np.asarray(band.getchannel("A"))
    return upright, None if alpha is None or alpha.min() == 255 else alpha


def _tags(image: ImageFile.ImageFile) -> Tags:
    """Return the resolution and the colour profile of an image, as far as they can be used for its result."""
    dpi, profile = None, image.info.get("icc_profile")
    with suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(each) for each in image.info.get("dpi", ()))
        if all(1.0 < each <= _MAX_DPI for each in (across, down)):
            dpi = (down, across) if orientation(image) in _TRANSPOSED else (across, down)
    if image.mode in ("L", "LA", "1", "CMYK") or not profile or _to_profile(profile) is None:
        profile = None
    return Tags(dpi, profile)


def _to_profile(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """Return the conversion from sRGB to an RGB profile; None where there is none."""
    try:
        return ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"),
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,  # white stays white
        )
    except (ImageCms.PyCMSError, OSError):
        return None


def from_srgb(image: NDArray[np.uint8], profile: bytes) -> NDArray[np.uint8]:
    """Convert an image, H × W × 3 or 4, from sRGB to the profile of a file's :class:`Tags`."""
    converted = image.copy()
    if transform := _to_profile(profile):
        for rows in bands(*image.shape[:2]):
            band = Image.fromarray(np.ascontiguousarray(image[rows, :, :3]))
            converted[rows, :, :3] = np.asarray(ImageCms.applyTransform(band, transform))
    return converted


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Convert an image to L, LA, RGB, RGBA or CMYK, and a transparent colour to alpha."""
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _scale_to_8_bits(image: ImageFile.ImageFile) -> Image.Image:
    """Scale grey values of 12, 16 or 32 bits, or floating ones, to 8 bits.

    32 bits have no usual white: it is 255 or 65535, or 1 for floating values, the first that no value
    exceeds.
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
    scaled = values * np.float32(255 / white)
    scaled += np.float32(0.5)
    scaled = scaled.astype(np.uint8)
    if tags.get(Tag.PhotometricInterpretation) == 0:  # 0 is white: Pillow heeds it for 8 bits only
        scaled = 255 - scaled
    grey = Image.fromarray(scaled)
    if (transparent := image.info.get("transparency")) is not None:
        grey.putalpha(Image.fromarray((values != transparent).astype(np.uint8) * np.uint8(255)))
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
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for other channels
        return image
    assert converted is not None, "only a conversion in place returns nothing"
    if alpha:
        converted.putalpha(alpha)
    return converted


def flatten_on_white(image: NDArray[np.uint8]) -> ImageArray:
    """Return an image, H × W × 3 or 4, on white."""
    return np.asarray(flatten(Image.fromarray(image)))


def flatten(image: Image.Image) -> Image.Image:
    """Composite an image with alpha on white, and convert all modes to RGB."""
    if image.mode not in ("LA", "RGBA"):
        return image if image.mode == "RGB" else image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
