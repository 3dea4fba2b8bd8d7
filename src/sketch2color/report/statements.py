"""Differences between two methods in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sketch2color.confidence_intervals import Estimate
from sketch2color.metrics import discovery
from sketch2color.metrics.metric import Metric
from sketch2color.report.columns import Column
from sketch2color.report.summary_table import interval, number, separated

Outcome = Literal["better", "worse", "different", "open"]
"""``different``: significantly, without a ranking; ``open``: not significantly."""


@dataclass(frozen=True)
class Statement:
    """The difference in one metric."""

    metric: Metric
    outcome: Outcome
    text: str


def statements(
    first: Column, second: Column, differences: Mapping[str, Estimate], real: Mapping[str, Estimate]
) -> Iterator[Statement]:
    """Yield the differences ``first - second`` of all metrics; those without a ranking are ``different``.

    Args:
        first: the subject of the sentences.
        second: what it is compared with.
        differences: by metric.
        real: the estimates of real images.
    """
    for metric in discovery.describe(differences):
        difference = differences[metric.key]
        outcome = _outcome(metric, difference, first, second, real)
        yield Statement(metric, outcome, _text(metric, difference, first.name, second.name, outcome))


def _outcome(
    metric: Metric, difference: Estimate, first: Column, second: Column, real: Mapping[str, Estimate]
) -> Outcome:
    if not difference.excludes_zero:
        return "open"
    target = real[metric.key].value if metric.key in real else None
    ours, theirs = (column.estimates.get(metric.key) for column in (first, second))
    if ours is None or theirs is None or not separated(metric, difference, ours, theirs, target):
        return "different"
    costs = metric.cost(ours.value, target), metric.cost(theirs.value, target)
    if costs[0] is None or costs[1] is None:
        return "different"
    return "better" if costs[0] < costs[1] else "worse"


def _text(metric: Metric, difference: Estimate, first: str, second: str, outcome: Outcome) -> str:
    """Return such as: CycleGAN is lower than Style transfer by 2.7 ΔE (95 %: 2.5 to 2.9; 24 sketches)."""
    over = f"{difference.n} {'sketch' if difference.n == 1 else 'sketches'}"
    if difference.value == 0 and not difference.excludes_zero:
        return f"{first} and {second} are equal (over {over})."
    comparison = "higher" if difference.value > 0 else "lower"
    amount = _amount(abs(difference.value), metric.digits)
    text = f"{first} is {comparison} than {second} by {amount} {metric.unit}".rstrip()
    bounds = interval(_magnitude(difference), metric.digits)
    if not bounds:
        return f"{text}; there is no confidence interval (over {over})."
    text += ", not significantly" if outcome == "open" else ""
    if metric.direction == "like real":
        text += {"better": ", nearer to Real", "worse": ", farther from Real"}.get(outcome, "")
    return f"{text} (95 %: {bounds}; {over})."


def _amount(value: float, digits: int) -> str:
    smallest = 10.0**-digits
    return number(value, digits) if value >= smallest / 2 else f"less than {number(smallest, digits)}"


def _magnitude(difference: Estimate) -> Estimate:
    """Return a difference without its sign: −3 to −2 becomes 2 to 3."""
    if difference.value >= 0 or difference.low is None or difference.high is None:
        return difference
    return Estimate(-difference.value, difference.n, -difference.high, -difference.low)
