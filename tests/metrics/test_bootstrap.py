import numpy as np
import pytest

from sketch2color.metrics.bootstrap import difference, mean
from sketch2color.metrics.figure import Figure


def test_the_interval_is_that_of_the_normal_mean():
    values = np.random.default_rng(1).normal(10, 2, 400)
    figure = mean(list(values), seed=0)
    half = 1.96 * values.std() / 20
    assert figure.value == pytest.approx(values.mean())
    assert figure.n == 400
    assert figure.low == pytest.approx(values.mean() - half, abs=0.03)
    assert figure.high == pytest.approx(values.mean() + half, abs=0.03)


def test_the_interval_leans_with_its_values():
    figure = mean([0.0] * 9 + [10.0], seed=0)
    assert 0 <= figure.low < 1 < figure.high
    assert figure.high - 1 > 1 - figure.low


def test_one_value_has_no_interval_and_none_no_figure():
    assert mean([3.0], seed=0) == Figure(3.0, 1)
    assert mean([], seed=0) is None
    assert difference([], [], seed=0) is None


def test_pairs_tell_apart_what_two_intervals_do_not():
    rng = np.random.default_rng(2)
    hard = rng.normal(0, 5, 30)
    first, second = list(hard + 1 + rng.normal(0, 0.1, 30)), list(hard)
    a, b, apart = mean(first, 0), mean(second, 0), difference(first, second, 0)
    assert a.low < b.high  # overlapping
    assert 0.9 < apart.low < apart.value < apart.high < 1.1
    assert difference(second, first, 0).value == -apart.value


def test_scores_of_other_images_are_refused():
    with pytest.raises(ValueError, match="zip"):
        difference([1.0, 2.0], [1.0], seed=0)
