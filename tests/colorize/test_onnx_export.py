import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch.nn import functional as F

from sketch2color.colorize import onnx_parity
from sketch2color.colorize.colorizer import BUNDLED, Colorizer
from sketch2color.colorize.onnx_export import export
from sketch2color.errors import UserError
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.resnet import ResnetGenerator

pytestmark = pytest.mark.slow
SIZE = 64


def make_colorizer():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = MultiplyGenerator(8).eval().requires_grad_(False)
        return Colorizer(network, torch.rand(3, 11), SIZE)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx")
    export(make_colorizer(), folder)
    return folder


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_onnx_runtime_makes_the_layer_that_pytorch_makes(exported, scale):
    """The network's pixel_unshuffle included, whose channels an exporter once put into another order."""
    colorizer, random = make_colorizer(), torch.Generator().manual_seed(scale)
    ink = torch.rand(1, 1, SIZE, SIZE, generator=random) * 2 - 1
    fine = torch.rand(1, 1, scale * SIZE, scale * SIZE, generator=random) * 2 - 1
    palette = colorizer.palettes[:1]
    network = colorizer.network
    logits = F.interpolate(
        network.predict(ink, palette), fine.shape[2:], mode="bilinear", align_corners=False
    )
    expected = network.layer(logits, fine, palette, pixel=1 / scale)
    session = onnxruntime.InferenceSession(exported / "generator.onnx")
    (layer,) = session.run(None, {"ink": ink.numpy(), "palette": palette.numpy(), "fine": fine.numpy()})
    assert np.abs(layer - expected.numpy()).max() < 1e-5


def test_the_same_weights_give_the_same_bytes_and_they_name_no_path(exported, tmp_path):
    export(make_colorizer(), tmp_path)
    for name in ("generator.onnx", "generator.json"):
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes()
    assert b".py" not in (exported / "generator.onnx").read_bytes()


def test_its_description_has_palettes_size_and_hash(exported):
    description = json.loads((exported / "generator.json").read_text())
    assert description["size"] == SIZE
    assert np.allclose(description["palettes"], make_colorizer().palettes)
    assert description["sha256"] == hashlib.sha256((exported / "generator.onnx").read_bytes()).hexdigest()


def test_it_has_no_operation_that_webgpu_lacks(exported):
    graph = onnx.load(exported / "generator.onnx").graph
    bodies = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    used = {node.op_type for each in (graph, *bodies) for node in each.node}
    assert not used & {"Min", "Max", "ScatterElements", "ScatterND"}


def test_the_bundled_files_are_of_the_bundled_weights():
    random, colorizer = np.random.default_rng(0), Colorizer.load()
    sketches = [random.integers(0, 256, (colorizer.size, colorizer.size, 3), np.uint8)]
    compared = onnx_parity.compare(colorizer, BUNDLED / "generator.onnx", sketches)
    assert compared["export.layer_difference"] < 1e-4
    description = json.loads((BUNDLED / "generator.json").read_text())
    assert np.allclose(description["palettes"], colorizer.palettes)


def test_a_difference_is_seen(exported):
    colorizer = make_colorizer()
    random = np.random.default_rng(0)
    sketches = [random.integers(0, 256, (SIZE, SIZE, 3), np.uint8)]
    same = onnx_parity.compare(colorizer, exported / "generator.onnx", sketches)
    assert same["export.layer_difference"] < 1e-5
    assert same["export.pixels_within_1"] == 1.0
    colorizer.network.unet.load_state_dict(MultiplyGenerator(8).unet.state_dict())
    other = onnx_parity.compare(colorizer, exported / "generator.onnx", sketches)
    assert other["export.layer_difference"] > 1e-3


def test_a_generator_that_paints_pixels_is_refused(tmp_path):
    with pytest.raises(UserError, match="only a layered generator is exported"):
        export(Colorizer(ResnetGenerator(4), torch.rand(1, 11), SIZE), tmp_path)
