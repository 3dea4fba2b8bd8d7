"""The rule by which a sketch gets its reference."""

import numpy as np
import pytest

from sketch2color.imaging import ImageArray
from sketch2color.style_transfer.references import assign_references, layout, layout_correlation


def box(top: int, left: int, bottom: int, right: int, fill: tuple[int, int, int] | None = None) -> ImageArray:
    """A black-rimmed box on white paper of 64 pixels, coloured in or not."""
    image = np.full((64, 64, 3), 255, dtype=np.uint8)
    image[top:bottom, left:right] = 0
    image[top + 3 : bottom - 3, left + 3 : right - 3] = fill or (255, 255, 255)
    return image


LEFT, RIGHT, TOP = (10, 5, 50, 25), (10, 40, 50, 60), (3, 5, 15, 60)
RED, BLUE, GREEN = (220, 30, 40), (30, 60, 200), (40, 170, 60)


def test_layout_has_mean_0_and_norm_1_and_tells_left_from_right() -> None:
    left, right = layout(box(*LEFT)), layout(box(*RIGHT))
    assert left.sum() == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(left) == pytest.approx(1)
    assert left @ right < 0.3


def test_a_coloured_box_is_laid_out_like_its_outline() -> None:
    assert layout(box(*LEFT)) @ layout(box(*LEFT, fill=BLUE)) > 0.9


def test_layout_correlation_has_a_row_for_each_sketch() -> None:
    correlations = layout_correlation(
        [box(*TOP), box(*LEFT)], [box(*LEFT, fill=RED), box(*RIGHT), box(*TOP, fill=BLUE)]
    )
    assert correlations.shape == (2, 3)
    assert correlations.argmax(axis=1).tolist() == [2, 0]
    assert correlations.max() > 0.8
    assert layout_correlation([np.full((20, 30, 3), 255, dtype=np.uint8)], [box(*TOP)]).tolist() == [[0.0]]


def test_the_sum_of_layout_correlation_counts_not_the_first_comer() -> None:
    correlations = np.array([[0.9, 0.8, 0.1], [0.7, 0.2, 0.3], [0.6, 0.1, 0.1]])
    assert assign_references(correlations, 1) == [[1], [2], [0]]


def test_no_reference_serves_twice_while_there_are_enough() -> None:
    correlations = np.tile([0.9, 0.5, 0.4, 0.3], (3, 1))
    assert sorted(indices[0] for indices in assign_references(correlations, 1)) == [0, 1, 2]


def test_with_few_references_each_serves_equally_often() -> None:
    correlations = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.3], [0.9, 0.4]])
    indices = [each[0] for each in assign_references(correlations, 1)]
    assert indices.count(0) == indices.count(1) == 2
    assert indices[1] == indices[3] == 1


def test_several_references_are_different_ones_the_most_correlated_first() -> None:
    assert assign_references(np.array([[0.3, 0.9, 0.5, 0.1]]), 3) == [[1, 2, 0]]
    assert assign_references(np.array([[0.3, 0.9]]), 5) == [[1, 0]]


@pytest.mark.parametrize(("sketches", "candidates", "count"), [(2, 3, 3), (5, 7, 3), (7, 3, 2), (40, 9, 6)])
def test_several_references_are_shared_out_evenly(sketches: int, candidates: int, count: int) -> None:
    for seed in range(20):
        correlations = np.random.default_rng(seed).uniform(-1, 1, (sketches, candidates))
        chosen = assign_references(correlations, count)
        assert all(len(set(indices)) == count for indices in chosen)
        used = np.bincount(np.concatenate(chosen), minlength=candidates)
        assert used.max() <= -(-sketches * count // candidates)
