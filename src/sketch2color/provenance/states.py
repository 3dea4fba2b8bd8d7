"""Something to compare: a git revision, a DVC experiment, a run, or the workspace."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sketch2color.errors import UserError
from sketch2color.provenance import lock as locks
from sketch2color.provenance.checks.runs import makers
from sketch2color.provenance.contents import Contents
from sketch2color.provenance.git import Git
from sketch2color.provenance.lineage import Origins, every
from sketch2color.provenance.lock import LOCK, Lock, Locked
from sketch2color.provenance.project import Project
from sketch2color.provenance.runs import Run, Runs

WORKSPACE = "."
RUN_ID = re.compile(r"[0-9a-f]{4,32}")


@dataclass(frozen=True)
class State:
    """What a name stands for.

    ``stages`` is its dvc.lock or, of a run, what the record says of it and of those before it.
    ``environments`` are what each stage was computed with, where a run says so. ``commit`` holds its code;
    None is the workspace.
    """

    name: str
    commit: str | None
    stages: Lock
    environments: Mapping[str, Mapping[str, str]]


def state(name: str, project: Project, runs: Runs, git: Git) -> State:
    """Look a name up: ``.``, then revisions, then experiments, then ids of runs or their beginnings.

    Raises:
        UserError: it is none of these, or has no dvc.lock.
    """
    if name == WORKSPACE:
        return _locked(name, None, _now(project), runs)
    if commit := git.commit(name) or git.experiment(name):
        text = git.text(commit, LOCK)
        if text is None:
            raise UserError(f"{name} has no dvc.lock: name a revision whose results were committed")
        return _locked(name, commit, locks.parse(text, f"{LOCK} of {name}"), runs)
    found = runs.find(name) if RUN_ID.fullmatch(name) else []
    if len(found) == 1:
        return _of_run(found[0], project, runs)
    if found:
        raise UserError(f"{name} begins the ids of {len(found)} runs: name more of it")
    raise UserError(
        f"{name} is no git revision, no DVC experiment (`dvc exp list` names them) and no run in {runs.uri}"
    )


def _now(project: Project) -> Lock:
    """Return the workspace's dvc.lock with the parameters of now."""
    declared = project.declared()
    return {
        name: replace(locked, params=declared[name].params) if name in declared else locked
        for name, locked in locks.read(project.root).items()
    }


def _locked(name: str, commit: str | None, lock: Lock, runs: Runs) -> State:
    newest = {stage: next(iter(makers(runs, stage, locked)), None) for stage, locked in lock.items()}
    return State(name, commit, lock, {stage: run.environment for stage, run in newest.items() if run})


def _of_run(run: Run, project: Project, runs: Runs) -> State:
    origin = Origins(runs, Contents(project, runs), {}).by(run, run.stage, "")
    before = {each.run.stage: each.run for each in reversed(every(origin)) if each.run}
    stages = {stage: _stage(runs, each) for stage, each in sorted(before.items())}
    return State(run.id, run.commit, stages, {stage: each.environment for stage, each in before.items()})


def _stage(runs: Runs, run: Run) -> Locked:
    said = (runs.lineage(run) or {}).get("params", {})
    return Locked(run.tags.get("command", ""), run.inputs, said, run.outputs)
