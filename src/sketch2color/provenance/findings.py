"""What an audit finds, and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "pipeline", "parameters", "input", "output", "cache", "run", "metric", "artifact", "git", "rerun"
]

PIPELINE = ""
"""The stage of a finding that belongs to no single one."""

NAMED = 3


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: what kind it is, where, what differs and what to do about it.

    ``stage`` is :data:`PIPELINE` where it belongs to no single one. ``files`` are all files that are meant,
    relative to ``where``, of which ``differs`` names the first.
    """

    stage: str
    kind: Kind
    where: str
    differs: str
    remedy: str
    files: tuple[str, ...] = ()


@dataclass
class Verdict:
    """What an audit found, and of each stage in dvc.lock the ids of the runs that made its outputs."""

    runs: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def of(self, stage: str) -> list[Finding]:
        """Return the findings of one stage, or of :data:`PIPELINE`."""
        return [finding for finding in self.findings if finding.stage == stage]


def some(names: Sequence[str]) -> str:
    """Name the first few, and say how many more there are.

    >>> some(["a"]), some(["a", "b", "c", "d", "e"])
    ('a', 'a, b, c and 2 more')
    """
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def wrong_of_two(stage: str) -> str:
    """Return the remedy where disk and record of a stage have other figures."""
    return f"the wrong one of the two: `dvc repro --force {stage}` tells"
