"""Images of every size, aspect ratio and content pass every step of clean; warnings are errors."""

from contextlib import suppress

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from sketch2color import imaging
from sketch2color.config.params import Clean
from sketch2color.ingest.perceptual_hash import fingerprint
from sketch2color.ingest.side_by_side import split_pair
from sketch2color.preprocess.clean_files import clean_files
from sketch2color.preprocess.fit import SHRINK, prepare
from sketch2color.watermarks import detect as detector
from sketch2color.watermarks.decisions import decide
from sketch2color.watermarks.detect import Detections, detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.recurring import TemplateBank, cut_templates
from sketch2color.watermarks.remains import look_again
from sketch2color.watermarks.review import review_row

PLATE = (40, 90, 200)


def drawing(height, width):
    image, thickness = np.full((height, width, 3), 250, np.uint8), 1 + min(height, width) // 100
    cv2.line(image, (0, 0), (width - 1, height // 2), (30, 30, 34), thickness, cv2.LINE_AA)
    return image


def bar(height, width):
    image = drawing(height, width)
    image[height * 3 // 4 :] = PLATE
    return image


def badge(height, width):
    image, axes = drawing(height, width), (max(1, width // 6), max(1, height // 6))
    cv2.ellipse(image, (width // 2, height // 2), axes, 0, 0, 360, PLATE, -1)
    return image


def code(height, width):
    image = drawing(height, width)
    image[height // 4 : 3 * height // 4, :: max(2, width // 40)] = 0
    return image


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def checkerboard(height, width):
    odd = np.add.outer(np.arange(height) * 8 // height, np.arange(width) * 8 // width) % 2
    return np.repeat((odd * 255).astype(np.uint8)[..., None], 3, 2)


def one_pixel(height, width):
    image = np.full((height, width, 3), 255, np.uint8)
    image[height // 2, width // 2] = 0
    return image


def huge(height, width):
    image = drawing(height, width)
    image[height // 20 : 19 * height // 20, width // 20 : 19 * width // 20] //= 2
    return image


CONTENTS = {
    "white": lambda height, width: np.full((height, width, 3), 255, np.uint8),
    "black": lambda height, width: np.zeros((height, width, 3), np.uint8),
} | {make.__name__: make for make in (bar, badge, code, noise, checkerboard, one_pixel, huge)}

SIZES = [(24, 25), (64, 64), (255, 30), (257, 90), (24, 900)]
ODD = [(1, 1), (1, 24), (3, 300), (1, 4096), (4096, 24)]


@pytest.fixture(autouse=True)
def dark_is_a_mark(monkeypatch):
    """In place of the network: what is far from white is a mark, certainly."""

    def logits(small, weights):
        dark = (small.float().mean(1, keepdim=True) < 170).float() * 12 - 6
        return torch.cat([dark, dark], 1)

    monkeypatch.setattr(detector, "_logits", logits)


def check(image):
    shape = image.shape[:2]
    detections = detect(image, threshold=0.5)
    for mark in (*detections.sure, *detections.doubtful):
        assert mark.ground.shape == mark.pixels.shape == shape
        assert mark.ground.any()
        assert 0 < mark.confidence <= 1
    templates = cut_templates(image, [mark.pixels for mark in detections.sure], "a", "a")
    detections = TemplateBank(templates).promote_recurring(image, detections, "b")
    if not detections.sure:  # what spans too much of the image is in doubt, but can be removed by hand
        detections = Detections(detections.doubtful, [])
    decisions = decide(detections, *shape)
    filled = fill(image, decisions.mask)
    assert (filled[decisions.mask == 0] == image[decisions.mask == 0]).all()
    decisions = look_again(image, filled, decisions)
    assert 0 <= decisions.remains <= 1
    review_row("a", "", image, decisions, filled, with_snippet=True)
    return filled


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_marks_are_detected_removed_and_looked_for_again(size, content):
    assert check(CONTENTS[content](*size)).shape == (*size, 3)


@pytest.mark.parametrize("content", ["white", "bar", "noise", "one_pixel"])
@pytest.mark.parametrize("size", ODD, ids=str)
def test_strips_and_single_pixels_pass(size, content):
    assert check(CONTENTS[content](*size)).shape == (*size, 3)


@pytest.mark.slow
@pytest.mark.parametrize("content", ["bar", "badge", "code", "huge"])
@pytest.mark.parametrize("size", [(1400, 700), (4096, 300), (2500, 4096)], ids=str)
def test_large_images_pass(size, content):
    assert check(CONTENTS[content](*size)).shape == (*size, 3)


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("size", [(24, 24), (24, 700), (1, 4096), (2048, 25)], ids=str)
def test_images_are_fitted_levelled_and_fingerprinted(size, content):
    image = CONTENTS[content](*size)
    imaging.is_single_colored(image)
    assert len(fingerprint(image)) == len(fingerprint(np.zeros((64, 64, 3), np.uint8)))
    with suppress(imaging.ImageError):  # two halves that are no pair
        split_pair(image)
    for how in ("pad", "crop", "squash"):
        for domain, resize in SHRINK.items():
            small = imaging.shrink(image, 1024, resize)
            assert prepare(small, domain, Clean(fit=how, level=True), 64).shape == (64, 64, 3)


@pytest.mark.parametrize("size", [(64, 64), (24, 90), (300, 40)], ids=str)
def test_the_command_cleans_a_bar_and_keeps_alpha(tmp_path, size):
    layer = np.dstack([bar(*size), np.full(size, 255, np.uint8)])
    layer[: size[0] // 3, :, 3] = 0  # transparent
    Image.fromarray(layer).save(tmp_path / "bar.png")
    assert clean_files(tmp_path / "bar.png", tmp_path / "out", tmp_path / "review.html") == 0
    with Image.open(tmp_path / "out" / "bar.png") as cleaned:
        assert (cleaned.mode, cleaned.size) == ("RGBA", size[::-1])
