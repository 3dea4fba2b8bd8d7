"""The gallery: the images of every sketch, and the worst of each metric."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sketch2color.confidence_intervals import Estimate, rounded
from sketch2color.metrics.metric import Metric
from sketch2color.report.columns import Column
from sketch2color.report.summary_table import number

Images = Mapping[str, Mapping[str, str]]
"""Data URIs by sketch's id and column."""


@dataclass(frozen=True)
class Tile:
    """One image of a row, or the fault in its place; ``scores`` are (metric's short name, number)."""

    column: Column
    uri: str
    fault: str
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Item:
    """One sketch: its images, and their costs by metric and column, for sorting."""

    id: str
    tiles: tuple[Tile, ...]
    costs: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Worst:
    """An image that is the worst of its column in the metrics ``why``, with its scores there."""

    column: Column
    id: str
    why: tuple[tuple[Metric, str], ...]


@dataclass(frozen=True)
class Gallery:
    """All results by ``metrics``; ``real`` has the estimates of real images."""

    columns: Sequence[Column]
    metrics: Sequence[Metric]
    real: Mapping[str, Estimate]

    @property
    def ranked(self) -> list[Column]:
        """The columns whose scores are shown."""
        return [column for column in self.columns if column.ranked]

    def items(self, order: Sequence[str], images: Images) -> Iterator[Item]:
        """Yield what is shown of each sketch of ``order``."""
        for name in order:
            tiles = [self._tile(column, name, images[name]) for column in self.columns]
            costs = {metric.key: self._costs(metric, name) for metric in self.metrics}
            yield Item(name, tuple(each for each in tiles if each.uri or each.fault), costs)

    def table(self, order: Sequence[str]) -> list[tuple[str, list[list[str]]]]:
        """Return each sketch's scores, by metric and ranked column; empty where there is none."""
        return [
            (name, [[_score(column, name, metric) for column in self.ranked] for metric in self.metrics])
            for name in order
        ]

    def worst(self, order: Sequence[str]) -> list[Worst]:
        """Return the worst image of every ranked column in every metric that ranks, each image once."""
        why: dict[tuple[Column, str], list[tuple[Metric, str]]] = {}
        for column in self.ranked:
            for metric in self.metrics:
                costs = {
                    name: cost for name in order if (cost := self._cost(metric, column, name)) is not None
                }
                if metric.direction != "none" and len(set(costs.values())) > 1:
                    name = max(costs, key=lambda name: (costs[name], name))
                    text = f"{_score(column, name, metric)} {metric.unit}".rstrip()
                    why.setdefault((column, name), []).append((metric, text))
        return [Worst(column, name, tuple(found)) for (column, name), found in why.items()]

    def _tile(self, column: Column, name: str, images: Mapping[str, str]) -> Tile:
        texts = [(metric.short, _score(column, name, metric)) for metric in self.metrics if column.ranked]
        scores = tuple((short, text) for short, text in texts if text)
        return Tile(column, images.get(column.key, ""), column.faults.get(name, ""), scores)

    def _costs(self, metric: Metric, name: str) -> dict[str, float]:
        costs = {column.key: self._cost(metric, column, name) for column in self.ranked}
        return {key: rounded(cost) for key, cost in costs.items() if cost is not None}

    def _cost(self, metric: Metric, column: Column, name: str) -> float | None:
        """Return how bad a score is; of a metric that does not rank, the score itself."""
        value = column.scores.get(name, {}).get(metric.key)
        if value is None or metric.direction == "none":
            return value
        return metric.cost(value, self.real[metric.key].value if metric.key in self.real else None)


def _score(column: Column, name: str, metric: Metric) -> str:
    value = column.scores.get(name, {}).get(metric.key)
    return "" if value is None else number(value, metric.digits)
