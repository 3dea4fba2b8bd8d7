import inspect
from pathlib import Path
from typing import get_args

import pytest

from sketch2color import metrics
from sketch2color.metrics import discovery
from sketch2color.metrics.metric import Input, Metric

DOCS = Path(__file__).parents[2] / "docs" / "report.md"
SUPPORT = {"__init__", "features", "line_art", "metric", "parts", "discovery"}
BETTER = {"lower": "↓", "higher": "↑", "like real": "≈", "none": ""}


def test_every_other_file_of_the_package_defines_metrics():
    files = {path.stem for path in Path(metrics.__file__).parent.glob("*.py")}
    defined = {inspect.getmodule(metric.compute).__name__.rpartition(".")[2] for metric in discovery.METRICS}
    assert defined == files - SUPPORT


def test_keys_titles_and_places_are_unique():
    for field in ("key", "title", "short", "order"):
        values = [getattr(metric, field) for metric in discovery.METRICS]
        assert len(set(values)) == len(values), field


@pytest.mark.parametrize("metric", discovery.METRICS, ids=lambda metric: metric.key)
def test_a_metric_takes_what_scoring_has(metric):
    assert set(inspect.signature(metric.compute).parameters) <= set(get_args(Input))
    assert metric.needs
    of_sets = {"features", "palettes", "real_features", "seed"}
    assert (metric in discovery.SET_METRICS) == (set(metric.needs) <= of_sets)


@pytest.fixture
def product():
    return Metric(
        key="product",
        title="Product",
        short="product",
        direction="like real",
        digits=1,
        order=0,
        explanation="",
        compute=lambda nearest_distance, training_spacing: nearest_distance * training_spacing,
    )


def test_a_metric_is_computed_from_what_it_needs_or_not_at_all(product):
    inputs = {"training_spacing": 2.0, "nearest_distance": 3.0, "seed": 1}
    assert product.needs == ("nearest_distance", "training_spacing")
    assert product(inputs) == 6
    assert product({"nearest_distance": 3.0}) is None
    assert product({**inputs, "training_spacing": None}) is None


def test_costs_follow_the_direction(product):
    noise, psnr, area = discovery.describe(["paper_noise", "psnr", "mark_area"])
    assert (noise.cost(2.5, None), psnr.cost(2.5, None), area.cost(2.5, None)) == (2.5, -2.5, None)
    assert (product.cost(2.5, 3.0), product.cost(3.5, 3.0), product.cost(2.5, None)) == (0.5, 0.5, None)


def test_values_over_different_features_are_described_apart():
    found = discovery.describe(["kid_spread_a-1", "kid_a-1", "kid_b-2", "unknown", "psnr"])
    assert [(metric.key, metric.short) for metric in found] == [
        ("kid_a-1", "KID"),
        ("kid_b-2", "KID"),
        ("kid_spread_a-1", "KID spread"),
        ("psnr", "PSNR"),
    ]


def test_the_docs_list_the_metrics():
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    cells = [
        (f"`{metric.key}`", metric.title, metric.unit, BETTER[metric.direction], metric.explanation)
        for metric in discovery.METRICS
    ]
    assert rows == [f"| {' | '.join(row)} |" for row in cells]
