"""The marks that tools/marks.py draws train the detector and test it: their masks must be exact."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PATH = Path(__file__).parents[2] / "tools" / "marks.py"


@pytest.fixture(scope="module")
def marks():
    spec = importlib.util.spec_from_file_location("marks", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["marks"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["marks"]


@pytest.fixture
def page():
    return np.random.default_rng(3).integers(0, 256, (160, 220, 3), dtype=np.uint8)


def test_only_masked_pixels_change_and_the_same_seed_marks_the_same(marks, page):
    before = page.copy()
    for seed in range(12):
        marked, mask, kind = marks.stamp(page, np.random.default_rng(seed), marks.HELD_OUT_FACES)
        assert kind in marks.KINDS
        assert set(np.unique(mask)) <= {0, 255}
        assert 0.001 < (mask > 0).mean() < 0.7
        assert (marked[mask == 0] == page[mask == 0]).all()
        assert (marked[mask > 0] != page[mask > 0]).any(1).mean() > 0.5
        again = marks.stamp(page, np.random.default_rng(seed), marks.HELD_OUT_FACES)
        assert (again[0] == marked).all()
        assert (again[1] == mask).all()
    assert (page == before).all()


def test_all_kinds_come_up_and_most_are_small(marks):
    drawn = [
        marks.draw(120, 120, np.random.default_rng((1, seed)), marks.HELD_OUT_FACES) for seed in range(60)
    ]
    assert {mark.kind for mark in drawn} == set(marks.KINDS)
    plain = [m for m in drawn if m.kind not in ("tiled", "banner")]
    shares = [m.layer.shape[0] * m.layer.shape[1] / 120**2 for m in plain]
    assert 0.012 < np.median(shares) < 0.04


def test_the_bundled_data_sets_are_marked_in_faces_that_do_not_train(marks):
    assert not set(marks.HELD_OUT_FACES) & set(marks.TRAINING_FACES)
