"""What a run holds beside its artifacts: recorded at its end, and compared by an audit."""

import hashlib
from collections.abc import Sequence

from mlflow import MlflowClient
from mlflow.entities import Metric

from sketch2color.provenance.record import tags

DIGITS = 16
"""Hex digits of a curve's hash."""


def run_content(client: MlflowClient, run_id: str) -> dict[str, dict[str, str]]:
    """Return the tags, parameters, metrics (with all their points) and data sets of a run, by their names."""
    run = client.get_run(run_id)
    inputs = run.inputs.dataset_inputs if run.inputs else []
    uses = [
        (each.dataset.name, " ".join([*sorted(tag.value for tag in each.tags), each.dataset.digest]))
        for each in inputs
    ]
    return {
        "tags": tags.recorded(run.data.tags),
        "params": dict(run.data.params),
        "curves": {
            name: _summary(client.get_metric_history(run_id, name), last)
            for name, last in tags.recorded(run.data.metrics).items()
        },
        "datasets": {name: ", ".join(sorted(use for of, use in uses if of == name)) for name, _ in uses},
    }


def _summary(history: Sequence[Metric], last: float) -> str:
    """Return the number of a metric's points, its value, and the beginning of the SHA-256 of all points."""
    points = sorted((each.timestamp, each.step, repr(float(each.value))) for each in history)
    digest = hashlib.sha256(repr(points).encode()).hexdigest()[:DIGITS]
    return f"{len(points)} points to {last} ({digest})"
