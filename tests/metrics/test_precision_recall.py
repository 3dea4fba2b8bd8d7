import numpy as np
import pytest

from sketch2color.metrics.precision_recall import precision, recall


@pytest.fixture
def real():
    return np.random.default_rng(1).normal(0, 1, (60, 8))


def test_one_distribution_is_precise_and_covered(real):
    same = np.random.default_rng(2).normal(0, 1, (60, 8))
    assert precision(same, real) > 0.6
    assert recall(same, real) > 0.6


def test_colouring_all_alike_costs_recall_and_not_precision(real):
    alike = real[0] + np.random.default_rng(3).normal(0, 0.05, (60, 8))
    assert precision(alike, real) == 1
    assert recall(alike, real) < 0.1


def test_swapping_the_sets_swaps_the_two(real):
    wide = np.random.default_rng(4).normal(0, 2, (40, 8))
    assert precision(wide, real) == recall(real, wide) < recall(wide, real) == precision(real, wide)


@pytest.mark.parametrize(("n", "m"), [(3, 20), (20, 3), (0, 20)])
def test_too_few_images_have_no_manifold(n, m):
    assert precision(np.ones((n, 4)), np.ones((m, 4))) is None
    assert recall(np.ones((n, 4)), np.ones((m, 4))) is None
