"""The columns of tables and galleries: a method's results in one run, or in several with the same results."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sketch2color import confidence_intervals
from sketch2color.confidence_intervals import Estimate
from sketch2color.report.evaluation_data import EvaluationData, Scores
from sketch2color.report.scored_images import METHODS, NAMES, RANKED, REAL


@dataclass(frozen=True)
class Run:
    """An evaluation, and the name that the user gave it; empty for the only one."""

    name: str
    data: EvaluationData


@dataclass(frozen=True, eq=False)
class Column:
    """A method's results.

    Attributes:
        key: unique among the columns.
        method: that made the images.
        run: the names of the runs with these results; empty where all have the same.
        source: the first of these runs.
    """

    key: str
    method: str
    run: str
    source: EvaluationData

    @property
    def title(self) -> str:
        """The method's name."""
        return NAMES[self.method]

    @property
    def name(self) -> str:
        """The method's name and the runs'."""
        return f"{self.title}, {self.run}" if self.run else self.title

    @property
    def ranked(self) -> bool:
        """Whether it competes with others; sketches and real images are for reference."""
        return self.method in RANKED

    @property
    def estimates(self) -> Mapping[str, Estimate]:
        """By metric."""
        return self.source.estimates.get(self.method, {})

    @property
    def scores(self) -> Scores:
        """By sketch's id and metric; empty for real images, which belong to no sketch."""
        return self.source.scores.get(self.method, {}) if self.method != REAL else {}

    @property
    def faults(self) -> Mapping[str, str]:
        """By sketch's id."""
        return self.source.faults.get(self.method, {}) if self.method != REAL else {}


def columns(runs: Sequence[Run]) -> Iterator[Column]:
    """Yield a column for each method and run; runs with the same results of a method share one."""
    for method in (*METHODS, REAL):
        groups: dict[str, list[Run]] = {}
        for run in runs:
            groups.setdefault(_results(run.data, method), []).append(run)
        for group in groups.values():
            names = "" if len(groups) == 1 else ", ".join(run.name for run in group)
            key = method if len(runs) == 1 else f"{method}/{runs.index(group[0])}"
            yield Column(key, method, names, group[0].data)


def _results(data: EvaluationData, method: str) -> str:
    """Return all estimates, scores and faults of a method as text, to tell whether two runs have the same."""
    found = confidence_intervals.to_json({method: data.estimates.get(method, {})})
    return json.dumps([found, data.scores.get(method), data.faults.get(method)], sort_keys=True)
