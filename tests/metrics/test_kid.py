import itertools

import numpy as np
import pytest

from sketch2color.metrics.kid import kid, kid_spread, squared_mmd


def test_squared_mmd_is_the_sum_written_out():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, (5, 3)), rng.normal(0.5, 2, (7, 3))

    def k(x, y):
        return (float(x @ y) / 3 + 1) ** 3

    def within(x):
        return np.mean([k(x[i], x[j]) for i, j in itertools.permutations(range(len(x)), 2)])

    between = np.mean([k(x, y) for x in a for y in b])
    assert squared_mmd(a, b) == pytest.approx(within(a) + within(b) - 2 * between, rel=1e-12)


def test_squared_mmd_has_no_bias_on_few_images():
    rng = np.random.default_rng(2)
    draws = [squared_mmd(rng.normal(0, 1, (6, 4)), rng.normal(0, 1, (9, 4))) for _ in range(4000)]
    assert abs(np.mean(draws)) < 4 * np.std(draws) / np.sqrt(len(draws))
    assert np.std(draws) > 0.1


def test_kid_is_near_zero_for_one_distribution_and_grows_with_the_distance():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, (80, 16)), rng.normal(0, 1, (50, 16))
    scores = [kid(a, b + shift, seed=0) for shift in (0.0, 0.3, 0.6, 1.2)]
    assert abs(scores[0]) < 0.1
    assert scores == sorted(scores)
    assert scores[1] > 0.2


def test_kid_is_the_mean_over_whole_sets_whatever_the_subsets():
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, (40, 8)), rng.normal(1, 1.5, (30, 8))
    spread = kid_spread(a, b, seed=0)
    assert kid(a, b, seed=0) == pytest.approx(squared_mmd(a, b), abs=4 * spread / 10)
    assert spread > 0


def test_kid_follows_its_seed():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 1, (12, 4)), rng.normal(1, 1, (10, 4))
    assert kid(a, b, seed=1) == kid(a, b, seed=1) != kid(a, b, seed=2)


@pytest.mark.parametrize(("n", "m"), [(0, 50), (3, 50), (50, 3)])
def test_kid_of_too_few_images_is_no_number(n, m):
    assert kid(np.ones((n, 4)), np.ones((m, 4)), seed=0) is None
    assert kid_spread(np.ones((n, 4)), np.ones((m, 4)), seed=0) is None
