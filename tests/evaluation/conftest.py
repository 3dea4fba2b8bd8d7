"""A drawing that is known to the last pixel, a tiny clean set of such, and a tiny extractor."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from sketch2color import imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow
from sketch2color.metrics import mark_area, perceptual_distance
from sketch2color.models.perceptual import TORCHVISION, PerceptualNet
from sketch2color.watermarks.detect import Detections

SIZE = 96


@dataclass(frozen=True)
class Drawing:
    """Line art and the same in colour; ``inside`` is where the colour lies, H × W."""

    sketch: ImageArray
    color: ImageArray
    inside: np.ndarray


def draw(seed: int, size: int = SIZE) -> Drawing:
    rng = np.random.default_rng(seed)
    color = np.full((size, size, 3), 255, np.uint8)
    inside = np.zeros((size, size), np.uint8)
    center = tuple(int(size * v) for v in rng.uniform(0.4, 0.6, 2))
    axes = tuple(int(size * v) for v in rng.uniform(0.15, 0.25, 2))
    cv2.ellipse(inside, center, axes, float(rng.uniform(0, 180)), 0, 360, 1, -1)
    shade = np.linspace(0.7, 1.0, size)[:, None, None]
    color[inside > 0] = (rng.uniform(40, 255, 3) * shade * np.ones((1, size, 1)))[inside > 0]
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    sketch = np.full((size, size, 3), 255, np.uint8)
    for image in (sketch, color):
        cv2.drawContours(image, outlines, -1, (20, 20, 20), 2)
    return Drawing(sketch, color, inside > 0)


@pytest.fixture
def drawing() -> Drawing:
    return draw(7, size=192)


@dataclass(frozen=True)
class World:
    """Where everything of a tiny run lies: three test sketches, the last of them without a pair."""

    root: Path
    ids: tuple[str, ...]

    @property
    def clean(self) -> Path:
        return self.root / "clean"

    @property
    def style(self) -> Path:
        return self.root / "style"

    @property
    def losses(self) -> Path:
        return self.root / "losses.csv"


def row(name: str, domain: str, split: str, pair: str) -> CleanImageRow:
    return CleanImageRow(
        id=name,
        domain=domain,
        split=split,
        group=name,
        pair=pair,
        source=name,
        license="CC0-1.0",
        sha256=name * 4,
        width=SIZE,
        height=SIZE,
        marks="",
        mark_area=0.0,
        confidence=1.0,
        action="none",
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Six drawings each in train (in colour), val (in colour) and test (three of them as sketches, too)."""
    rows = []

    def put(image: ImageArray, seed: int, domain: str, split: str, pair: str = "") -> str:
        name = manifest.sha256(f"{seed}{domain}".encode())[:16]
        imaging.write_png(tmp_path / "clean" / split / domain / f"{name}.png", image)
        rows.append(row(name, domain, split, pair))
        return name

    for seed in range(12):
        put(draw(seed).color, seed, "color", "train" if seed < 6 else "val")
    ids = []
    for seed in range(12, 18):
        pair = f"pair{seed}" if seed < 14 else ""
        put(draw(seed).color, seed, "color", "test", pair)
        if seed < 15:
            ids.append(put(draw(seed).sketch, seed, "sketch", "test", pair))
            tinted = (draw(seed).color * np.array([1.0, 0.9, 0.8])).astype(np.uint8)
            imaging.write_png(tmp_path / "style" / f"{ids[-1]}.png", tinted)
    manifest.write(tmp_path / "clean" / "manifest.csv", rows, CleanImageRow)
    lines = [f"{step},{'' if step % 4 else 0.2},{1 / step},{0.5},{0.3}" for step in range(1, 40)]
    (tmp_path / "losses.csv").write_text("step,identity,gan,cycle,discriminator\n" + "\n".join(lines) + "\n")
    return World(tmp_path, tuple(sorted(ids)))


@pytest.fixture
def tiny_net() -> PerceptualNet:
    """Layers of VGG-19 by name, and next to no work."""
    torch.manual_seed(5)
    channels, network = 3, {}
    for layer, width in zip(perceptual_distance.LAYERS, (8, 8, 8, 12), strict=True):
        network[layer] = nn.Sequential(nn.Conv2d(channels, width, 3, stride=2), nn.ReLU())
        channels = width
    return PerceptualNet(network, perceptual_distance.LAYERS, TORCHVISION, "tiny-01234567")


@pytest.fixture
def mocked(monkeypatch: pytest.MonkeyPatch, tiny_net: PerceptualNet) -> None:
    """Put a colorizer that fills everything with pale blue in place of a trained generator; find no marks."""

    def colorize(colorizer: Colorizer, image: ImageArray) -> ImageArray:
        return (image * np.array([0.8, 0.9, 1.0])).astype(np.uint8)

    network = nn.Conv2d(3, 3, 1)
    network.layered = False
    monkeypatch.setattr(Colorizer, "load", lambda model: Colorizer(network, torch.empty(0, 10), SIZE))
    monkeypatch.setattr(Colorizer, "colorize", colorize)
    monkeypatch.setattr(perceptual_distance, "extractor", lambda: tiny_net)
    monkeypatch.setattr(mark_area, "detect", lambda image: Detections([], []))
