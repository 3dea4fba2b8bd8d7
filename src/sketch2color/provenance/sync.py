"""Delivering runs that were recorded without a server."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import mlflow
from mlflow.entities import DatasetInput, Metric, Param, Run, RunTag
from mlflow.tracking import MlflowClient

from sketch2color.errors import UserError
from sketch2color.progress import progress
from sketch2color.provenance.record.registry import Generator, register, unpack
from sketch2color.provenance.record.store import EXPERIMENT, local_uri, open_experiment, tracking_uri

ORIGIN = "synced.from"
"""Tag of a delivered run: the id that it had where it was recorded."""
WHOLE = "synced.whole"
"""Tag of a delivered run: all of it has arrived."""
Item = TypeVar("Item")
BATCH = 1000  # metrics in a request: MLflow's limit
TAGS = 100


def sync(root: Path) -> int:
    """Copy all ended runs of the checkout's own store to the server that ``MLFLOW_TRACKING_URI`` names.

    A run that has arrived is not sent again, one that had arrived in part is sent anew.

    Returns:
        How many runs were sent.

    Raises:
        UserError: no server is named, it does not answer, or the checkout has no store.
    """
    here, there = local_uri(root), tracking_uri(root)
    if here == there:
        raise UserError("MLFLOW_TRACKING_URI names no server to deliver to")
    if not Path(here.removeprefix("sqlite:///")).is_file():
        raise UserError(f"{root} has recorded no runs of its own: there is nothing to deliver")
    target = open_experiment(there, root)
    source, server = MlflowClient(here), MlflowClient(there)
    local = source.get_experiment_by_name(EXPERIMENT)
    runs = _runs(source, local.experiment_id) if local else iter(())
    ended = [run for run in runs if run.info.status != "RUNNING"]
    waiting = [run for run in ended if not _has_arrived(server, target, run)]
    for run in progress(waiting, "delivering", unit="run"):
        _send(source, server, target, run)
    return len(waiting)


def _runs(client: MlflowClient, experiment: str, query: str = "") -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs([experiment], query, page_token=token, order_by=["attributes.start_time"])
        yield from page
        if not (token := page.token):
            return


def _has_arrived(server: MlflowClient, experiment: str, run: Run) -> bool:
    """Tell whether a run has arrived; what has arrived of it in part is removed."""
    for found in _runs(server, experiment, f"tags.`{ORIGIN}` = '{run.info.run_id}'"):
        if found.data.tags.get(WHOLE):
            return True
        server.delete_run(found.info.run_id)
    return False


def _send(source: MlflowClient, server: MlflowClient, experiment: str, run: Run) -> None:
    origin = {ORIGIN: run.info.run_id}
    made = server.create_run(experiment, run.info.start_time, origin, run.info.run_name).info.run_id
    for tags in _slices([RunTag(name, value) for name, value in run.data.tags.items()], TAGS):
        server.log_batch(made, tags=tags)
    for params in _slices([Param(name, value) for name, value in run.data.params.items()], TAGS):
        server.log_batch(made, params=params)
    points: list[Metric] = []
    for name in run.data.metrics:
        points += source.get_metric_history(run.info.run_id, name)
    for metrics in _slices(points, BATCH):
        server.log_batch(made, metrics=metrics)
    if run.inputs and run.inputs.dataset_inputs:
        server.log_inputs(made, [DatasetInput(each.dataset, each.tags) for each in run.inputs.dataset_inputs])
    with tempfile.TemporaryDirectory() as folder:
        source.download_artifacts(run.info.run_id, "", folder)
        server.log_artifacts(made, folder)
    for generator in _generators(source, run):
        mlflow.set_tracking_uri(server.tracking_uri)
        with mlflow.start_run(run_id=made):
            register(generator)
    server.set_terminated(made, run.info.status, run.info.end_time)
    server.set_tag(made, WHOLE, "true")


def _generators(source: MlflowClient, run: Run) -> Iterator[Generator]:
    """Find what the run registered, in the store that it was recorded in."""
    query = f"source_run_id = '{run.info.run_id}'"
    for model in source.search_logged_models([run.info.experiment_id], query):
        folder = Path(model.artifact_location.removeprefix("file://"))
        yield unpack(folder)


def _slices(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
