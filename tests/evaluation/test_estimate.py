from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sketch2color.confidence_intervals import Estimate
from sketch2color.evaluation.estimate import compare, estimate
from sketch2color.report.scored_images import ScoredImage

OVER_FEATURES = {f"{key}_net" for key in ("kid", "fid", "precision", "recall")}


def scored(count=24, seed=1, shift=0.0, without=()):
    """Results of sketches 0, 1, ...: harder ones have higher noise, whatever the method."""
    rng, hard = np.random.default_rng(seed), np.random.default_rng(0).normal(0, 5, count)
    results = []
    for number in range(count):
        row, turn = rng.normal(shift, 1, 8), rng.uniform(0, 3)
        scores = {"paper_noise": float(hard[number] + shift + rng.normal(0, 0.1))}
        palette = np.array([np.cos(turn), np.sin(turn)])
        kept = ScoredImage(str(number), Path("x.png"), "", scores, row, palette)
        results.append(ScoredImage(str(number), Path("x.png"), "gone") if number in without else kept)
    return results


@pytest.fixture
def reference():
    return np.random.default_rng(9).normal(0, 1, (40, 8))


def test_every_figure_has_its_number_and_interval(reference):
    figures = estimate(scored(without={3}), reference, "net", seed=0)
    assert figures.pop("images") == Estimate(23, 24)
    assert figures.pop("reference_images") == Estimate(40, 40)
    assert figures.pop("kid_spread_net").low is None
    assert set(figures) == {*OVER_FEATURES, "paper_noise", "palette_spread"}
    for key, figure in figures.items():
        assert figure.n == 23, key
        assert figure.low < figure.high, key
        assert figure.low <= figure.value <= figure.high, key


def test_a_difference_is_seen_where_intervals_overlap(reference):
    a, b = scored(shift=0.3), scored(seed=2)
    alone = [estimate(each, reference, "net", seed=0)["paper_noise"] for each in (a, b)]
    assert alone[0].low < alone[1].high
    apart = compare(a, b, reference, "net", seed=0)
    assert 0.2 < apart["paper_noise"].low < apart["paper_noise"].high < 0.4
    assert set(apart) >= {*OVER_FEATURES, "palette_spread"}


def test_differences_are_those_of_the_figures_and_change_sign(reference):
    a, b = scored(shift=1.0), scored(seed=2)
    figures = [estimate(each, reference, "net", seed=0) for each in (a, b)]
    there, back = (compare(*pair, reference, "net", seed=0) for pair in ((a, b), (b, a)))
    for key in there:
        assert there[key].value == pytest.approx(figures[0][key].value - figures[1][key].value)
        assert back[key].value == pytest.approx(-there[key].value)
    assert there["fid_net"].low > 0
    assert there["kid_net"].low > 0


def test_only_sketches_that_both_have_count(reference):
    a, b = scored(without={0, 1}), scored(seed=2, without={1, 2, 3})
    apart = compare(a, b, reference, "net", seed=0)
    assert {figure.n for figure in apart.values()} == {20}
    both = [scored(seed=s, without={0, 1, 2, 3}) for s in (1, 2)]
    assert apart == compare(*both, reference, "net", seed=0)


def test_palettes_of_images_without_colour_are_left_out(reference):
    a, b = scored(), scored(seed=2)
    grey = ScoredImage("0", Path("x.png"), "", {}, b[0].features, None)
    b = [grey, *b[1:]]
    apart = compare(a, b, reference, "net", seed=0)
    assert apart["palette_spread"].n == 23
    assert apart["fid_net"].n == 24


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("real", [0, 1, 3, 40])
def test_few_images_have_fewer_figures_and_none_is_made_up(reference, count, real):
    a, b = scored(count), scored(count, seed=2)
    figures = estimate(a, reference[:real], "net", seed=0)
    compare(a, b, reference[:real], "net", seed=0)
    assert all(np.isfinite(figure.value) for figure in figures.values())
    assert ("fid_net" in figures) == (min(count, real) >= 2)
    assert ("kid_net" in figures) == (min(count, real) >= 4)
    assert ("palette_spread" in figures) == (count >= 2)


def test_intervals_end_where_figures_do(reference):
    """Nearly all images pass for real, so half of them would vary beyond."""
    figures = estimate(scored(count=30, seed=4), reference, "net", seed=0)
    for key in ("precision_net", "recall_net", "palette_spread"):
        assert 0 <= figures[key].low <= figures[key].value <= figures[key].high <= 1, key
    near = [replace(image, features=row) for image, row in zip(scored(), reference, strict=False)]
    assert estimate(near, reference, "net", seed=0)["precision_net"].high == 1
    assert estimate(near, reference, "net", seed=0)["fid_net"].low >= 0
    assert estimate(near, reference, "net", seed=0)["kid_net"].low < 0
