"""Did an MLflow run make exactly this, and is what it says of itself still so?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sketch2color.provenance.checks.curves import check_curves, read_curves
from sketch2color.provenance.checks.pipeline import short
from sketch2color.provenance.digests import md5s
from sketch2color.provenance.figures import figures, logged
from sketch2color.provenance.findings import Finding, some, wrong_of_two
from sketch2color.provenance.flat import differences, flatten
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import Locked
from sketch2color.provenance.parameters import effective
from sketch2color.provenance.project import Project
from sketch2color.provenance.record.run import LINEAGE
from sketch2color.provenance.runs import Run, Runs


def makers(runs: Runs, stage: str, locked: Locked) -> list[Run]:
    """Return the runs of a stage that made exactly its outputs from exactly its inputs, newest first."""
    return [
        run
        for run in runs.made(locked.outs)
        if run.stage == stage and run.inputs == locked.deps and run.outputs == locked.outs
    ]


def no_maker(runs: Runs, stage: str, locked: Locked) -> Finding:
    """Say that no run made what dvc.lock says, and which came nearest."""
    again = f"`dvc repro --force {stage}` makes and records it"
    if deleted := runs.made(locked.outs, deleted=True):
        text = f"the run that made this was deleted: {some([run.id for run in deleted])}"
        remedy = f"`mlflow runs restore --run-id {deleted[0].id}`, or {again}"
        return Finding(stage, "run", deleted[0].id, text, remedy)
    wanted = {**locked.deps, **locked.outs}

    def unlike(run: Run) -> list[str]:
        return sorted(differences({**run.inputs, **run.outputs}, wanted))

    if others := runs.of_stage(stage):
        nearest = min(others, key=lambda run: len(unlike(run)))
        text = f"no run made exactly this; nearest is {nearest.id}, with other {some(unlike(nearest))}"
        return Finding(stage, "run", nearest.id, text, again, tuple(unlike(nearest)))
    return Finding(
        stage,
        "run",
        runs.uri,
        f"has no run of {stage}",
        "set MLFLOW_TRACKING_URI to the store that has it, deliver it with `sketch2color sync` where it was "
        f"recorded offline, or {again}",
    )


def check_record(
    project: Project, runs: Runs, stage: str, locked: Locked, made_by: list[Run], metrics_files: list[str]
) -> Iterator[Finding]:
    """Compare what the makers of a stage say with dvc.lock, with themselves and with the figures on disk."""
    mine = [file for file in metrics_files if any(file.startswith(f"{out}/") for out in locked.outs)]
    on_disk = {file: _read_figures(project.root / file) for file in mine}
    curves = read_curves(project.root, _output_files(project, locked))
    for run in made_by:
        yield from _figures_on_disk(stage, run, on_disk)
        yield from check_curves(runs, stage, run, curves)
        yield from _parameters(stage, run, locked)
        lineage = runs.lineage(run)
        if lineage is None:
            yield _finding(stage, run, LINEAGE, "is missing or no JSON")
            continue
        yield from _lineage(stage, run, locked, lineage)
        yield from _artifacts(project, runs, stage, locked, run, lineage)
        yield from _models(project, runs, stage, locked, run)


def _read_figures(file: Path) -> dict[str, float]:
    """Return the figures of a file; none where it is missing or harmed, which is another check's finding."""
    try:
        return logged(figures(file.read_bytes()))
    except (OSError, ValueError):
        return {}


