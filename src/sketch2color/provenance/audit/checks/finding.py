"""What checks are given, and what they return."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sketch2color.provenance.dvc import DeclaredStage, Lock, Project
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.runs import Run, Runs

Kind = Literal[
    "pipeline", "parameters", "input", "output", "cache", "run", "metric", "artifact", "git", "rerun"
]
ALL_STAGES = ""
"""The stage of a finding that belongs to no single stage."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree; ``files`` are all that differ, relative to ``where``."""

    stage: str
    kind: Kind
    where: str
    differs: str
    remedy: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What an audit checks; ``makers`` has the runs that made each stage's outputs from its inputs."""

    project: Project
    git: Git
    runs: Runs
    lock: Lock
    declared: Mapping[str, DeclaredStage]
    makers: Mapping[str, list[Run]]
    findings: list[Finding] = field(default_factory=list)


Check = Callable[[Subject], Iterator[Finding]]
