"""The gallery: what every contestant made of every sketch, and the worst of each measure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sketch2color.metrics.figure import Figure
from sketch2color.metrics.registry import Measure
from sketch2color.report.summary_table import Column, loss, number

Scores = Mapping[str, Mapping[str, Mapping[str, float]]]
"""By column, sketch's id, and measure."""
Faults = Mapping[str, Mapping[str, str]]
"""Why there is no image, by column and sketch's id."""
Images = Mapping[str, Mapping[str, str]]
"""Data URIs by sketch's id and column."""


@dataclass(frozen=True)
class Shown:
    """One image of a row, or the fault in its place; ``scores`` are (measure's short name, number)."""

    column: Column
    uri: str
    fault: str
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Item:
    """One sketch: its images, and by measure and column how bad they are, for sorting."""

    id: str
    shown: tuple[Shown, ...]
    losses: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Worst:
    """A result that is the worst of its contestant in the measures ``why``, with its scores there."""

    column: Column
    id: str
    why: tuple[tuple[Measure, str], ...]


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """All results: ``figures`` has what real drawings score, under ``real``."""

    columns: Sequence[Column]
    measures: Sequence[Measure]
    scores: Scores
    faults: Faults
    figures: Mapping[str, Mapping[str, Figure]]
    real: str

    def rows(self, order: Sequence[str], images: Images) -> Iterator[Item]:
        """Give what is shown of each sketch of ``order``."""
        for name in order:
            shown = [self._shown(column, name, images[name]) for column in self.columns]
            losses = {measure.key: dict(self._losses(measure, name)) for measure in self.measures}
            yield Item(name, tuple(each for each in shown if each.uri or each.fault), losses)

    def table(self, order: Sequence[str]) -> list[tuple[str, list[list[str]]]]:
        """Return each sketch's scores, for each measure those of the rivals; empty where there is none."""
        rivals = [column for column in self.columns if column.rival]
        return [
            (name, [[self._score(column, name, measure) for column in rivals] for measure in self.measures])
            for name in order
        ]

    def worst(self, order: Sequence[str]) -> list[Worst]:
        """Return the worst result of every rival in every measure that says which is better, each once."""
        why: dict[tuple[Column, str], list[tuple[Measure, str]]] = {}
        for column in self.columns:
            for measure in self.measures if column.rival else ():
                losses = {name: self._loss(measure, column, name) for name in order}
                known = {name: value for name, value in losses.items() if value is not None}
                if known and measure.better != "neither" and len(set(known.values())) > 1:
                    name = max(known, key=lambda name: (known[name], name))
                    text = f"{self._score(column, name, measure)} {measure.unit}".rstrip()
                    why.setdefault((column, name), []).append((measure, text))
        return [Worst(column, name, tuple(found)) for (column, name), found in why.items()]

    def _shown(self, column: Column, name: str, images: Mapping[str, str]) -> Shown:
        texts = ((measure.short, self._score(column, name, measure)) for measure in self.measures)
        return Shown(
            column,
            images.get(column.key, ""),
            self.faults.get(column.key, {}).get(name, ""),
            tuple((short, text) for short, text in texts if text) if column.rival else (),
        )

    def _losses(self, measure: Measure, name: str) -> Iterator[tuple[str, float]]:
        for column in self.columns:
            value = self._loss(measure, column, name) if column.rival else None
            if value is not None:
                yield column.key, float(f"{value:.6g}")

    def _loss(self, measure: Measure, column: Column, name: str) -> float | None:
        value = self._value(column, name, measure)
        if value is None or measure.better == "neither":
            return value
        real = self.figures.get(self.real, {}).get(measure.key)
        return loss(measure, value, real.value if real else None)

    def _score(self, column: Column, name: str, measure: Measure) -> str:
        value = self._value(column, name, measure)
        return "" if value is None else number(value, measure.digits)

    def _value(self, column: Column, name: str, measure: Measure) -> float | None:
        return self.scores.get(column.key, {}).get(name, {}).get(measure.key)
