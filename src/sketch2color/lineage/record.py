"""One MLflow run for one execution of a stage."""

import logging
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sketch2color.errors import UserError
from sketch2color.lineage.store import EXPERIMENT, home, tracking_uri

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing phones home; read when mlflow is imported
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow
from mlflow.exceptions import MlflowException

PARAM_LIMIT = 500


class Record:
    """The run being written; made by :func:`recording`."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log figures; a name and its values over ``step`` become a curve."""
        mlflow.log_metrics({name: float(value) for name, value in values.items()}, step=step)

    def files(self, *paths: Path) -> None:
        """Log files, or directories with all that is in them, as artifacts under their own names."""
        for path in paths:
            if path.is_dir():
                mlflow.log_artifacts(str(path), path.name)
            else:
                mlflow.log_artifact(str(path))

    def hashes(self, kind: str, values: Mapping[str, str]) -> None:
        """Tag the run with DVC's hashes, as ``dvc.input.<path>`` and ``dvc.output.<path>``."""
        mlflow.set_tags({f"dvc.{kind}.{path}": value for path, value in values.items()})


@contextmanager
def recording(stage: str, root: Path, params: Mapping[str, Any]) -> Iterator[Record]:
    """Open a run named after ``stage``; it ends FINISHED, or FAILED when the body raises.

    Raises:
        UserError: the tracking server or store cannot be used.
    """
    uri = tracking_uri(root)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # a new store is no news
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
        yield Record()


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
