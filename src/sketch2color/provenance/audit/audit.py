"""The audit: does everything still agree with dvc.lock?"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sketch2color.provenance.audit.checks import CHECKS
from sketch2color.provenance.audit.checks.finding import ALL_STAGES, Finding, Subject
from sketch2color.provenance.dvc import open_project, read_lock
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.runs import open_runs
from sketch2color.provenance.value_diff import to_json

DIGITS = 8
"""Hex digits of a run's id that are shown."""


@dataclass(frozen=True)
class AuditReport:
    """The findings of an audit, and for each stage in dvc.lock the ids of the runs that made its outputs."""

    runs: dict[str, list[str]]
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    def to_json(self) -> str:
        """Return the report as JSON, with all files and complete ids."""
        return to_json({"ok": self.ok, **asdict(self)})

    def to_text(self) -> str:
        """Return a line for each stage, with the runs that made it, and then a line for each finding."""
        counts = Counter(each.stage for each in self.findings)
        stages = dict.fromkeys([*self.runs, *sorted(counts, key=lambda stage: (stage == ALL_STAGES, stage))])
        width = max(map(len, stages), default=0)
        lines = []
        for stage in stages:
            state = f"{counts[stage]} finding{'s' * (counts[stage] > 1)}" if counts[stage] else "ok"
            ids = [run[:DIGITS] for run in self.runs.get(stage, [])]
            made_by = f"run{'s' * (len(ids) > 1)} {', '.join(ids)}" if ids else ""
            lines.append(f"{stage or '(all)':{width}}  {state:12}  {made_by}".rstrip())
        for each in self.findings:
            stage = f"{each.stage}: " if each.stage else ""
            lines.append(f"{stage}{each.kind} {each.where} {each.differs} -> {each.remedy}")
        return "\n".join(lines) + "\n"


def audit(root: Path) -> AuditReport:
    """Compare every stage in dvc.lock with dvc.yaml, parameters, files, the cache, the record and git.

    Raises:
        UserError: ``root`` is no checkout, or dvc.yaml, dvc.lock or the MLflow store cannot be read.
    """
    git, lock = Git(root), read_lock(root)
    with open_project(root) as project, open_runs(root) as runs:
        makers = {stage: runs.makers(stage, locked) for stage, locked in lock.items()}
        subject = Subject(project, git, runs, lock, project.declared(), makers)
        for check in CHECKS:
            subject.findings.extend(check(subject))
    ids = {stage: [run.id for run in made_by] for stage, made_by in makers.items()}
    return AuditReport(ids, subject.findings)
