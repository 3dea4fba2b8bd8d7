"""Files of layers: Photoshop (PSD), OpenRaster (ORA), or a folder of PNG files."""

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from sketch2color.colorize.layers import Layer, composite
from sketch2color.imaging import NO_TAGS, Tags, encode_png, flatten_on_white

LayerFormat = Literal["psd", "ora", "png"]

_ORA_OPERATORS = {"normal": "svg:src-over", "multiply": "svg:multiply", "screen": "svg:screen"}
_THUMBNAIL = 256
"""Pixels of the longer side, as the OpenRaster specification asks."""


def layers_end(kind: LayerFormat) -> str:
    """Return what follows an image's stem in the name of its layers: ``.psd``, ``.ora``, or ``-layers``."""
    return "-layers" if kind == "png" else f".{kind}"


def existing_layers(image: Path, kind: LayerFormat) -> list[Path]:
    """Return what is there in the place of an image's layers; in a folder, what has the name of a layer."""
    path = image.parent / (image.stem + layers_end(kind))
    if kind == "png" and path.is_dir() and not path.is_symlink():
        return sorted(path.glob("[0-9]* *.png"))
    return [path]


def encode_layers(layers: Sequence[Layer], kind: LayerFormat, tags: Tags = NO_TAGS) -> dict[str, bytes]:
    """Return the files of layers, the lowest first, with the resolution and profile of ``tags``.

    They are by what follows the image's stem in their paths; those in a folder are ``1 paper.png`` and so on,
    and the name ends in the blend mode if that is not normal.
    """
    if kind != "png":
        return {layers_end(kind): _psd(layers, tags) if kind == "psd" else _ora(layers, tags)}
    blends = ["" if layer.blend == "normal" else f" ({layer.blend})" for layer in layers]
    return {
        f"{layers_end(kind)}/{number} {layer.name}{blend}.png": encode_png(layer.pixels, tags)
        for number, (layer, blend) in enumerate(zip(layers, blends, strict=True), 1)
    }


def _ora(layers: Sequence[Layer], tags: Tags) -> bytes:
    """Encode the OpenRaster format, version 0.0.3: a zip of PNG files and their stack, the highest first."""
    flat = composite(layers)
    height, width = flat.shape[:2]
    root = ElementTree.Element("image", version="0.0.3", w=str(width), h=str(height))
    if tags.dpi:
        root.attrib |= {"xres": str(round(tags.dpi[0])), "yres": str(round(tags.dpi[1]))}
    stack = ElementTree.SubElement(root, "stack")
    thumbnail = Image.fromarray(flat)
    thumbnail.thumbnail((_THUMBNAIL, _THUMBNAIL))
    files = {"mimetype": b"image/openraster", "stack.xml": b""}
    for number, layer in reversed(list(enumerate(layers))):
        name = f"data/{number}.png"
        operator = {"composite-op": _ORA_OPERATORS[layer.blend]}
        ElementTree.SubElement(
            stack, "layer", {"name": layer.name, "src": name, "x": "0", "y": "0"} | operator
        )
        files[name] = encode_png(layer.pixels, tags)
    files["stack.xml"] = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    files |= {
        "mergedimage.png": encode_png(flat, tags),
        "Thumbnails/thumbnail.png": encode_png(np.asarray(thumbnail)),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for (
            name,
            content,
        ) in files.items():  # the first must be the mimetype, and all are stored: PNG is small
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _psd(layers: Sequence[Layer], tags: Tags) -> bytes:
    from psd_tools import PSDImage
    from psd_tools.constants import BlendMode, Resource
    from psd_tools.psd.image_resources import ImageResource

    flat = composite(layers)
    height, width, channels = flat.shape
    document = PSDImage.new("RGBA" if channels == 4 else "RGB", (width, height))
    if tags.profile:
        document.image_resources[Resource.ICC_PROFILE] = ImageResource(
            key=Resource.ICC_PROFILE.value, data=tags.profile
        )
    if tags.dpi:
        across, down = (round(dpi * 65536) for dpi in tags.dpi)  # fixed point; the unit 1 is an inch
        document.image_resources[Resource.RESOLUTION_INFO] = ImageResource(
            key=Resource.RESOLUTION_INFO.value, data=struct.pack(">IHHIHH", across, 1, 1, down, 1, 1)
        )
    document._merged_alpha = channels == 4  # the fourth plane of the merged image is its alpha
    for layer in layers:
        added = document.create_pixel_layer(Image.fromarray(layer.pixels), name=layer.name)
        added.blend_mode = BlendMode[layer.blend.upper()]
    # ``document.save`` would composite the layers itself, in gigabytes where a sketch is a large scan.
    planes = [*np.moveaxis(flatten_on_white(flat), 2, 0), *np.moveaxis(flat[..., 3:], 2, 0)]
    record = document._record
    record.image_data.set_data([plane.tobytes() for plane in planes], record.header)
    buffer = io.BytesIO()
    record.write(buffer)
    return buffer.getvalue()
