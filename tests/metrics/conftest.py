import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.evaluation.conftest import drawing, mocked, tiny_net, world

from sketch2color import imaging
from sketch2color.manifest import ROLES

__all__ = ["drawing", "mocked", "tiny_net", "world"]

PRODUCTS = Path(__file__).parents[2] / "data" / "sources" / "products" / "products.zip"
ORANGE, BLUE, GREY = (240, 120, 20), (40, 90, 220), (90, 90, 90)
LEFT, RIGHT = np.s_[60:160, 50:110], np.s_[60:160, 110:170]


@dataclass(frozen=True)
class Product:
    """A sketch of parts, and what lies where; ``truth`` is its coloured image where it is a real one."""

    sketch: np.ndarray
    parts: np.ndarray
    truth: np.ndarray | None = None

    def painted(self, *paints):
        """The sketch with colours laid over areas, each (area, colour), the last on top."""
        paint = np.full_like(self.sketch, 255)
        for area, color in paints:
            paint[area] = color
        return np.minimum(paint, self.sketch)

    def score(self, metric, *paints):
        return metric(self.painted(*paints), self.sketch, self.parts)


def boxes(size=256, **roles):
    """Two boxes side by side in line, ``left`` and ``right``, each of a role."""
    sketch, parts = np.full((256, 256, 3), 255, np.uint8), np.zeros((256, 256), np.uint8)
    for area, role in zip((LEFT, RIGHT), (roles["left"], roles["right"]), strict=True):
        parts[area] = ROLES.index(role)
        (top, bottom), (left, right) = ((each.start, each.stop) for each in area)
        cv2.rectangle(sketch, (left, top), (right, bottom), (20, 20, 20), 1)
    scaled = imaging.resize_labels(parts, size, size)
    return Product(imaging.resize(sketch, size, size), scaled)


@pytest.fixture(name="boxes")
def boxes_fixture():
    return boxes


@cache
def product(name):
    """A pair of the test split of the data set products, at 256 pixels."""
    with zipfile.ZipFile(PRODUCTS) as archive:
        sketch, color, parts = (
            imaging.read(archive.read(path))
            for path in (
                f"sketch/test/{name}.webp",
                f"color/test/{name}.webp",
                f"truth/parts/sketch/{name}.png",
            )
        )
    fitted = imaging.resize_labels(parts[..., 0], 256, 256)
    return Product(imaging.resize_strokes(sketch, 256, 256), fitted, imaging.resize(color, 256, 256))


@pytest.fixture(params=["watch-04", "helmet-02", "coffee-03"])  # on backdrops and on paper
def rendering(request):
    return product(request.param)
