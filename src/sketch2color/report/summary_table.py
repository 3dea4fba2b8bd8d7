"""The summary table: each metric of every method, and which method is better."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sketch2color.confidence_intervals import Estimate, Estimates, difference_key
from sketch2color.metrics.metric import Metric
from sketch2color.report.columns import Column

Rank = Literal["", "best", "significantly best"]


@dataclass(frozen=True)
class Cell:
    """An estimate of one column: ``text`` is empty where there is none."""

    column: Column
    text: str = ""
    interval: str = ""
    n: int = 0
    rank: Rank = ""


@dataclass(frozen=True)
class Row:
    """A metric of all columns."""

    metric: Metric
    cells: tuple[Cell, ...]


def row(
    metric: Metric, columns: Sequence[Column], real: Mapping[str, Estimate], differences: Estimates
) -> Row:
    """Return a metric of all columns, with the best of the ranked ones marked.

    Args:
        metric: of the row.
        columns: in their order.
        real: the estimates of real images, which some metrics are to be near to.
        differences: between columns, as far as there are any.
    """
    best, rank = _best(metric, [column for column in columns if column.ranked], real, differences)
    return Row(metric, tuple(_cell(metric, column, rank if column is best else "") for column in columns))


def wins(rows: Sequence[Row]) -> list[tuple[Column, int, int]]:
    """Return for each ranked column in how many rows it is best, and in how many of them significantly."""
    best = Counter((cell.column.key, cell.rank) for row in rows for cell in row.cells)
    ranked = [cell.column for cell in rows[0].cells if cell.column.ranked] if rows else []
    significant = {column.key: best[column.key, "significantly best"] for column in ranked}
    return [(each, best[each.key, "best"] + significant[each.key], significant[each.key]) for each in ranked]


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign, and without one before zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def interval(estimate: Estimate, digits: int) -> str:
    """Return the bounds of the confidence interval, or nothing where there is none.

    >>> interval(Estimate(2.0, 5, 1.5, 2.5), 1), interval(Estimate(2.0, 1), 1)
    ('1.5 to 2.5', '')
    """
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{number(estimate.low, digits)} to {number(estimate.high, digits)}"


def separated(
    metric: Metric, difference: Estimate | None, first: Estimate, second: Estimate, real: float | None
) -> bool:
    """Return whether two estimates differ significantly: by that of their difference, or else their own.

    A difference does not tell which of the two is nearer to real images.
    """
    if difference is not None and metric.direction != "like real":
        return difference.excludes_zero
    costs, others = cost_range(metric, first, real), cost_range(metric, second, real)
    return costs is not None and others is not None and (costs[1] < others[0] or others[1] < costs[0])


def cost_range(metric: Metric, estimate: Estimate, real: float | None) -> tuple[float, float] | None:
    """Return the lowest and highest cost within an estimate's interval; None where there is no interval."""
    if estimate.low is None or estimate.high is None:
        return None
    low, high = metric.cost(estimate.low, real), metric.cost(estimate.high, real)
    if low is None or high is None:
        return None
    includes = metric.direction == "like real" and real is not None and estimate.low <= real <= estimate.high
    return (0.0 if includes else min(low, high)), max(low, high)


def _cell(metric: Metric, column: Column, rank: Rank) -> Cell:
    estimate = column.estimates.get(metric.key)
    if estimate is None:
        return Cell(column)
    text, bounds = number(estimate.value, metric.digits), interval(estimate, metric.digits)
    return Cell(column, text, bounds, estimate.n, rank)


def _best(
    metric: Metric, columns: Sequence[Column], real: Mapping[str, Estimate], differences: Estimates
) -> tuple[Column | None, Rank]:
    """Return the best column, and whether it is significantly better than each of the others.

    None is best when not all have an estimate, or when the best two have the same value.
    """
    target = real[metric.key].value if metric.key in real else None
    found = [(column, column.estimates[metric.key]) for column in columns if metric.key in column.estimates]
    costs = {column.key: metric.cost(estimate.value, target) for column, estimate in found}
    known = {key: cost for key, cost in costs.items() if cost is not None}
    if len(known) < max(2, len(columns)):
        return None, ""
    (first, best), *others = sorted(found, key=lambda each: known[each[0].key])
    if known[first.key] == known[others[0][0].key]:
        return None, ""
    significant = all(
        separated(metric, _difference(metric, first, other, differences), best, estimate, target)
        for other, estimate in others
    )
    return first, "significantly best" if significant else "best"


def _difference(metric: Metric, first: Column, second: Column, differences: Estimates) -> Estimate | None:
    keys = difference_key(first.key, second.key), difference_key(second.key, first.key)
    found = (differences.get(key, {}).get(metric.key) for key in keys)
    return next((each for each in found if each), None)
