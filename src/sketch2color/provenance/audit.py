"""The audit: does everything that dvc.lock says still hold?"""

from collections.abc import Iterator
from pathlib import Path

from sketch2color.provenance import lock as locks
from sketch2color.provenance.checks.files import check_files
from sketch2color.provenance.checks.git import check_git
from sketch2color.provenance.checks.pipeline import check_pipeline
from sketch2color.provenance.checks.runs import check_commits, check_record, makers, no_maker
from sketch2color.provenance.findings import Finding, Verdict
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import Lock
from sketch2color.provenance.project import Project, opened
from sketch2color.provenance.runs import Runs, reading


def audit(root: Path) -> Verdict:
    """Hold every stage in dvc.lock against dvc.yaml, parameters, files, the cache, the record and git.

    Args:
        root: the top of the checkout.

    Raises:
        UserError: it is no checkout, dvc.yaml or dvc.lock cannot be read, or the MLflow store not be used.
    """
    git, lock = Git(root), locks.read(root)
    verdict = Verdict({stage: [] for stage in lock})
    with opened(root) as project, reading(root) as runs:
        declared = project.declared()
        verdict.findings += check_pipeline(lock, declared)
        verdict.findings += check_files(project, lock, declared, git)
        verdict.findings += _check_runs(verdict, project, runs, lock, git)
    verdict.findings += check_git(git, lock, {finding.where for finding in verdict.findings})
    return verdict


def _check_runs(verdict: Verdict, project: Project, runs: Runs, lock: Lock, git: Git) -> Iterator[Finding]:
    metrics_files = project.metrics_files()
    for stage, locked in lock.items():
        made_by = makers(runs, stage, locked)
        verdict.runs[stage] = [run.id for run in made_by]
        if made_by:
            yield from check_record(project, runs, stage, locked, made_by, metrics_files)
            yield from check_commits(git, stage, made_by)
        else:
            yield no_maker(runs, stage, locked)
