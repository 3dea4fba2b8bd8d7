import io
import struct
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from psd_tools import PSDImage
from psd_tools.constants import Resource

from sketch2color import imaging
from sketch2color.colorize.asked import Asked
from sketch2color.colorize.colorize_files import colorize_files
from sketch2color.colorize.layers import Layer, composite
from sketch2color.colorize.like_sketch import image_like, layers_like
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.registry import save_generator

BLUE = (0, 0, 255)
P3 = {  # red, green and blue of Display P3, adapted to D50
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


def wide_profile() -> bytes:
    """The profile of Display P3: that of sRGB with other primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for number in range(struct.unpack_from(">I", profile, 128)[0]):
        name, start, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if name in P3:
            struct.pack_into(">3i", profile, start + 8, *(round(65536 * each) for each in P3[name]))
    return bytes(profile)


def save_model(folder, palettes):
    torch.manual_seed(0)
    save_generator(folder, MultiplyGenerator(8), palettes, generator="multiply", width=8, size=64)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A generator that paints everything."""
    return save_model(tmp_path_factory.mktemp("model"), torch.full((1, 11), 0.4))


@pytest.fixture(scope="module")
def white_model(tmp_path_factory):
    """A generator that leaves all paper."""
    return save_model(tmp_path_factory.mktemp("white"), torch.ones(1, 11))


def drawn() -> np.ndarray:
    image = np.full((60, 80), 255, np.uint8)
    image[10:50, 20:22] = image[10:50, 60:62] = image[10:12, 20:60] = image[50:52, 20:62] = 0
    return image


def rgba():
    """Ink with a soft edge on transparent paper."""
    pixels = np.zeros((60, 80, 4), np.uint8)
    pixels[..., :3] = 20, 10, 60
    pixels[..., 3] = 255 - drawn()
    pixels[9, 20:60, 3] = 90
    return Image.fromarray(pixels)


SKETCHES = {
    "rgba": lambda path: rgba().save(path),
    "la": lambda path: rgba().convert("LA").save(path, dpi=(150, 75)),
    "dpi": lambda path: Image.fromarray(drawn()).save(path, dpi=(300, 300)),
    "profile": lambda path: Image.fromarray(drawn()).convert("RGB").save(path, icc_profile=wide_profile()),
    "16 bits": lambda path: Image.fromarray(drawn().astype(np.uint16) * 257).save(path, dpi=(72, 72)),
    "all": lambda path: rgba().save(path, dpi=(300, 300), icc_profile=wide_profile()),
}


def read(path, kind):
    """The merged image of layers, their composite by a reader, and the resolution and profile of the file."""
    if kind == "psd":
        document = PSDImage.open(path)
        resolution = document.image_resources.get_data(Resource.RESOLUTION_INFO)
        shown = [
            np.asarray(document.topil(apply_icc=False)),
            np.asarray(document.composite(ignore_preview=True, apply_icc=False)),
        ]
        dpi = resolution and (resolution.horizontal / 65536, resolution.vertical / 65536)
        return *shown, dpi, document.image_resources.get_data(Resource.ICC_PROFILE)
    with zipfile.ZipFile(path) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        merged = Image.open(io.BytesIO(archive.read("mergedimage.png")))
        layers = [
            Layer(
                "",
                np.asarray(Image.open(io.BytesIO(archive.read(each.get("src"))))),
                each.get("composite-op").removeprefix("svg:").replace("src-over", "normal"),
            )
            for each in reversed(stack.findall("stack/layer"))
        ]
    dpi = (float(stack.get("xres")), float(stack.get("yres"))) if "xres" in stack.attrib else None
    return np.asarray(merged), composite(layers), dpi, merged.info.get("icc_profile")


def on_white(pixels):
    if pixels.shape[2] == 3:
        return pixels.astype(float)
    return pixels[..., :3] * (pixels[..., 3:] / 255.0) + 255.0 - pixels[..., 3:]


@pytest.mark.parametrize("kind", ["psd", "ora"])
@pytest.mark.parametrize("name", SKETCHES)
def test_resolution_alpha_and_profile_are_kept_in_result_and_layers(white_model, tmp_path, name, kind):
    SKETCHES[name](tmp_path / "kettle.png")
    strokes = np.zeros((60, 80, 4), np.uint8)
    strokes[28:32, 30:50] = *BLUE, 255
    Image.fromarray(strokes).save(tmp_path / "fill.png")
    asked = Asked(fill=tmp_path / "fill.png", layers=kind)
    assert colorize_files(tmp_path / "kettle.png", tmp_path / "out", white_model, asked) == 0
    with Image.open(tmp_path / "kettle.png") as sketch, Image.open(tmp_path / "out" / "kettle.png") as result:
        assert result.size == sketch.size
        for key in ("dpi", "icc_profile"):
            assert result.info.get(key) == sketch.info.get(key)
        pixels = np.asarray(result)
        if "A" in sketch.mode:
            assert (pixels[..., 3] >= np.asarray(sketch.getchannel("A"))).all()
            assert (pixels[:5, :, 3] <= 10).all()  # blank paper
            assert (pixels[15:45, 25:55, 3] == 255).all()  # a part
        else:
            assert result.mode == "RGB"
        merged, shown, dpi, profile = read(tmp_path / "out" / f"kettle.{kind}", kind)
        for each in (merged, shown):
            assert np.abs(on_white(each) - on_white(pixels)).max() <= 1.01
            if pixels.shape[2] == 4:
                assert np.abs(each[..., 3].astype(int) - pixels[..., 3]).max() <= 1
        assert merged.shape == pixels.shape
        assert profile == sketch.info.get("icc_profile")
        if dpi or "dpi" in sketch.info:
            assert np.allclose(dpi, sketch.info["dpi"], atol=0.5)


@pytest.mark.parametrize(
    "asked", [Asked(), Asked((BLUE,)), Asked(layers="png")], ids=["plain", "blue", "png"]
)
def test_on_white_a_sketch_with_alpha_becomes_what_it_becomes_without(model, tmp_path, asked):
    rgba().save(tmp_path / "a.png")
    Image.fromarray(imaging.read(tmp_path / "a.png")).save(tmp_path / "b.png")
    for name in "ab":
        colorize_files(tmp_path / f"{name}.png", tmp_path / "out", model, asked)
    clear, opaque = (np.asarray(Image.open(tmp_path / "out" / f"{name}.png")) for name in "ab")
    assert (clear.shape[2], opaque.shape[2]) == (4, 3)
    assert np.abs(on_white(clear) - opaque).max() <= 2


def test_colours_asked_for_look_as_asked_in_the_sketchs_profile(model, tmp_path):
    SKETCHES["profile"](tmp_path / "kettle.png")
    (tmp_path / "srgb.png").write_bytes(imaging.encode_png(imaging.read(tmp_path / "kettle.png")))
    for name in ("kettle", "srgb"):
        colorize_files(
            tmp_path / f"{name}.png", tmp_path / "out", model, Asked(((200, 40, 40),), layers="png")
        )
    wide = tmp_path / "out" / "kettle-layers" / "2 flat 1 #c82828.png"
    part = np.s_[20:40, 30:50]
    assert np.abs(imaging.read(wide)[part].astype(int) - (200, 40, 40)).max() <= 1
    stored = np.asarray(Image.open(wide))[part]
    assert np.abs(stored[..., :3].astype(int) - (200, 40, 40)).max() > 5  # other numbers for that colour
    shown = [imaging.read(tmp_path / "out" / f"{name}.png")[part].astype(int) for name in ("kettle", "srgb")]
    assert np.abs(shown[0] - shown[1]).max() <= 8  # shade is blended in the profile


def test_black_paper_stays_below_light_lines_and_as_transparent_as_it_was():
    sketch, alpha = np.zeros((4, 6, 3), np.uint8), np.full((4, 6), 255, np.uint8)
    sketch[1], sketch[:, 4:], alpha[:, 4:] = 200, 255, 0
    layers = [Layer("paper", np.zeros_like(sketch)), Layer("sketch", sketch, "screen")]
    decoded = imaging.Decoded(sketch, ".png", alpha)
    kept = layers_like(decoded, layers)
    assert [layer.name for layer in kept] == ["paper", "sketch"]
    for image in (composite(kept), image_like(decoded, sketch)):
        assert (image[..., 3] == alpha).all()
        assert (on_white(image) == sketch).all()
