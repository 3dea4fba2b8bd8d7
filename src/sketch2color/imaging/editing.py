"""Change some pixels of an image file and keep everything else in it."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.ExifTags import Base as Tag

from sketch2color.imaging import file_structure
from sketch2color.imaging.decoding import as_stored, flatten, open_image, orientation, read, silence_pillow
from sketch2color.imaging.errors import ImageError
from sketch2color.imaging.pixels import ImageArray, bands, from_pillow
from sketch2color.text import describe_error

Mask = NDArray[np.uint8]
Edit = Callable[[ImageArray, Mask], ImageArray]

_LOSSLESS = ("raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "group3", "group4", "lzma")
_TIFF_TEXTS = (
    Tag.ImageDescription, Tag.DocumentName, Tag.Software, Tag.DateTime, Tag.Artist, Tag.Copyright,
)  # fmt: skip


def replace_pixels(content: bytes, mask: Mask, edit: Edit) -> bytes:
    """Replace the masked pixels of an image file.

    Format, mode (grey, palette, alpha, 16 bits of grey), size, EXIF, colour profile, resolution and texts
    stay. In lossless formats every pixel outside the mask is bit-equal; a JPEG is encoded again with its own
    tables, an AVIF at the highest quality, and a lossy WebP becomes a lossless one.

    Args:
        content: a file that :func:`decode` reads.
        mask: uint8, H × W of the decoded (upright) image, 255 where pixels change.
        edit: receives an image (uint8, H × W × 3, in the file's own colours: a palette looked up, alpha on
            white) and the mask in the same orientation, and returns the image with other pixels under the
            mask. It receives alpha and the black of CMYK as grey images.

    Raises:
        ImageError: pixels of this kind cannot be replaced, or not without changing others.
    """
    try:
        with silence_pillow:
            values, stored = _edit(content, mask, edit)
            changed, form = _write(content, values, stored)
            del values  # memory holds no more of a large image than decoding it takes
            if form not in ("JPEG", "AVIF") and (
                _outside(content, mask, stored) != _outside(changed, mask, stored)
            ):
                raise ImageError("cannot be written back without changing other pixels; save it as PNG")
            return changed
    except ImageError:
        raise
    except Exception as error:  # encoders raise as much as decoders do
        raise ImageError(f"cannot be written back: {describe_error(error)}") from error


def _edit(content: bytes, mask: Mask, edit: Edit) -> tuple[NDArray[Any], Mask]:
    """Return the edited image and the mask, both as they are stored."""
    with open_image(content) as image:
        image.load()
        stored = np.ascontiguousarray(as_stored(mask, orientation(image)))
        if image.mode != "RGB" or "transparency" in image.info:
            return _edit_mode(image, stored, edit), stored
        values = from_pillow(image)
    del image  # lest memory holds it beside what is edited
    return edit(values, stored), stored


def _write(content: bytes, values: NDArray[Any], mask: Mask) -> tuple[bytes, str]:
    """Return a file with the values under the mask, and its format."""
    with open_image(content) as image:  # which knows how its file was encoded
        image.load()
        for rows in bands(*mask.shape):
            _paste(image, values[rows], mask[rows], rows.start)
        return _ENCODERS[image.format or ""](image, content), image.format or ""


def _edit_mode(image: ImageFile.ImageFile, mask: Mask, edit: Edit) -> NDArray[Any]:
    """Return the edited image in its own mode; only values under the mask count."""
    mode, values = image.mode, from_pillow(image)
    if mode == "P":
        return _edit_palette(image, mask, edit)
    if "transparency" in image.info:
        raise ImageError("cannot be written back: one colour stands for transparency; save it with alpha")
    if mode in ("LA", "RGBA"):
        return _edit_alpha(image, mask, edit)
    if mode == "L":
        return _edit_grey(values, mask, edit)
    if mode == "1":
        return _edit_grey(values.astype(np.uint8) * np.uint8(255), mask, edit) > 127
    if mode == "I;16":
        return _edit_grey((values // 257).astype(np.uint8), mask, edit).astype(np.uint16) * np.uint16(257)
    if mode == "CMYK":
        ink = 255 - values
        color, black = edit(np.ascontiguousarray(ink[..., :3]), mask), _edit_grey(ink[..., 3], mask, edit)
        return 255 - np.dstack([color, black])
    raise ImageError(f"cannot be written back: pixels of mode {mode}; save it with 8 bits")


def _paste(image: Image.Image, values: NDArray[Any], mask: Mask, top: int) -> None:
    """Paste the values under the mask into rows of an image, from ``top`` on."""
    old = np.asarray(image.crop((0, top, image.width, top + len(mask))))
    merged = np.where(mask.reshape(mask.shape + (1,) * (old.ndim - 2)) > 0, values, old)
    if image.mode == "1":
        band = Image.fromarray(merged)
    else:
        band = Image.frombytes(image.mode, mask.shape[::-1], merged.astype(old.dtype).tobytes())
    image.paste(band, (0, top))


def _edit_grey(levels: NDArray[np.uint8], mask: Mask, edit: Edit) -> NDArray[np.uint8]:
    return np.ascontiguousarray(edit(np.repeat(levels[..., None], 3, 2), mask)[..., 0])


def _edit_alpha(image: Image.Image, mask: Mask, edit: Edit) -> NDArray[np.uint8]:
    """Edit alpha and the image on white separately; then compute the colour that looks so with that alpha."""
    layer = image.convert("RGBA")
    on_white = edit(np.asarray(flatten(layer)), mask).astype(np.float64)
    alpha = _edit_grey(np.asarray(layer)[..., 3], mask, edit)
    opacity = np.maximum(alpha, 1)[..., None] / 255
    color = np.rint((on_white - 255 * (1 - opacity)) / opacity).clip(0, 255).astype(np.uint8)
    return np.dstack([color if image.mode == "RGBA" else color[..., :1], alpha])


def _edit_palette(image: Image.Image, mask: Mask, edit: Edit) -> NDArray[np.uint8]:
    """Replace each pixel by the nearest colour in use outside the mask, in a tie the most frequent."""
    indices = np.asarray(image)
    visible = np.asarray(flatten(image.convert("RGBA")))
    inside = mask > 0
    used, first, counts = np.unique(indices[~inside], return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    palette = visible[~inside][first[order]].astype(np.int32)
    targets, which = np.unique(edit(visible, mask)[inside], axis=0, return_inverse=True)
    nearest = [np.square(palette - color.astype(np.int32)).sum(1).argmin() for color in targets]
    changed = indices.copy()
    changed[inside] = used[order][np.array(nearest, dtype=np.intp)[which.ravel()]]
    return changed


def _encode_png(image: ImageFile.ImageFile, content: bytes) -> bytes:
    bits = {"bits": content[24]} if image.mode == "P" else {}
    encoded = _encode(image, "PNG", **bits)
    try:
        return file_structure.copy_png_chunks(content, encoded)
    except ValueError:
        raise _depth_error("PNG", content[24]) from None


def _encode_jpeg(image: ImageFile.ImageFile, content: bytes) -> bytes:
    progressive = bool(image.info.get("progressive"))
    encoded = _encode(image, "JPEG", quality="keep", progressive=progressive)
    return file_structure.copy_jpeg_segments(content, encoded)


def _encode_webp(image: ImageFile.ImageFile, content: bytes) -> bytes:
    metadata = {key: image.info[key] for key in ("exif", "icc_profile", "xmp") if image.info.get(key)}
    return _encode(image, "WEBP", lossless=True, exact=True, **metadata)


def _encode_avif(image: ImageFile.ImageFile, content: bytes) -> bytes:
    """Encode an AVIF at the highest quality; a grey one is then without loss, another within 3 of 255."""
    metadata = {key: image.info[key] for key in ("exif", "icc_profile", "xmp") if image.info.get(key)}
    subsampling = "4:0:0" if image.mode == "L" else "4:4:4"
    return _encode(image, "AVIF", quality=100, subsampling=subsampling, **metadata)


def _encode_tiff(image: ImageFile.ImageFile, content: bytes) -> bytes:
    """Encode a TIFF with its own compression if that is lossless; Pillow already brought it upright."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    bits = max(tags.get(Tag.BitsPerSample, (1,)))
    if bits > 8 and image.mode != "I;16":
        raise _depth_error("TIFF", bits)
    compression = image.info.get("compression", "raw")
    return _encode(
        image,
        "TIFF",
        compression=compression if compression in _LOSSLESS else "tiff_adobe_deflate",
        tiffinfo={tag: tags[tag] for tag in _TIFF_TEXTS if tag in tags},
        icc_profile=image.info.get("icc_profile"),
    )


