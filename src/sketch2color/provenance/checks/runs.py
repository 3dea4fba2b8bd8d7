"""Find stages whose outputs no run in the record made."""

from collections.abc import Iterator

from sketch2color.provenance.checks.finding import Finding, Subject
from sketch2color.provenance.runs import Run
from sketch2color.provenance.values import differences, first_few


def check_runs(subject: Subject) -> Iterator[Finding]:
    """Find stages without a run that made exactly their outputs from exactly their inputs."""
    return (_no_run(subject, stage) for stage, made_by in subject.makers.items() if not made_by)


def _no_run(subject: Subject, stage: str) -> Finding:
    """Return the finding, with the run that comes nearest."""
    runs, locked = subject.runs, subject.lock[stage]
    again = f"`dvc repro --force {stage}` makes and records it"
    if deleted := runs.with_outputs(locked.outputs, deleted=True):
        text = f"the run that made this was deleted: {first_few([run.id for run in deleted])}"
        remedy = f"`mlflow runs restore --run-id {deleted[0].id}`, or {again}"
        return Finding(stage, "run", deleted[0].id, text, remedy)

    def differing(run: Run) -> list[str]:
        return list(differences({**run.inputs, **run.outputs}, {**locked.inputs, **locked.outputs}))

    if others := runs.of_stage(stage):
        nearest = min(others, key=lambda run: len(differing(run)))
        names = differing(nearest)
        text = f"no run made exactly this; nearest is {nearest.id}, with other {first_few(names)}"
        return Finding(stage, "run", nearest.id, text, again, tuple(names))
    remedy = (
        "set MLFLOW_TRACKING_URI to the store that has it, deliver it with `sketch2color sync` where it was "
        f"recorded offline, or {again}"
    )
    return Finding(stage, "run", runs.uri, f"has no run of {stage}", remedy)
