import json

import numpy as np
import pytest

from sketch2color.confidence_intervals import (
    Estimate,
    bootstrap_mean,
    flat,
    from_json,
    jackknife,
    paired_difference,
    to_json,
)
from sketch2color.metrics.kid import squared_mmd


def test_the_interval_is_that_of_the_normal_mean():
    values = np.random.default_rng(1).normal(10, 2, 400)
    estimate = bootstrap_mean(list(values), seed=0)
    half = 1.96 * values.std() / 20
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.n == 400
    assert estimate.low == pytest.approx(values.mean() - half, abs=0.03)
    assert estimate.high == pytest.approx(values.mean() + half, abs=0.03)


def test_the_interval_leans_with_its_values():
    estimate = bootstrap_mean([0.0] * 9 + [10.0], seed=0)
    assert 0 <= estimate.low < 1 < estimate.high
    assert estimate.high - 1 > 1 - estimate.low


def test_one_value_has_no_interval_and_none_no_estimate():
    assert bootstrap_mean([3.0], seed=0) == Estimate(3.0, 1)
    assert bootstrap_mean([], seed=0) is None
    assert paired_difference({}, {}, "x", seed=0) is None


def by_image(values):
    return {str(number): {"x": value} for number, value in enumerate(values)}


def test_pairs_separate_what_two_intervals_do_not():
    rng = np.random.default_rng(2)
    hard = rng.normal(0, 5, 30)
    first, second = list(hard + 1 + rng.normal(0, 0.1, 30)), list(hard)
    a, b = bootstrap_mean(first, 0), bootstrap_mean(second, 0)
    between = paired_difference(by_image(first), by_image(second), "x", 0)
    assert a.low < b.high  # overlapping
    assert 0.9 < between.low < between.value < between.high < 1.1
    assert paired_difference(by_image(second), by_image(first), "x", 0).value == -between.value


def test_only_images_that_both_have_a_score_of_are_paired():
    first, second = by_image([5.0, 9.0, 2.0]), by_image([4.0, 8.0])
    assert paired_difference(first, second, "x", seed=0) == Estimate(1.0, 2, 1.0, 1.0)
    second["1"] = {"y": 8.0}
    assert paired_difference(first, second, "x", seed=0) == Estimate(1.0, 1)


def interval(value, statistic, images, reference, seed=0):
    estimate = jackknife(value, statistic, images, reference, seed)
    assert (estimate.value, estimate.n) == (value, images)
    return estimate.low, estimate.high


def test_the_interval_is_that_of_new_sets():
    """KID of halves, against KID of many fresh sets of full size: the mean of 12 intervals."""
    rng = np.random.default_rng(0)

    def fresh():
        return rng.normal(0, 1, (40, 6)), rng.normal(0.3, 1, (60, 6))

    true = np.percentile([squared_mmd(*fresh()) for _ in range(400)], [2.5, 97.5])
    widths = []
    for seed in range(12):
        a, b = fresh()
        low, high = interval(squared_mmd(a, b), lambda i, j, a=a, b=b: squared_mmd(a[i], b[j]), 40, 60, seed)
        widths.append(high - low)
    assert np.mean(widths) == pytest.approx(true[1] - true[0], rel=0.3)


def test_the_interval_contains_the_value_of_the_whole_though_halves_are_biased():
    values = np.random.default_rng(1).normal(0, 1, 60)

    def biased(some, _):
        return float(values[some].mean()) + 100 / len(some)

    low, high = interval(biased(np.arange(60), None), biased, 60, 0)
    assert low < values.mean() + 100 / 60 < high
    assert high - low < 1


def test_halves_without_a_value_leave_no_interval():
    assert jackknife(1.0, lambda some, others: None, 10, 10, seed=0) == Estimate(1.0, 10)


def test_both_sets_are_halved_anew_each_time():
    drawn = []
    interval(0.0, lambda some, others: drawn.append((tuple(some), tuple(others))) or 0.0, 9, 6)
    assert {(len(some), len(others)) for some, others in drawn} == {(4, 3)}
    assert len(set(drawn)) > 80
    assert {place for some, _ in drawn for place in some} == set(range(9))


def test_what_is_written_is_read():
    estimates = {"sketch": {"kid": Estimate(0.25, 9, 0.125, 0.5), "psnr": Estimate(14.5, 1)}, "real": {}}
    assert from_json(json.loads(json.dumps(to_json(estimates)))) == estimates


def test_numbers_have_six_digits_and_none_is_made_up():
    estimates = {"a": Estimate(1 / 3, 7, float("nan"), float("inf")), "b": Estimate(float("nan"), 7)}
    assert to_json({"x": estimates}) == {"x": {"a": {"n": 7, "value": 0.333333}}}
    assert flat({"x": estimates}) == {"x/a": 0.333333}
