import numpy as np
import pytest

from sketch2color.metrics.precision_recall import precision_recall


@pytest.fixture
def real():
    return np.random.default_rng(1).normal(0, 1, (60, 8))


def test_one_distribution_is_precise_and_covered(real):
    same = precision_recall(np.random.default_rng(2).normal(0, 1, (60, 8)), real)
    assert same["precision"] > 0.6
    assert same["recall"] > 0.6


def test_painting_all_alike_costs_recall_and_not_precision(real):
    alike = real[0] + np.random.default_rng(3).normal(0, 0.05, (60, 8))
    figures = precision_recall(alike, real)
    assert figures["precision"] == 1
    assert figures["recall"] < 0.1


def test_swapping_the_sets_swaps_the_two(real):
    wide = np.random.default_rng(4).normal(0, 2, (40, 8))
    there, back = precision_recall(wide, real), precision_recall(real, wide)
    assert there["precision"] == back["recall"] < there["recall"] == back["precision"]


@pytest.mark.parametrize(("n", "m"), [(3, 20), (20, 3), (0, 20)])
def test_too_few_images_have_no_manifold(n, m):
    assert precision_recall(np.ones((n, 4)), np.ones((m, 4))) == {}
