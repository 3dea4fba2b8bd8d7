"""The audit: does everything still agree with dvc.lock?"""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from sketch2color.provenance.checks import CHECKS
from sketch2color.provenance.checks.finding import ALL_STAGES, Finding, Subject
from sketch2color.provenance.dvc import open_project, read_lock
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.runs import open_runs
from sketch2color.provenance.values import to_json

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
        stages = [*self.runs, *sorted({each.stage for each in self.findings} - {*self.runs, ALL_STAGES})]
        stages += [ALL_STAGES] if any(each.stage == ALL_STAGES for each in self.findings) else []
        names = [stage or "(all)" for stage in stages]
        width = max(map(len, names), default=0)
        lines = [
            f"{name:{width}}  {self._state(stage):12}  {self._run_ids(stage)}".rstrip()
            for name, stage in zip(names, stages, strict=True)
        ]
        for each in self.findings:
            stage = f"{each.stage}: " if each.stage else ""
            lines.append(f"{stage}{each.kind} {each.where} {each.differs} -> {each.remedy}")
        return "\n".join(lines) + "\n"

    def _state(self, stage: str) -> str:
        count = sum(each.stage == stage for each in self.findings)
        return "ok" if count == 0 else f"{count} finding" + ("s" if count > 1 else "")

    def _run_ids(self, stage: str) -> str:
        ids = [run[:DIGITS] for run in self.runs.get(stage, [])]
        return ("run " if len(ids) == 1 else "runs ") + ", ".join(ids) if ids else ""


def audit(root: Path) -> AuditReport:
    """Compare every stage in dvc.lock with dvc.yaml, parameters, files, the cache, the record and git.

    Args:
        root: the top of the checkout.

    Raises:
        UserError: it is no checkout, dvc.yaml or dvc.lock cannot be read, or the MLflow store not be used.
    """
    git, lock = Git(root), read_lock(root)
    with open_project(root) as project, open_runs(root) as runs:
        declared = project.declared()
        makers = {stage: runs.makers(stage, locked) for stage, locked in lock.items()}
        subject = Subject(project, git, runs, lock, declared, makers)
        for check in CHECKS:
            subject.findings.extend(check(subject))
    return AuditReport(
        {stage: [run.id for run in made_by] for stage, made_by in makers.items()}, subject.findings
    )
