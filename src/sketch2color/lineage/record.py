"""One MLflow run for one execution of a stage."""

import json
import logging
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sketch2color.errors import UserError
from sketch2color.lineage.store import EXPERIMENT, home, tracking_uri

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing phones home; read when mlflow is imported
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

PARAM_LIMIT = 500
LOUD = ("alembic", "mlflow.store.db.utils")
"""Loggers that announce the making of a new store."""

Kind = Literal["input", "output"]


class Record:
    """The run ``run_id`` being written; made by :func:`recording`."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._figures: dict[str, float] = {}

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log figures; a name and its values over ``step`` become a curve."""
        figures = {name: float(value) for name, value in values.items()}
        mlflow.log_metrics(figures, step=step)
        if step is None:
            self._figures |= figures

    def files(self, *paths: Path) -> None:
        """Log files, or directories with all that is in them, as artifacts under their own names."""
        for path in paths:
            if path.is_dir():
                mlflow.log_artifacts(str(path), path.name)
            else:
                mlflow.log_artifact(str(path))

    def hashes(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Tag the run with DVC's hashes, as ``dvc.input.<path>`` and ``dvc.output.<path>``.

        Those of data sets are logged as MLflow's datasets as well: named by their path, DVC's hash as their
        digest. The figures logged so far are the profile of what the run wrote.
        """
        mlflow.set_tags({f"dvc.{kind}.{path}": value for path, value in values.items()})
        profile = json.dumps(self._figures, sort_keys=True) if kind == "output" and self._figures else None
        sets = [_dataset(kind, path, values[path], profile) for path in values if is_data_set(path)]
        if sets:
            mlflow.MlflowClient().log_inputs(self._run_id, sets)


class Silent(Record):
    """Writes nothing: for processes that work for a run which another process records."""

    def __init__(self) -> None:
        super().__init__("")

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Take figures."""

    def files(self, *paths: Path) -> None:
        """Take files."""

    def hashes(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Take hashes."""


def is_data_set(path: str) -> bool:
    """Tell whether a path of dvc.yaml is a whole data set, at whichever stage of its way.

    >>> is_data_set("data/raw/sample"), is_data_set("data/raw/sample/source.json"), is_data_set("models/x")
    (True, False, False)
    """
    return path.startswith("data/") and path.count("/") == 2


def _dataset(kind: Kind, path: str, digest: str, profile: str | None) -> DatasetInput:
    source = json.dumps({"uri": path})  # relative: every checkout finds it, and DVC brings it there
    dataset = Dataset(name=path, digest=digest, source_type="local", source=source, profile=profile)
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, kind)])


@contextmanager
def recording(stage: str, root: Path, params: Mapping[str, Any]) -> Iterator[Record]:
    """Open a run named after ``stage``; it ends FINISHED, or FAILED when the body raises.

    Raises:
        UserError: the tracking server or store cannot be used.
    """
    uri = tracking_uri(root)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        mlflow.set_tracking_uri(uri)
        if mlflow.get_experiment_by_name(EXPERIMENT) is None:
            artifacts = (home(root.resolve()) / "mlruns").as_uri() if uri.startswith("sqlite:") else None
            mlflow.create_experiment(EXPERIMENT, artifacts)
        mlflow.set_experiment(EXPERIMENT)
        run = mlflow.start_run(run_name=stage)
    except MlflowException as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"MLflow store {uri}: {reason}; check MLFLOW_TRACKING_URI") from error
    with run:
        mlflow.log_params({name: str(value)[:PARAM_LIMIT] for name, value in params.items()})
        mlflow.set_tags({"stage": stage, **_git(root)})
        yield Record(run.info.run_id)


def _git(root: Path) -> dict[str, str]:
    """Return the commit and whether tracked files differ from it; nothing outside of a git checkout."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        dirty = git("status", "--porcelain", "--untracked-files=no") != ""
        return {"git.commit": git("rev-parse", "HEAD"), "git.dirty": str(dirty).lower()}
    except (subprocess.CalledProcessError, FileNotFoundError):
        return {}
