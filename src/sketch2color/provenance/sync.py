"""Deliver runs that were recorded without a server."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import mlflow
from mlflow.entities import DatasetInput, Metric, Param, Run, RunTag
from mlflow.tracking import MlflowClient

from sketch2color.errors import UserError
from sketch2color.progress import progress
from sketch2color.provenance.record import store, tags
from sketch2color.provenance.record.register_model import register, unpack
from sketch2color.provenance.runs import local_path

Item = TypeVar("Item")
METRICS, TAGS = 1000, 100
"""Metrics, and tags or parameters, in one request: MLflow's limits."""


def sync(root: Path) -> int:
    """Copy all ended runs of the checkout's own store to the server that ``MLFLOW_TRACKING_URI`` names.

    A run that has arrived is not sent again; one that arrived in part is replaced.

    Returns:
        The number of runs sent.

    Raises:
        UserError: no server is named, it does not answer, or the checkout has no store.
    """
    here, there = store.local_uri(root), store.tracking_uri(root)
    store.check_store(there)
    own, other = store.sqlite_path(here), store.sqlite_path(there)
    if own and other and own.resolve() == other.resolve():
        raise UserError("MLFLOW_TRACKING_URI names no server to deliver to")
    if not store.check_store(here):
        raise UserError(f"{root} has recorded no runs of its own: there is nothing to deliver")
    target = store.open_experiment(there, root)
    source, server = MlflowClient(here), MlflowClient(there)
    with store.store_errors(there):
        experiment = source.get_experiment_by_name(store.EXPERIMENT)
        runs = _runs(source, experiment.experiment_id) if experiment else iter(())
        ended = [run for run in runs if run.info.status != "RUNNING"]
        unsent = [run for run in ended if not _has_arrived(server, target, run)]
        for run in progress(unsent, "delivering", unit="run"):
            _send(source, server, target, run)
    return len(unsent)


def _runs(client: MlflowClient, experiment: str, query: str = "") -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs([experiment], query, page_token=token, order_by=["attributes.start_time"])
        yield from page
        if not (token := page.token):
            return


def _has_arrived(server: MlflowClient, experiment: str, run: Run) -> bool:
    """Return whether a run has arrived completely; delete what has arrived in part."""
    for found in _runs(server, experiment, f"tags.`{tags.SYNCED_FROM}` = '{run.info.run_id}'"):
        if found.data.tags.get(tags.SYNCED):
            return True
        server.delete_run(found.info.run_id)
    return False


def _send(source: MlflowClient, server: MlflowClient, experiment: str, run: Run) -> None:
    origin = {tags.SYNCED_FROM: run.info.run_id}
    sent = server.create_run(experiment, run.info.start_time, origin, run.info.run_name).info.run_id
    for some_tags in _chunks([RunTag(*tag) for tag in run.data.tags.items()], TAGS):
        server.log_batch(sent, tags=some_tags)
    for params in _chunks([Param(*param) for param in run.data.params.items()], TAGS):
        server.log_batch(sent, params=params)
    points: list[Metric] = []
    for name in run.data.metrics:
        points += source.get_metric_history(run.info.run_id, name)
    for metrics in _chunks(points, METRICS):
        server.log_batch(sent, metrics=metrics)
    if run.inputs and run.inputs.dataset_inputs:
        server.log_inputs(sent, [DatasetInput(each.dataset, each.tags) for each in run.inputs.dataset_inputs])
    with tempfile.TemporaryDirectory() as folder:
        source.download_artifacts(run.info.run_id, "", folder)
        server.log_artifacts(sent, folder)
    query = f"source_run_id = '{run.info.run_id}'"
    for model in source.search_logged_models([run.info.experiment_id], query):
        mlflow.set_tracking_uri(server.tracking_uri)
        with mlflow.start_run(run_id=sent):
            register(unpack(local_path(model.artifact_location)))
    server.set_terminated(sent, run.info.status, run.info.end_time)
    server.set_tag(sent, tags.SYNCED, "true")


def _chunks(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (values[start : start + size] for start in range(0, len(values), size))
