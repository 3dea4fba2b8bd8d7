"""The rule by which a sketch gets its reference."""

import numpy as np
import pytest

from sketch2color.images import PictureArray
from sketch2color.style.references import choose, layout


def box(
    top: int, left: int, bottom: int, right: int, fill: tuple[int, int, int] | None = None
) -> PictureArray:
    """A black-rimmed box on white paper of 64 pixels, coloured in or not."""
    picture = np.full((64, 64, 3), 255, dtype=np.uint8)
    picture[top:bottom, left:right] = 0
    picture[top + 3 : bottom - 3, left + 3 : right - 3] = fill or (255, 255, 255)
    return picture


LEFT, RIGHT, TOP = (10, 5, 50, 25), (10, 40, 50, 60), (3, 5, 15, 60)
RED, BLUE, GREEN = (220, 30, 40), (30, 60, 200), (40, 170, 60)


def test_layout_has_mean_0_and_norm_1_and_tells_left_from_right() -> None:
    left, right = layout(box(*LEFT)), layout(box(*RIGHT))
    assert left.sum() == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(left) == pytest.approx(1)
    assert left @ right < 0.3


def test_a_coloured_box_is_laid_out_like_its_outline() -> None:
    assert layout(box(*LEFT)) @ layout(box(*LEFT, fill=BLUE)) > 0.9


def test_each_sketch_gets_the_reference_laid_out_like_it() -> None:
    sketches = [box(*TOP), box(*LEFT), box(*RIGHT)]
    candidates = [box(*RIGHT, fill=RED), box(*TOP, fill=BLUE), box(*LEFT, fill=GREEN)]
    chosen = choose(sketches, candidates)
    assert [index for index, _ in chosen] == [1, 2, 0]
    assert all(likeness > 0.8 for _, likeness in chosen)


def test_no_reference_serves_twice_while_there_are_enough() -> None:
    sketches = [box(*LEFT)] * 3
    candidates = [box(*LEFT, fill=RED), box(*RIGHT, fill=RED), box(*LEFT, fill=GREEN), box(*TOP, fill=BLUE)]
    indices = [index for index, _ in choose(sketches, candidates)]
    assert len(set(indices)) == 3
    assert {0, 2} < set(indices)


def test_with_few_references_each_serves_equally_often() -> None:
    sketches = [box(*LEFT), box(*RIGHT), box(*LEFT), box(*LEFT)]
    indices = [index for index, _ in choose(sketches, [box(*LEFT, fill=RED), box(*RIGHT, fill=BLUE)])]
    assert indices.count(0) == indices.count(1) == 2
    assert indices[1] == 1


def test_blank_pictures_and_single_references_are_no_trouble() -> None:
    blank = np.full((20, 30, 3), 255, dtype=np.uint8)
    assert choose([blank, box(*TOP)], [blank]) == [(0, 0.0), (0, 0.0)]
