"""Giving a file back with some of its pixels changed, and all else of it as it was."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.ExifTags import Base as Tag

from sketch2color.imaging import metadata
from sketch2color.imaging.decoding import TURNS, flatten, open_image, orientation, read, silence_pillow
from sketch2color.imaging.errors import ImageError, describe_error
from sketch2color.imaging.pixels import ImageArray

Mask = NDArray[np.uint8]
Paint = Callable[[ImageArray, Mask], ImageArray]

_LOSSLESS = ("raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "group3", "group4", "lzma")
_BACK = {
    **TURNS,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""What turns an upright image to each EXIF orientation; all others undo themselves."""


def replace_pixels(content: bytes, mask: Mask, paint: Paint) -> bytes:
    """Change the masked pixels of an image file.

    Format, mode (grey, palette, alpha, 16 bits of grey), size, EXIF, colour profile, resolution and texts
    stay. In formats without loss every pixel outside of the mask stays as it was, bit by bit; a JPEG is
    encoded anew with its own tables, and a WebP with loss comes back as one without.

    Args:
        content: a file that :func:`decode` reads.
        mask: uint8, height × width of the decoded (upright) image, 255 where pixels change.
        paint: is given an image (uint8, H × W × 3, in the file's own colours: a palette looked up, alpha on
            white) and the mask in the same orientation, and returns it with other pixels under the mask.
            Alpha and the black of CMYK are given to it as grey images.

    Raises:
        ImageError: pixels of this kind cannot be changed, or not without changing others.
    """
    try:
        with silence_pillow, open_image(content) as image:
            image.load()
            turn = _BACK.get(orientation(image))
            turned = Image.fromarray(mask) if turn is None else Image.fromarray(mask).transpose(turn)
            stored = np.asarray(turned)
            _put(image, _painted(image, stored, paint), stored)
            changed = _ENCODERS[image.format or ""](image, content)
            if image.format != "JPEG":
                _expect_same_outside(content, changed, mask, stored)
            return changed
    except ImageError:
        raise
    except Exception as error:  # encoders raise as much as decoders do
        raise ImageError(f"cannot be written back: {describe_error(error)}") from error


