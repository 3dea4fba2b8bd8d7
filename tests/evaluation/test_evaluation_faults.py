"""Each score moves with the fault it is there for, and stays put for the others'."""

import itertools

import cv2
import numpy as np
import pytest

from sketch2color.cleaning.find import Finding
from sketch2color.evaluation import mark_area
from sketch2color.evaluation.paper_noise import blank_paper
from sketch2color.evaluation.results import score

STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def clouds(drawing, strength):
    """Grey clouds on the paper round the drawing."""
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, drawing.inside.shape), (0, 0), 6)
    cloud = np.abs(noise / np.abs(noise).max()) * blank_paper(drawing.sketch) * 80 * strength
    return (drawing.color - cloud[..., None]).clip(0, 255).astype(np.uint8)


def grey(drawing, strength):
    """Colours drained to grey of the same lightness."""
    luma = drawing.color @ np.array([0.2126, 0.7152, 0.0722])
    mixed = drawing.color * (1 - strength) + luma[..., None] * strength
    return np.where(drawing.inside[..., None], mixed, drawing.color).round().astype(np.uint8)


def erased(drawing, strength):
    """The lines of the topmost share of the drawing painted over with paper."""
    picture = drawing.color.copy()
    rows = np.flatnonzero(drawing.inside.any(axis=1))
    above = np.arange(len(picture)) < rows[0] + strength * len(rows)
    picture[(picture.max(axis=2) < 60) & above[:, None]] = 255
    return picture


FAULTS = (clouds, grey, erased)


@pytest.fixture(autouse=True)
def no_finder(monkeypatch):
    """No score here rests on the finder, and it takes its time."""
    monkeypatch.setattr(mark_area, "find", lambda picture: Finding([], []))


def moves(drawing, fault, key):
    base = score(drawing.color, drawing.sketch, drawing.color)[key]
    return [score(fault(drawing, s), drawing.sketch, drawing.color)[key] - base for s in STRENGTHS]


@pytest.mark.parametrize(("key", "own", "sign"), [("paper_noise", clouds, 1), ("colorfulness", grey, -1)])
def test_a_score_follows_its_fault_and_no_other(drawing, key, own, sign):
    moved = [sign * move for move in moves(drawing, own, key)]
    assert moved[0] > 0
    assert all(b > a for a, b in itertools.pairwise(moved))
    for other in FAULTS:
        if other is not own:
            assert max(map(abs, moves(drawing, other, key))) < 0.05 * moved[-1]


@pytest.mark.parametrize("key", ["psnr", "ssim"])
@pytest.mark.parametrize("fault", FAULTS)
def test_paired_scores_fall_with_every_fault(drawing, key, fault):
    moved = moves(drawing, fault, key)
    assert moved[0] < 0
    assert all(b < a for a, b in itertools.pairwise(moved))


def test_scores_that_do_not_apply_are_absent(drawing):
    always = {"paper_noise", "colorfulness", "mark_area", "painted_marks"}
    assert set(score(drawing.color, drawing.sketch, None)) == always
