"""Lossless images and an archive of equal bytes for equal content."""

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ImageArray = NDArray[np.uint8]


def encode(image: ImageArray) -> bytes:
    """Encode as the smallest PNG that loses nothing: grey, a palette of up to 256 colours, or RGB."""
    encoded = Image.fromarray(image)
    if (image == image[..., :1]).all():
        return _png(encoded.convert("L"))
    colors, indices = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colors) > 256:
        return _png(encoded)
    indexed = Image.fromarray(indices.reshape(image.shape[:2]).astype(np.uint8), "P")
    indexed.putpalette(colors.astype(np.uint8).tobytes())
    return _png(indexed)


def encode_bits(mask: NDArray[np.uint8]) -> bytes:
    """Encode a mask of 0 and 255 as a PNG of one bit a pixel."""
    return _png(Image.fromarray(mask).convert("1"))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def pack(files: dict[str, bytes], path: Path) -> None:
    """Write a zip of ``files``, sorted and without clock times; PNG is packed already."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
