import numpy as np
import pytest

from sketch2color.metrics.figure import Figure
from sketch2color.metrics.jackknife import figures
from sketch2color.metrics.kid import squared_mmd


def interval(value, statistic, judged, reference, seed=0):
    figure = figures({"x": value}, lambda a, b: {"x": statistic(a, b)}, judged, reference, seed)["x"]
    assert (figure.value, figure.n) == (value, judged)
    return figure.low, figure.high


def test_it_spreads_as_fresh_sets_do():
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


def test_it_lies_round_the_figure_of_the_whole_though_halves_are_biased():
    values = np.random.default_rng(1).normal(0, 1, 60)

    def biased(some, _):
        return float(values[some].mean()) + 100 / len(some)

    low, high = interval(biased(np.arange(60), None), biased, 60, 0)
    assert low < values.mean() + 100 / 60 < high
    assert high - low < 1


def test_halves_without_a_figure_leave_no_interval():
    assert figures({"x": 1.0}, lambda some, others: {}, 10, 10, seed=0) == {"x": Figure(1.0, 10)}
    assert figures({}, lambda some, others: pytest.fail("nothing is asked for"), 10, 10, seed=0) == {}


def test_both_sets_are_halved_anew_each_time():
    drawn = []
    interval(0.0, lambda some, others: drawn.append((tuple(some), tuple(others))) or 0.0, 9, 6)
    assert {(len(some), len(others)) for some, others in drawn} == {(4, 3)}
    assert len(set(drawn)) > 80
    assert {place for some, _ in drawn for place in some} == set(range(9))
