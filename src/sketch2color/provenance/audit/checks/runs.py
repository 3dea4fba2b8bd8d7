"""Find stages whose outputs no run in the record made."""

from collections.abc import Iterator

from sketch2color.provenance.audit.checks.finding import Finding, Subject
from sketch2color.provenance.record.environment import LOCK_FILE, environment
from sketch2color.provenance.value_diff import differences, first_few, short


def check_runs(subject: Subject) -> Iterator[Finding]:
    """Find stages without a run that made exactly these outputs from these inputs with this lock file."""
    now = environment(subject.project.root).get(LOCK_FILE)
    for stage, made_by in subject.makers.items():
        locks = {run.environment.get(LOCK_FILE) for run in made_by}
        if not made_by:
            yield _nearest(subject, stage)
        elif now not in locks:
            text = f"has SHA-256 {short(now)}, the run had {first_few(sorted(map(short, locks)))}"
            remedy = f"bring it back with git, or `dvc repro --force {stage}`"
            yield Finding(stage, "run", "requirements.lock", text, remedy)


def _nearest(subject: Subject, stage: str) -> Finding:
    runs, locked = subject.runs, subject.lock[stage]
    again = f"`dvc repro --force {stage}` makes and records it"
    if deleted := runs.with_outputs(locked.outputs, deleted=True):
        text = f"the run that made this was deleted: {first_few([run.id for run in deleted])}"
        remedy = f"`mlflow runs restore --run-id {deleted[0].id}`, or {again}"
        return Finding(stage, "run", deleted[0].id, text, remedy)
    hashes = {**locked.inputs, **locked.outputs}
    others = {run.id: differences({**run.inputs, **run.outputs}, hashes) for run in runs.of_stage(stage)}
    if others:
        nearest, names = min(others.items(), key=lambda each: len(each[1]))
        text = f"no run made exactly this; nearest is {nearest}, with other {first_few(list(names))}"
        return Finding(stage, "run", nearest, text, again, tuple(names))
    remedy = f"set MLFLOW_TRACKING_URI to its store, deliver it with `sketch2color sync`, or {again}"
    return Finding(stage, "run", runs.uri, f"has no run of {stage}", remedy)