def _painted(image: ImageFile.ImageFile, mask: Mask, paint: Paint) -> NDArray[Any]:
    """Give the values that pixels of the same mode may have under the mask; others are of no account."""
    mode, values = image.mode, np.asarray(image)
    if mode == "P":
        return _from_palette(image, mask, paint)
    if "transparency" in image.info:
        raise ImageError("cannot be written back: one colour stands for transparency; save it with alpha")
    if mode in ("LA", "RGBA"):
        return _under_alpha(image, mask, paint)
    if mode == "RGB":
        return paint(values, mask)
    if mode == "L":
        return _as_grey(values, mask, paint)
    if mode == "1":
        return _as_grey(values.astype(np.uint8) * np.uint8(255), mask, paint) > 127
    if mode == "I;16":
        return _as_grey((values // 257).astype(np.uint8), mask, paint).astype(np.uint16) * np.uint16(257)
    if mode == "CMYK":
        ink = 255 - values
        color, black = paint(np.ascontiguousarray(ink[..., :3]), mask), _as_grey(ink[..., 3], mask, paint)
        return 255 - np.dstack([color, black])
    raise ImageError(f"cannot be written back: pixels of mode {mode}; save it with 8 bits")


def _put(image: ImageFile.ImageFile, values: NDArray[Any], mask: Mask) -> None:
    """Write values under the mask into the image itself: it knows how its file was encoded."""
    there = np.asarray(image)
    merged = np.where(mask.reshape(mask.shape + (1,) * (there.ndim - 2)) > 0, values, there)
    if image.mode == "1":
        image.paste(Image.fromarray(merged))
    else:
        image.paste(Image.frombytes(image.mode, image.size, merged.astype(there.dtype).tobytes()))


def _as_grey(levels: NDArray[np.uint8], mask: Mask, paint: Paint) -> NDArray[np.uint8]:
    return np.ascontiguousarray(paint(np.repeat(levels[..., None], 3, 2), mask)[..., 0])


def _under_alpha(image: Image.Image, mask: Mask, paint: Paint) -> NDArray[np.uint8]:
    """Paint what is seen on white and alpha, each for itself; then find the colour that shows so."""
    layer = image.convert("RGBA")
    seen = paint(np.asarray(flatten(layer)), mask).astype(np.float64)
    alpha = _as_grey(np.asarray(layer)[..., 3], mask, paint)
    share = np.maximum(alpha, 1)[..., None] / 255
    color = np.rint((seen - 255 * (1 - share)) / share).clip(0, 255).astype(np.uint8)
    return np.dstack([color if image.mode == "RGBA" else color[..., :1], alpha])


def _from_palette(image: Image.Image, mask: Mask, paint: Paint) -> NDArray[np.uint8]:
    """Take for each pixel the nearest of the colours in use outside of the mask; of equals the most used."""
    indices = np.asarray(image)
    seen = np.asarray(flatten(image.convert("RGBA")))
    inside = mask > 0
    used, first, counts = np.unique(indices[~inside], return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    colors = seen[~inside][first[order]].astype(np.int32)
    wanted, which = np.unique(paint(seen, mask)[inside], axis=0, return_inverse=True)
    nearest = [np.square(colors - color.astype(np.int32)).sum(1).argmin() for color in wanted]
    changed = indices.copy()
    changed[inside] = used[order][np.array(nearest, dtype=np.intp)[which.ravel()]]
    return changed


def _png(image: ImageFile.ImageFile, content: bytes) -> bytes:
    bits = {"bits": content[24]} if image.mode == "P" else {}
    encoded = _saved(image, "PNG", **bits)
    try:
        return metadata.copy_png_chunks(content, encoded)
    except ValueError:
        raise _depth("PNG", content[24]) from None


def _jpeg(image: ImageFile.ImageFile, content: bytes) -> bytes:
    progressive = bool(image.info.get("progressive"))
    encoded = _saved(image, "JPEG", quality="keep", progressive=progressive)
    return metadata.copy_jpeg_segments(content, encoded)


def _webp(image: ImageFile.ImageFile, content: bytes) -> bytes:
    about = {key: image.info[key] for key in ("exif", "icc_profile", "xmp") if image.info.get(key)}
    return _saved(image, "WEBP", lossless=True, exact=True, **about)


def _tiff(image: ImageFile.ImageFile, content: bytes) -> bytes:
    """Write a TIFF with its own compression, if that is without loss; Pillow turned it upright already."""
    bits: tuple[int, ...] = image.tag_v2.get(Tag.BitsPerSample, (1,))  # type: ignore[attr-defined]
    if max(bits) > 8 and image.mode != "I;16":
        raise _depth("TIFF", max(bits))
    compression = image.info.get("compression", "raw")
    texts = (Tag.ImageDescription, Tag.DocumentName, Tag.Software, Tag.DateTime, Tag.Artist, Tag.Copyright)
    tags = image.tag_v2  # type: ignore[attr-defined]
    return _saved(
        image,
        "TIFF",
        compression=compression if compression in _LOSSLESS else "tiff_adobe_deflate",
        tiffinfo={tag: tags[tag] for tag in texts if tag in tags},
        icc_profile=image.info.get("icc_profile"),
    )


def _bmp(image: ImageFile.ImageFile, content: bytes) -> bytes:
    return _saved(image, "BMP", **({"dpi": image.info["dpi"]} if "dpi" in image.info else {}))


def _gif(image: ImageFile.ImageFile, content: bytes) -> bytes:
    colors = image.getpalette("RGB")
    if colors:  # Pillow has put alpha into the palette, and would write it as if it were colours
        image.putpalette(colors, "RGB")
    return _saved(image, "GIF", optimize=False)


_ENCODERS = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp, "TIFF": _tiff, "BMP": _bmp, "GIF": _gif}


def _saved(image: ImageFile.ImageFile, kind: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def _depth(kind: str, bits: int) -> ImageError:
    return ImageError(f"cannot be written back: a {kind} of {bits} bits a channel; save it with 8 bits")


def _expect_same_outside(before: bytes, after: bytes, mask: Mask, turned: Mask) -> None:
    """Hold the promise: the same pixels outside of the mask, as stored and as seen."""
    with open_image(before) as old, open_image(after) as new:
        same = old.format == new.format and old.mode == new.mode
        same = same and _equal(np.asarray(old), np.asarray(new), turned)
    if not same or not _equal(read(before), read(after), mask):
        raise ImageError("cannot be written back without changing other pixels; save it as PNG")


def _equal(one: NDArray[Any], other: NDArray[Any], mask: Mask) -> bool:
    return one.shape == other.shape and bool((one[mask == 0] == other[mask == 0]).all())
