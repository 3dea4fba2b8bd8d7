"""Write one MLflow run for one execution of a stage."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from sketch2color.errors import UserError
from sketch2color.provenance.record import tags
from sketch2color.provenance.record.dvc_hashes import StageHashes, md5
from sketch2color.provenance.record.environment import environment, torch_device
from sketch2color.provenance.record.git import CODE, Git
from sketch2color.provenance.record.processes import identity, pipeline
from sketch2color.provenance.record.register_model import GeneratorFiles, register
from sketch2color.provenance.record.run_content import run_content
from sketch2color.provenance.record.store import close_abandoned, open_experiment, store_errors
from sketch2color.text import one_line, printable

PARAM_LENGTH = 500
"""Characters of a parameter that are logged, of longer texts the beginning."""
LINEAGE = "lineage.json"
"""Artifact with the content of all tags, and with what does not fit into tags."""
PATCH = "diff.patch"
NOT_QUEUED = "run `git add {}`, or `dvc exp run --queue` and `--temp` do not find it"

Kind = Literal["input", "output"]


class RunLogger:
    """Writes to the MLflow run ``run_id``; made by :func:`recording`."""

    def __init__(self, run_id: str = "") -> None:
        self.run_id = run_id
        self.logged_metrics: dict[str, float] = {}
        self.artifacts: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.generator: GeneratorFiles | None = None

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics; the values of one name over ``step`` become a curve."""
        numbers = {name: float(value) for name, value in values.items()}
        mlflow.log_metrics(numbers, step=step)
        if step is None:
            self.logged_metrics |= numbers

    def files(self, *paths: Path) -> None:
        """Log files, or directories with everything below them, as artifacts under their own names."""
        for path in paths:
            mlflow.log_artifact(str(path))
            for file in filter(Path.is_file, [path, *sorted(path.rglob("*"))]):
                self.artifacts[file.relative_to(path.parent).as_posix()] = md5(file)

    def hashes(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Tag the run with DVC's hashes, and log data sets, with the metrics so far as profile of outputs."""
        mlflow.set_tags(tags.add_prefix(tags.INPUT if kind == "input" else tags.OUTPUT, values))
        profile = None
        if kind == "output":
            self.outputs = dict(values)
            profile = json.dumps(self.logged_metrics, sort_keys=True) if self.logged_metrics else None
        if data_sets := [_dataset(kind, path, values[path], profile) for path in values if is_data_set(path)]:
            mlflow.MlflowClient().log_inputs(self.run_id, data_sets)

    def model(self, folder: Path, files: Sequence[str], example: bytes) -> None:
        """Set the generator to register when the run succeeds: ``files`` of ``folder``, and a sketch."""
        self.generator = GeneratorFiles(folder, files, example)


class NullLogger(RunLogger):
    """Writes nothing: for processes that work for a run which another process records."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Ignore metrics."""

    def files(self, *paths: Path) -> None:
        """Ignore files."""

    def hashes(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Ignore hashes."""


def is_data_set(path: str) -> bool:
    """Return whether a path of dvc.yaml is a complete data set: a source, or its raw or clean images.

    >>> is_data_set("data/raw/mine"), is_data_set("data/raw/mine/source.json"), is_data_set("models/x")
    (True, False, False)
    """
    return path.startswith("data/") and path.count("/") == 2


def _dataset(kind: Kind, path: str, digest: str, profile: str | None) -> DatasetInput:
    source = json.dumps({"uri": path})  # relative: it holds in every checkout, where DVC brings the files
    dataset = Dataset(name=path, digest=digest, source_type="local", source=source, profile=profile)
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, kind)])


@contextmanager
def recording(
    stage: str, uri: str, root: Path, params: Mapping[str, Any], before: StageHashes
) -> Iterator[RunLogger]:
    """Open a run named after ``stage`` in the store ``uri``, and close those of processes that have ended.

    It ends FINISHED, with the artifact lineage.json; FAILED when the body raises, or KILLED when it is
    interrupted, with the reason in the tag ``failure``.

    Raises:
        UserError: the tracking server or store cannot be used.
    """
    experiment = open_experiment(uri, root)
    with store_errors(uri):
        close_abandoned(experiment)
        started = mlflow.start_run(run_name=stage, tags={tags.PROCESS: identity(), tags.STAGE: stage})
        logger = RunLogger(started.info.run_id)
        try:
            lineage = _log_start(logger, stage, root, params, before)
            logger.hashes("input", before.inputs)
            yield logger
        except BaseException as error:
            with suppress(MlflowException):  # the stage's error matters more
                mlflow.set_tag(tags.FAILURE, _reason(error))
                killed = isinstance(error, KeyboardInterrupt)
                mlflow.end_run(RunStatus.to_string(RunStatus.KILLED if killed else RunStatus.FAILED))
            raise
        _log_end(logger, lineage)
        mlflow.end_run()


def _log_start(
    logger: RunLogger, stage: str, root: Path, params: Mapping[str, Any], before: StageHashes
) -> dict[str, Any]:
    """Log what is known before the stage runs; return it as the beginning of lineage.json."""
    known = environment(root)
    about = {tags.COMMAND: before.command, tags.PIPELINE: pipeline()}
    if experiment := os.environ.get("DVC_EXP_NAME"):
        about[tags.EXPERIMENT] = printable(experiment)
    lineage: dict[str, Any] = {"stage": stage, **about, "environment": known}
    lineage |= {"params": before.params, "inputs": before.inputs}
    with suppress(UserError):  # outside of git there is no commit
        git = Git(root)
        for path in filter(is_data_set, before.inputs):
            if git.untracked(path):
                print(f"{stage}: git does not know all of {path}: {NOT_QUEUED.format(path)}", file=sys.stderr)
        patch, modules = git.patch(), git.unknown_modules()
        dirty = bool(patch or modules or git.uncommitted(*CODE, "dvc.yaml", "params.yaml"))
        lineage["git"] = {"commit": git.head, "dirty": dirty, "unknown_modules": modules}
        about |= {tags.COMMIT: git.head, tags.DIRTY: str(dirty).lower()}
        if patch:
            mlflow.log_text(patch, PATCH)
            logger.artifacts[PATCH] = hashlib.md5(patch.encode(), usedforsecurity=False).hexdigest()
    mlflow.log_params({name: printable(str(value))[:PARAM_LENGTH] for name, value in params.items()})
    mlflow.set_tags(about | tags.add_prefix(tags.ENVIRONMENT, known))
    return lineage


def _log_end(logger: RunLogger, lineage: dict[str, Any]) -> None:
    device = torch_device()
    mlflow.set_tags(tags.add_prefix(tags.ENVIRONMENT, device))
    lineage["environment"] |= device
    lineage |= {"outputs": logger.outputs, "metrics": logger.logged_metrics, "artifacts": logger.artifacts}
    if logger.generator:
        register(logger.generator)
    lineage["run"] = run_content(mlflow.MlflowClient(), logger.run_id)
    mlflow.log_text(json.dumps(lineage, indent=2, sort_keys=True, default=str) + "\n", LINEAGE)


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return one_line(str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}")
