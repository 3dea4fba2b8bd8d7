"""Where the MLflow record lies, and the opening of it."""

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import mlflow
import requests
from filelock import FileLock
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException

from sketch2color.errors import UserError
from sketch2color.provenance.record.processes import is_gone

EXPERIMENT = "sketch2color"
PROCESS, FAILURE = "process", "failure"
"""Tags: the process that keeps a run, and why the run did not finish."""
LOUD = ("alembic", "mlflow.store.db.utils")
"""Loggers that announce the making of a new store."""
PATIENCE = 10.0  # seconds for a server to answer at all


def home(root: Path) -> Path:
    """Return the checkout that keeps the record for ``root``.

    ``dvc exp run --queue`` and ``--temp`` work in a copy under ``.dvc/tmp/exps`` that is thrown away; their
    runs belong into the record of the checkout they were started from.

    >>> str(home(Path("/a/.dvc/tmp/exps/standalone/tmp1"))), str(home(Path("/a")))
    ('/a', '/a')
    """
    for parent in root.parents:
        if parent.parts[-3:] == (".dvc", "tmp", "exps"):
            return parent.parents[2]
    return root


def local_uri(root: Path) -> str:
    """Return the SQLite store of the checkout, by absolute path."""
    return f"sqlite:///{home(root.resolve()) / 'mlflow.db'}"


def tracking_uri(root: Path, offline: bool = False) -> str:
    """Return ``MLFLOW_TRACKING_URI``; where there is none, or ``offline``, the store of the checkout."""
    return (not offline and os.environ.get("MLFLOW_TRACKING_URI")) or local_uri(root)


def open_experiment(uri: str, root: Path) -> str:
    """Open the store, make it and its experiment where there are none, and return the experiment's id.

    Raises:
        UserError: the tracking server does not answer, or the store cannot be used.
    """
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    expect_answer(uri)
    try:
        with _alone(uri):
            mlflow.set_tracking_uri(uri)
            if mlflow.get_experiment_by_name(EXPERIMENT) is None:
                artifacts = (home(root.resolve()) / "mlruns").as_uri() if uri.startswith("sqlite:") else None
                mlflow.create_experiment(EXPERIMENT, artifacts)
            return str(mlflow.set_experiment(EXPERIMENT).experiment_id)
    except (MlflowException, OSError) as error:
        raise unusable(uri, error) from error


def close_abandoned(experiment: str) -> None:
    """Mark as killed every run whose process ended without a word: by ``kill -9``, or with its machine."""
    client = mlflow.MlflowClient()
    running = f"attributes.status = '{RunStatus.to_string(RunStatus.RUNNING)}'"
    for run in client.search_runs([experiment], running):
        process = run.data.tags.get(PROCESS)
        if process and is_gone(process):
            client.set_tag(run.info.run_id, FAILURE, f"its process ({process}) was killed")
            client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.KILLED))


def _alone(uri: str) -> AbstractContextManager[object]:
    """Let one process at a time make the tables of a SQLite file; servers see to that themselves."""
    if not uri.startswith("sqlite:///"):
        return nullcontext()
    path = Path(uri.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{path}.lock")


def expect_answer(uri: str) -> None:
    """Ask a server once: MLflow itself would go on asking for minutes before it gives up.

    Raises:
        UserError: it does not answer.
    """
    if uri.startswith(("http://", "https://")):
        try:
            requests.get(uri, timeout=PATIENCE, stream=True).close()
        except requests.RequestException as error:
            raise UserError(
                f"the tracking server {uri} does not answer ({type(error).__name__}): start it, or set "
                "tracking.offline: true in params.yaml and deliver the runs later with `sketch2color sync`"
            ) from error


def unusable(uri: str, error: Exception) -> UserError:
    """Return what to tell a person whose store cannot be used."""
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return UserError(f"MLflow store {uri}: {reason}; check MLFLOW_TRACKING_URI")