def _encode_bmp(image: ImageFile.ImageFile, content: bytes) -> bytes:
    return _encode(image, "BMP", **({"dpi": image.info["dpi"]} if "dpi" in image.info else {}))


def _encode_gif(image: ImageFile.ImageFile, content: bytes) -> bytes:
    colors = image.getpalette("RGB")
    if colors:  # Pillow put alpha into the palette, and would write it as if it were colours
        image.putpalette(colors, "RGB")
    return _encode(image, "GIF", optimize=False)


_ENCODERS = {
    "PNG": _encode_png,
    "JPEG": _encode_jpeg,
    "WEBP": _encode_webp,
    "AVIF": _encode_avif,
    "TIFF": _encode_tiff,
    "BMP": _encode_bmp,
    "GIF": _encode_gif,
}


def _encode(image: ImageFile.ImageFile, kind: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def _depth_error(kind: str, bits: int) -> ImageError:
    return ImageError(f"cannot be written back: a {kind} of {bits} bits a channel; save it with 8 bits")


def _outside(content: bytes, mask: Mask, stored_mask: Mask) -> tuple[str | None, ...]:
    """Return the format and mode of a file, and hashes of its pixels outside the mask, stored and decoded."""
    with open_image(content) as image:
        kind, stored = (image.format, image.mode), _hash(from_pillow(image), stored_mask)
    del image
    return *kind, stored, _hash(read(content), mask)


def _hash(pixels: NDArray[Any], mask: Mask) -> str:
    digest = hashlib.sha256(str(pixels.shape).encode())
    for rows in bands(*mask.shape):
        outside = mask[rows] == 0
        digest.update(pixels[rows] * outside.reshape(outside.shape + (1,) * (pixels.ndim - 2)))
    return digest.hexdigest()
