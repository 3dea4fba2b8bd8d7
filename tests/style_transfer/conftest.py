"""Two tiny sketches, two gaudy references, and a file that has the form of SqueezeNet's weights."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch

from sketch2color import manifest
from sketch2color.models import perceptual
from sketch2color.models.perceptual import Extractor, PerceptualNet, Pooling
from sketch2color.style_transfer import features


@pytest.fixture(autouse=True, scope="session")
def vgg_built_once() -> Iterator[None]:
    """Nothing changes a network, and building one takes longer than many a test."""

    @functools.cache
    def of_vgg(layers: tuple[str, ...], pooling: Pooling) -> PerceptualNet:
        return perceptual.extractor("vgg19", layers, pooling)

    def extractor(name: Extractor, layers: Sequence[str], pooling: Pooling) -> PerceptualNet:
        return (
            of_vgg(tuple(layers), pooling) if name == "vgg19" else perceptual.extractor(name, layers, pooling)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "extractor", extractor)
        yield


@pytest.fixture
def squeezenet(squeezenet_weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the weights where the user says they are."""
    name = f"squeezenet1_1-{manifest.sha256(squeezenet_weights)[:8]}.pth"
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / name).write_bytes(squeezenet_weights)
    monkeypatch.setenv("SKETCH2COLOR_WEIGHTS", str(folder))
    monkeypatch.setattr(perceptual, "SQUEEZENET_URL", f"http://127.0.0.1:9/{name}")


@pytest.fixture
def sketches() -> torch.Tensor:
    """A box and a bar, black on white, 2 × 3 × 32 × 48."""
    images = torch.ones(2, 3, 32, 48)
    images[0, :, 6:26, 10:38] = -1
    images[0, :, 8:24, 12:36] = 1
    images[1, :, 14:18, 4:44] = -1
    return images


@pytest.fixture
def references() -> torch.Tensor:
    """Red checks and blue stripes, 2 × 3 × 32 × 48."""
    images = torch.ones(2, 3, 32, 48)
    rows, columns = torch.arange(32)[:, None] // 4, torch.arange(48)[None] // 4
    images[0, 1:, (rows + columns) % 2 == 0] = -1
    images[1, :2, (rows + 0 * columns) % 2 == 0] = -1
    return images
