import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from sketch2color.colorize.layer_files import encode_layers, layers_end
from sketch2color.colorize.layers import Layer, composite
from sketch2color.files import write_bytes

OPERATORS = {"svg:src-over": "normal", "svg:multiply": "multiply", "svg:screen": "screen"}


def make(height: int = 48, width: int = 64) -> list[Layer]:
    rng = np.random.default_rng(0)

    def noise(channels: int) -> np.ndarray:
        return rng.integers(0, 256, (height, width, channels)).astype(np.uint8)

    flat = noise(4)
    flat[..., 3] = rng.integers(0, 2, (height, width)) * 255
    return [
        Layer("paper", np.full((height, width, 3), 255, np.uint8)),
        Layer("flat 1 #102030", flat),
        Layer("strokes", noise(4)),
        Layer("shade", np.repeat(noise(1), 3, 2), "multiply"),
        Layer("light", np.repeat(noise(1), 3, 2), "screen"),
        Layer("sketch", noise(3), "multiply"),
    ]


def write(layers: list[Layer], folder: Path, kind: str) -> Path:
    for end, content in encode_layers(layers, kind).items():
        write_bytes(folder / f"a{end}", content)
    return folder / f"a{layers_end(kind)}"


def test_blend_modes():
    grey = [Layer("a", np.full((1, 1, 3), 100, np.uint8))]
    for blend, level in (("multiply", 51), ("screen", 179), ("normal", 130)):
        assert composite([*grey, Layer("b", np.full((1, 1, 3), 130, np.uint8), blend)]).ravel()[0] == level
    half = np.array([[[200, 200, 200, 51]]], np.uint8)
    assert composite([*grey, Layer("b", half)]).ravel()[0] == 120


def test_a_psd_looks_as_its_layers_do(tmp_path):
    layers = make()
    document = PSDImage.open(write(layers, tmp_path, "psd"))
    assert [layer.name for layer in document] == [layer.name for layer in layers]
    assert [layer.blend_mode for layer in document] == [BlendMode[layer.blend.upper()] for layer in layers]
    for shown in (document.composite(ignore_preview=True), document.topil()):
        assert np.abs(np.asarray(shown.convert("RGB")).astype(int) - composite(layers)).max() <= 1


def test_an_ora_looks_as_its_layers_do(tmp_path):
    layers = make()
    with zipfile.ZipFile(write(layers, tmp_path, "ora")) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.read("mimetype") == b"image/openraster"
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        assert (stack.get("w"), stack.get("h")) == ("64", "48")
        read = [
            Layer(
                each.get("name"),
                np.asarray(Image.open(io.BytesIO(archive.read(each.get("src"))))),
                OPERATORS[each.get("composite-op")],
            )
            for each in reversed(stack.findall("stack/layer"))
        ]
        merged = np.asarray(Image.open(io.BytesIO(archive.read("mergedimage.png"))))
    assert (composite(read) == composite(layers)).all()
    assert (merged == composite(layers)).all()


def test_a_folder_of_png_files_names_the_blend_modes(tmp_path):
    folder = write(make(), tmp_path, "png")
    assert sorted(path.name for path in folder.iterdir()) == [
        "1 paper.png",
        "2 flat 1 #102030.png",
        "3 strokes.png",
        "4 shade (multiply).png",
        "5 light (screen).png",
        "6 sketch (multiply).png",
    ]


@pytest.mark.parametrize("kind", ["psd", "ora", "png"])
def test_equal_layers_give_equal_files(tmp_path, kind):
    first, second = (write(make(), tmp_path / name, kind) for name in "ab")
    files = [sorted(each.iterdir()) if kind == "png" else [each] for each in (first, second)]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
