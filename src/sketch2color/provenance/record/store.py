"""Locate and open the MLflow store."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote, unquote

import mlflow
import requests
from filelock import FileLock
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException

from sketch2color.errors import UserError
from sketch2color.provenance.record import tags
from sketch2color.provenance.record.processes import has_ended

EXPERIMENT = "sketch2color"
FILE = "mlflow.db"
TIMEOUT = 10.0
"""Seconds for a server to answer at all."""

for _name in ("alembic", "mlflow.store.db.utils"):  # they announce each new store
    logging.getLogger(_name).setLevel(logging.WARNING)


def main_checkout(root: Path) -> Path:
    """Return the checkout that keeps the record for ``root``, also for DVC's copies in ``.dvc/tmp/exps``.

    >>> str(main_checkout(Path("/a/.dvc/tmp/exps/standalone/tmp1"))), str(main_checkout(Path("/a")))
    ('/a', '/a')
    """
    for parent in root.parents:
        if parent.parts[-3:] == (".dvc", "tmp", "exps"):
            return parent.parents[2]
    return root


def sqlite_uri(path: Path) -> str:
    """Return the URI of an SQLite file; with a driver MLflow does not create its parent folder unquoted.

    >>> sqlite_uri(Path("/a/mlflow.db")), sqlite_uri(Path("/a?/mlflow.db"))
    ('sqlite:////a/mlflow.db', 'sqlite+pysqlite:////a%3F/mlflow.db')
    """
    if any(character in str(path) for character in "%?#"):
        return f"sqlite+pysqlite:///{quote(str(path))}"
    return f"sqlite:///{path}"


def sqlite_path(uri: str) -> Path | None:
    """Return the file of an SQLite URI; None for any other store, a ValueError for runs in memory alone.

    >>> sqlite_path("sqlite+pysqlite:////a%3F/mlflow.db"), sqlite_path("http://localhost:5000")
    (PosixPath('/a?/mlflow.db'), None)
    """
    if not uri.lower().startswith("sqlite"):
        return None
    scheme, separator, rest = uri.partition(":///")
    path = unquote(rest.partition("?")[0])
    if not (separator and scheme.islower() and Path(path).name) or path.startswith((":memory:", "file:")):
        raise ValueError("names no file, as sqlite:///folder/mlflow.db does")
    return Path(path)


def local_uri(root: Path) -> str:
    """Return the SQLite store of the checkout, by absolute path."""
    return sqlite_uri(main_checkout(root.resolve()) / FILE)


def tracking_uri(root: Path, offline: bool = False) -> str:
    """Return ``MLFLOW_TRACKING_URI``; the checkout's own store if it is not set, or if ``offline``."""
    return (not offline and os.environ.get("MLFLOW_TRACKING_URI")) or local_uri(root)


def open_experiment(uri: str, root: Path) -> str:
    """Open or create the store and its experiment, and return its id; a UserError if that fails."""
    check_store(uri)
    with store_errors(uri, Exception):  # of MLflow, SQLAlchemy, a missing driver, the disk
        path = sqlite_path(uri)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock") if path else nullcontext():  # one process creates the tables
            mlflow.set_tracking_uri(uri)
            if mlflow.get_experiment_by_name(EXPERIMENT) is None:
                folder = main_checkout(root.resolve()) / "mlruns"
                mlflow.create_experiment(EXPERIMENT, folder.as_uri() if path else None)
            return str(mlflow.set_experiment(EXPERIMENT).experiment_id)


def close_abandoned(experiment: str) -> None:
    """Mark as killed every run whose process ended without closing it, by ``kill -9`` or with its machine."""
    client = mlflow.MlflowClient()
    running = f"attributes.status = '{RunStatus.to_string(RunStatus.RUNNING)}'"
    for run in client.search_runs([experiment], running):
        process = run.data.tags.get(tags.PROCESS)
        if process and has_ended(process):
            client.set_tag(run.info.run_id, tags.FAILURE, f"its process ({process}) was killed")
            client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.KILLED))


def check_store(uri: str) -> bool:
    """Return whether a store may have runs; MLflow would create an empty one, and retry errors for minutes.

    Raises:
        UserError: a server does not answer, or an SQLite URI names no file, or one that SQLite cannot read.
    """
    if uri.partition(":")[0].lower() in ("http", "https"):
        try:
            with requests.get(uri, timeout=TIMEOUT, stream=True) as answer:
                if answer.status_code >= 500:
                    answer.raise_for_status()
        except Exception as error:  # also of urllib3: of a name that is none
            raise UserError(
                f"the tracking server {uri} does not answer ({type(error).__name__}): start it, or set "
                "tracking.offline: true in params.yaml and deliver the runs later with `sketch2color sync`"
            ) from error
    with store_errors(uri, Exception):
        path = sqlite_path(uri)
        return path is None or (path.exists() and _has_runs(path))


def _has_runs(path: Path) -> bool:
    """Return whether an SQLite file has MLflow's tables."""
    if not path.is_file():
        raise ValueError(f"{path} is no file")
    # Writable: what a killed process left half-written is rolled back.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as tables:
        return bool(tables.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone())


@contextmanager
def store_errors(uri: str, kind: type[Exception] = MlflowException) -> Iterator[None]:
    """Turn errors of one kind in the body into a UserError that says that the store cannot be used."""
    try:
        yield
    except kind as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"MLflow store {uri}: {reason}; check MLFLOW_TRACKING_URI") from error
