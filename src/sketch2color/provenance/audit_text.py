"""A verdict as text, and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from sketch2color.provenance.findings import PIPELINE, Finding, Verdict

ID = 8
"""Hex digits of a run's id that are shown."""


def to_text(verdict: Verdict) -> str:
    """Return one line a stage, with the runs that made it, then one line a finding."""
    stages = [*verdict.runs, *sorted({each.stage for each in verdict.findings} - {*verdict.runs, PIPELINE})]
    width = max((len(stage) for stage in stages), default=0)
    lines = [f"{stage:{width}}  {_state(verdict.of(stage)):12}  {_runs(verdict, stage)}" for stage in stages]
    if whole := verdict.of(PIPELINE):
        lines.append(f"{'(all)':{width}}  {_state(whole):12}")
    return "\n".join(line.rstrip() for line in (*lines, *_findings(verdict))) + "\n"


def to_json(verdict: Verdict) -> str:
    """Return the same, with all files and whole ids."""
    content = {
        "holds": verdict.holds,
        "stages": {
            stage: {"runs": verdict.runs.get(stage, []), "findings": len(verdict.of(stage))}
            for stage in verdict.runs
        },
        "findings": [asdict(finding) for finding in verdict.findings],
    }
    return json.dumps(content, indent=2) + "\n"


def _state(findings: list[Finding]) -> str:
    return "ok" if not findings else f"{len(findings)} finding" + ("s" if len(findings) > 1 else "")


def _runs(verdict: Verdict, stage: str) -> str:
    runs = verdict.runs.get(stage, [])
    return ("run " if len(runs) == 1 else "runs ") + ", ".join(run[:ID] for run in runs) if runs else ""


def _findings(verdict: Verdict) -> Iterator[str]:
    for found in verdict.findings:
        stage = f"{found.stage}: " if found.stage else ""
        yield f"{stage}{found.kind} {found.where} {found.differs} -> {found.remedy}"
