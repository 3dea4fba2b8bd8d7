"""One MLflow run for one execution of a stage."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from sketch2color.errors import UserError
from sketch2color.provenance.record.code import code
from sketch2color.provenance.record.dvc_hashes import Hashes, md5
from sketch2color.provenance.record.environment import computing, environment, experiment
from sketch2color.provenance.record.processes import identity, pipeline
from sketch2color.provenance.record.registry import Generator, register
from sketch2color.provenance.record.store import FAILURE, PROCESS, close_abandoned, open_experiment, unusable

PARAM_LIMIT = 500
LINEAGE = "lineage.json"
"""The artifact with all that the tags say, and what they have no room for."""
PATCH = "diff.patch"

Kind = Literal["input", "output"]


class Record:
    """The run ``run_id`` being written; made by :func:`recording`."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.figures: dict[str, float] = {}
        self.artifacts: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.generator: Generator | None = None

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log figures; a name and its values over ``step`` become a curve."""
        figures = {name: float(value) for name, value in values.items()}
        mlflow.log_metrics(figures, step=step)
        if step is None:
            self.figures |= figures

    def files(self, *paths: Path) -> None:
        """Log files, or directories with all that is in them, as artifacts under their own names."""
        for path in paths:
            if path.is_dir():
                mlflow.log_artifacts(str(path), path.name)
            else:
                mlflow.log_artifact(str(path))
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    name = file.relative_to(path.parent).as_posix()
                    self.artifacts[name] = md5(file)

    def hashes(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Tag the run with DVC's hashes, as ``dvc.input.<path>`` and ``dvc.output.<path>``.

        Those of data sets are logged as MLflow's datasets as well: named by their path, DVC's hash as their
        digest. The figures logged so far are the profile of what the run wrote.
        """
        mlflow.set_tags({f"dvc.{kind}.{path}": value for path, value in values.items()})
        profile = json.dumps(self.figures, sort_keys=True) if kind == "output" and self.figures else None
        sets = [_dataset(kind, path, values[path], profile) for path in values if is_data_set(path)]
        if sets:
            mlflow.MlflowClient().log_inputs(self.run_id, sets)
        if kind == "output":
            self.outputs = dict(values)

    def model(self, folder: Path, files: Sequence[str], example: bytes) -> None:
        """Name the generator that the run makes, to be registered when the run is good to its end.

        It is ``files`` of ``folder``; ``example`` is the file of a sketch that it can colour.
        """
        self.generator = Generator(folder, files, example)


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

    def model(self, folder: Path, files: Sequence[str], example: bytes) -> None:
        """Take a generator."""


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
def recording(
    stage: str, uri: str, root: Path, params: Mapping[str, Any], before: Hashes
) -> Iterator[Record]:
    """Open a run named after ``stage`` in the store ``uri``.

    It ends FINISHED, and the artifact lineage.json then says what went in and what came out; FAILED when the
    body raises, KILLED when it is interrupted: then the tag ``failure`` says why. Runs that were left open by
    processes that are gone are closed first.

    Raises:
        UserError: the tracking server or store cannot be used.
    """
    experiment_id = open_experiment(uri, root)
    try:
        close_abandoned(experiment_id)
        run_id = mlflow.start_run(run_name=stage, tags={PROCESS: identity(), "stage": stage}).info.run_id
        record = Record(run_id)
        try:
            about = _introduce(stage, root, params, before)
            record.hashes("input", before.inputs)
            yield record
        except BaseException as error:
            # What went wrong is what counts, also where the store cannot take it.
            with suppress(MlflowException):
                mlflow.set_tag(FAILURE, _reason(error))
                killed = isinstance(error, KeyboardInterrupt)
                mlflow.end_run(RunStatus.to_string(RunStatus.KILLED if killed else RunStatus.FAILED))
            raise
        _conclude(record, about)
        mlflow.end_run()
    except MlflowException as error:
        raise unusable(uri, error) from error


def _introduce(stage: str, root: Path, params: Mapping[str, Any], before: Hashes) -> dict[str, Any]:
    """Log what is known before the work, and return it for lineage.json."""
    known, made_by = environment(root), code(root)
    tags = {"command": before.command, "pipeline": pipeline(), **experiment()}
    about = {"stage": stage, **tags, "environment": known, "params": before.params, "inputs": before.inputs}
    if made_by:
        about["git"] = {"commit": made_by.commit, "dirty": bool(made_by.patch)}
        tags |= {"git.commit": made_by.commit, "git.dirty": str(bool(made_by.patch)).lower()}
        if made_by.patch:
            mlflow.log_text(made_by.patch, PATCH)
    mlflow.log_params({name: str(value)[:PARAM_LIMIT] for name, value in params.items()})
    mlflow.set_tags({**tags, **{f"env.{name}": value for name, value in known.items()}})
    return about


def _conclude(record: Record, about: dict[str, Any]) -> None:
    computed = computing()
    mlflow.set_tags({f"env.{name}": value for name, value in computed.items()})
    about["environment"] |= computed
    about |= {"outputs": record.outputs, "metrics": record.figures, "artifacts": record.artifacts}
    if record.generator:
        register(record.generator)
    mlflow.log_text(json.dumps(about, indent=2, sort_keys=True, default=str) + "\n", LINEAGE)


def _reason(error: BaseException) -> str:
    """Say in a line why a run did not finish."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    first = next(iter(str(error).splitlines()), "")
    return first if isinstance(error, UserError) else f"{type(error).__name__}: {first}".rstrip(": ")
