"""Find the experiment that a name stands for: a git revision, a DVC experiment, a run, or the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sketch2color.errors import UserError
from sketch2color.provenance.contents import Contents
from sketch2color.provenance.dvc import LOCK, Lock, Project, parse_lock, read_lock
from sketch2color.provenance.lineage import Lineage
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.runs import Run, Runs

WORKSPACE = "."


@dataclass(frozen=True)
class Experiment:
    """The state of a pipeline.

    ``stages`` is its dvc.lock or, for a run, what the record has of the run and of those before it. ``runs``
    has the run of each stage that made it, where the record has one. ``commit`` holds the code; it is None
    for the workspace and for runs outside of git.
    """

    commit: str | None
    stages: Lock
    runs: Mapping[str, Run]


def find_experiment(name: str, project: Project, runs: Runs, git: Git) -> Experiment:
    """Look a name up: ``.``, then git revisions, then DVC experiments, then run ids or their beginnings.

    Raises:
        UserError: it is none of these, or has no dvc.lock.
    """
    if name == WORKSPACE:
        return _from_lock(None, _workspace_lock(project), runs)
    if commit := git.commit(name) or git.experiment(name):
        text = git.read(commit, LOCK)
        if text is None:
            raise UserError(f"{name} has no dvc.lock: name a revision whose results were committed")
        return _from_lock(commit, parse_lock(text, f"{LOCK} of {name}"), runs)
    if run := runs.find(name):
        return _from_run(run, project, runs)
    raise UserError(
        f"{name} is no git revision, no DVC experiment (`dvc exp list` names them) and no run in {runs.uri}"
    )


def _workspace_lock(project: Project) -> Lock:
    """Return the workspace's dvc.lock with the present parameters."""
    declared = project.declared()
    return {
        name: replace(locked, params=declared[name].params) if name in declared else locked
        for name, locked in read_lock(project.root).items()
    }


def _from_lock(commit: str | None, lock: Lock, runs: Runs) -> Experiment:
    makers = {stage: runs.makers(stage, locked) for stage, locked in lock.items()}
    return Experiment(commit, lock, {stage: made_by[0] for stage, made_by in makers.items() if made_by})


def _from_run(run: Run, project: Project, runs: Runs) -> Experiment:
    nodes = Lineage(runs, Contents(project, runs), {}).of_run(run, run.stage, "").ancestors()
    newest = {node.run.stage: node.run for node in reversed(nodes) if node.run}
    return Experiment(run.commit, {stage: runs.locked(newest[stage]) for stage in sorted(newest)}, newest)
