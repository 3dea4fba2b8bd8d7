"""Images of odd shape or content come through sensibly: in shape, on their paper, and untouched."""

import cv2
import numpy as np
import pytest
from skimage import data

from sketch2color import imaging, manifest
from sketch2color.config.params import Clean
from sketch2color.manifest import CleanImageRow, ImageRow, Rejected
from sketch2color.preprocess.clean import clean, remove_marks
from sketch2color.preprocess.fit import prepare

pytestmark = pytest.mark.slow

CREAM = (243, 236, 220)


def paper(height, width, color=CREAM):
    page = np.empty((height, width, 3), np.uint8)
    page[:] = color
    return page


def handwriting(height=900, width=700, seed=0):
    """A page full of script: loops along slightly wavering lines, word by word, with a pen of 2 pixels."""
    rng = np.random.default_rng(seed)
    page = paper(height, width)
    for top in range(60, height - 40, 44):
        left = 50 + rng.uniform(-8, 8)
        while left < width - 120:
            loops = rng.integers(2, 8)
            turn = np.linspace(0, 2 * np.pi * loops, 14 * loops)
            tall = np.repeat(rng.uniform(5, 15, loops), 14)
            x = left + turn * 1.9 + 5 * np.sin(turn) + rng.normal(0, 0.5, turn.size)
            y = top + 4 * np.sin(left / 90) - tall * np.cos(turn) * (0.5 + 0.5 * np.sin(turn / 3))
            word = np.stack([x, y], 1).round().astype(np.int32)
            cv2.polylines(page, [word], False, (40, 44, 92), 2, cv2.LINE_AA)
            left = x[-1] + rng.uniform(14, 24)
    return page


def scan(height=3000, width=4000, seed=0):
    """12 megapixels of grey scanner's grain with a fine line drawing."""
    rng = np.random.default_rng(seed)
    page = paper(height, width, (214, 214, 214))
    for _ in range(9):
        center = [int(v) for v in rng.uniform((width * 0.2, height * 0.2), (width * 0.8, height * 0.8))]
        axes = [int(v) for v in rng.uniform(150, 700, 2)]
        cv2.ellipse(page, center, axes, rng.uniform(0, 180), 0, 360, (60, 60, 64), 3, cv2.LINE_AA)
    tile = rng.normal(0, 4, (500, 500, 1)).astype(np.float32)
    grain = np.tile(tile, (height // 500, width // 500, 1))
    return cv2.convertScaleAbs(page + grain).reshape(page.shape)


def noisy(seed=0):
    grain = np.random.default_rng(seed).normal(188, 9, (800, 600, 1))
    page = np.repeat(grain, 3, 2).clip(0, 255).astype(np.uint8)
    cv2.polylines(page, [np.array([[90, 600], [160, 180], [420, 140], [500, 520]])], True, (50, 50, 54), 3)
    return page


def strip(height, width):
    page = paper(height, width)
    cv2.line(page, (3, 3), (width - 4, height - 4), (30, 30, 30), 2, cv2.LINE_AA)
    return page


PAGES = {
    "white": lambda: paper(700, 500, (255, 255, 255)),
    "cream": lambda: paper(700, 500),
    "black": lambda: paper(700, 500, (0, 0, 0)),
    "handwriting": handwriting,
    "another handwriting": lambda: handwriting(1000, 1000, seed=1),
    "tall strip": lambda: strip(3000, 40),
    "wide strip": lambda: strip(40, 3000),
    "noisy grey scan": noisy,
    "scan of 12 megapixels": scan,
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "cat": data.chelsea,
    "a single pixel": lambda: paper(1, 1),
    "a row of pixels": lambda: paper(1, 300),
}
UNMARKED = list(PAGES)
ON_PAPER = [name for name in PAGES if name not in ("astronaut", "coffee", "cat")]


@pytest.fixture(scope="module")
def pages():
    """Every page by its name, shrunk as the stage does that first."""
    return {name: imaging.shrink(make(), 1024) for name, make in PAGES.items()}


@pytest.mark.parametrize("name", UNMARKED)
def test_nothing_is_removed_where_no_mark_is(pages, name):
    detections, after = remove_marks(pages[name])
    assert after is pages[name], detections.sure


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("how", ["pad", "crop", "squash"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_becomes_square_and_keeps_its_paper(pages, name, how, level):
    square = prepare(pages[name], "sketch", Clean(fit=how, level=level))
    assert square.shape == (256, 256, 3)
    assert square.dtype == np.uint8
    if name in ON_PAPER and "strip" not in name:  # what is cropped of a strip is all line
        before, after = np.median(pages[name], (0, 1)), np.median(square, (0, 1))
        white = level and name != "black"
        assert np.abs(after - (255 if white else before)).max() <= (
            7 if white else 4
        )  # grain stays, below 255


@pytest.mark.parametrize("name", ON_PAPER)
def test_what_is_padded_is_paper_without_a_seam(pages, name):
    page = pages[name]
    square = prepare(page, "sketch", Clean(fit="pad")).astype(int)
    color = np.median(page[:2], (0, 1))
    assert np.abs(square[0, :8] - color).max() <= 8
    assert np.abs(square[:8, 0] - color).max() <= 8


def test_the_stage_takes_them_all(tmp_path):
    rows = []
    for name, make in PAGES.items():
        content = imaging.encode_png(make())
        digest = manifest.sha256(content)
        (tmp_path / "raw/images").mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw/images" / f"{digest[:16]}.png").write_bytes(content)
        entry = {"id": digest[:16], "group": digest[:16], "sha256": digest, "source": name}
        rows.append(
            ImageRow(**entry, domain="sketch", split="train", pair="", license="CC0", width=9, height=9)
        )
    manifest.write(tmp_path / "raw/manifest.csv", rows, ImageRow)
    manifest.write(tmp_path / "raw/rejected.csv", [], Rejected)
    figures = clean(tmp_path / "raw", tmp_path / "clean", tmp_path / "report", Clean())
    assert manifest.read(tmp_path / "report/rejected.csv", Rejected) == []
    assert figures["images"] == len(PAGES)
    for row in manifest.read(tmp_path / "clean/manifest.csv", CleanImageRow):
        square = imaging.read(tmp_path / "clean/train/sketch" / f"{row.id}.png")
        assert square.shape == (256, 256, 3)
        assert row.mark_area == 0 or row.action == "removed"