def _figures_on_disk(stage: str, run: Run, on_disk: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    for file, values in on_disk.items():
        for name, value in values.items():
            if name in run.metrics and run.metrics[name] != value:
                text = f"{name} is {value}, run {run.id} has {run.metrics[name]}"
                yield Finding(stage, "metric", file, text, wrong_of_two(stage))


def _parameters(stage: str, run: Run, locked: Locked) -> Iterator[Finding]:
    """Compare MLflow's parameters, as far as dvc.lock knows them."""
    for name, value in effective(locked.params).items():
        if name in run.params and not _same(run.params[name], value):
            text = f"parameter {name} is {short(run.params[name])}, in dvc.lock {short(value)}"
            yield _finding(stage, run, name, text)


def _same(logged_as: str, value: Any) -> bool:
    try:
        return logged_as == str(value) or float(logged_as) == value
    except ValueError:
        return False


def _lineage(stage: str, run: Run, locked: Locked, lineage: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = {
        "stage": stage,
        "command": locked.cmd,
        "inputs": dict(locked.deps),
        "outputs": dict(locked.outs),
        "params": {file: dict(values) for file, values in locked.params.items()},
    }
    for key, value in wanted.items():
        if (said := lineage.get(key)) != value:
            where = ", ".join(differences(flatten({key: said}, "."), flatten({key: value}, ".")))
            yield _finding(stage, run, LINEAGE, f"other {short(where)} than in dvc.lock")
    git = lineage.get("git", {})
    if git.get("commit", "") != run.commit:
        text = f"commit is {short(git.get('commit'))}, its tag says {short(run.commit)}"
        yield _finding(stage, run, LINEAGE, text)
    for name, value in sorted(lineage.get("metrics", {}).items()):
        if run.metrics.get(name) != value:
            text = f"run {run.id}: {name} is {short(run.metrics.get(name))}, its {LINEAGE} has {value}"
            remedy = f"one of the two was changed: `dvc repro --force {stage}` tells which, and records anew"
            yield Finding(stage, "metric", name, text, remedy)


def _artifacts(
    project: Project, runs: Runs, stage: str, locked: Locked, run: Run, lineage: Mapping[str, Any]
) -> Iterator[Finding]:
    """Compare a run's artifacts with its lineage.json, and with the outputs in dvc.lock that they copy."""
    files = runs.artifacts(run)
    said: Mapping[str, str] = lineage.get("artifacts", {})
    read = md5s(files[name] for name in said if name in files)
    outputs = _output_files(project, locked)
    for name, md5 in sorted(said.items()):
        now = read.get(files.get(name, Path()))
        copies = {outputs[path] for path in outputs if f"/{path}".endswith(f"/{name}")}
        if now is None:
            yield _finding(stage, run, name, "is missing")
        elif now != md5:
            yield _finding(stage, run, name, f"is {now}, its {LINEAGE} says {md5}")
        elif copies and md5 not in copies:
            yield _finding(stage, run, name, "is not the output of that name in dvc.lock")


def _models(project: Project, runs: Runs, stage: str, locked: Locked, run: Run) -> Iterator[Finding]:
    """Compare the models that a run registered with their tags, and these with the outputs in dvc.lock."""
    outputs = _output_files(project, locked)
    for model in runs.models(run):
        read = md5s(model.files.values())
        for name, md5 in sorted(model.said.items()):
            where, made = (
                f"model {model.name}",
                {outputs[path] for path in outputs if path.endswith(f"/{name}")},
            )
            if made and md5 not in made:
                yield _finding(stage, run, where, f"{name} is not the output of that name in dvc.lock")
            elif read.get(model.files[name]) != md5:
                yield _finding(stage, run, where, f"{name} is missing or changed, its tag says {md5}")


def _output_files(project: Project, locked: Locked) -> dict[str, str]:
    """Return every file of the outputs, as far as the cache lists them, with its hash."""
    found = dict(locked.outs)
    for out, md5 in locked.outs.items():
        found |= {f"{out}/{name}": each for name, each in (project.tree(md5) or {}).items()}
    return found


def check_commits(git: Git, stage: str, made_by: list[Run]) -> Iterator[Finding]:
    """Find a stage of whose makers none has a commit that exists and that something keeps."""
    commits = list(dict.fromkeys(run.commit for run in made_by))
    if any(commit and git.commit(commit) and git.keeps(commit) for commit in commits):
        return
    again = f"`git fetch` the branch that has it, or `dvc repro --force {stage}` from a commit that stays"
    for commit in commits:
        if not commit:
            text = "was made outside of git"
        elif git.commit(commit) is None:
            text = f"was made by commit {commit}, which does not exist here"
        else:
            text = f"was made by commit {commit}, which no branch, tag or experiment leads to"
        yield Finding(stage, "git", commit or stage, text, again)


def _finding(stage: str, run: Run, where: str, text: str) -> Finding:
    remedy = f"`dvc repro --force {stage}` records it anew; then delete this run"
    return Finding(stage, "artifact", where, f"run {run.id}: {text}", remedy)
