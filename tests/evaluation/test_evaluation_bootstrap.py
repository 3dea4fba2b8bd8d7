import numpy as np
import pytest

from sketch2color.evaluation.bootstrap import interval


def test_interval_is_that_of_the_normal_mean():
    values = np.random.default_rng(1).normal(10, 2, 400)
    low, high = interval(list(values), seed=0)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.03)
    assert high == pytest.approx(values.mean() + half, abs=0.03)


def test_interval_leans_with_its_values():
    low, high = interval([0.0] * 9 + [10.0], seed=0)
    assert 0 <= low < 1 < high
    assert high - 1 > 1 - low


def test_interval_of_one_value_is_none():
    assert interval([3.0], seed=0) is None
    assert interval([], seed=0) is None
