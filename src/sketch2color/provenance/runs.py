"""Read the MLflow record: which run made what, and what it logged."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.entities import Run as MlflowRun
from mlflow.entities import ViewType
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.utils.file_utils import local_file_uri_to_path

from sketch2color.errors import UserError
from sketch2color.files import parse_json
from sketch2color.provenance.record import tags
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.register_model import FILES
from sketch2color.provenance.record.run import LINEAGE
from sketch2color.provenance.record.run_content import run_content
from sketch2color.provenance.record.store import check_store, store_errors, tracking_uri

RUN_ID = re.compile(r"[0-9a-f]{4,32}")
LOGGED_MODEL = "models:/"
FINISHED = "attributes.status = 'FINISHED'"
MAPPINGS = ("params", "inputs", "outputs", "metrics", "artifacts", "environment", "git", "run")
"""The sections of lineage.json."""
PAGE = 1000
"""Runs that one search returns at most."""


@dataclass(frozen=True)
class Run:
    """One MLflow run of a stage; ``inputs`` and ``outputs`` map paths to DVC's hashes."""

    id: str
    stage: str
    status: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    artifact_uri: str

    @property
    def commit(self) -> str:
        """The commit of the code; empty outside of git."""
        return self.tags.get(tags.COMMIT, "")

    @property
    def environment(self) -> dict[str, str]:
        """Names and values of the tags ``env.*``."""
        return tags.with_prefix(self.tags, tags.ENVIRONMENT)


@dataclass(frozen=True)
class RegisteredModel:
    """A version of a registered model: its files, and their MD5s according to its tags."""

    name: str
    md5s: Mapping[str, str]
    files: Mapping[str, Path]


class Runs:
    """All runs in the store of a checkout, whichever experiment they belong to; made by :func:`open_runs`."""

    def __init__(self, uri: str, client: mlflow.MlflowClient | None, stack: ExitStack) -> None:
        self.uri, self._client, self._stack = uri, client, stack
        self._fetched: dict[str, Path] = {}
        self._experiments = [each.experiment_id for each in client.search_experiments()] if client else []

    def with_outputs(self, outputs: Mapping[str, str], deleted: bool = False) -> list[Run]:
        """Return the finished runs that made these outputs, newest first, or the deleted ones of them."""
        hashes = (f"tags.`{tags.OUTPUT}{path}` = '{digest}'" for path, digest in outputs.items())
        return self._search([FINISHED, *hashes], deleted)

    def with_output(self, path: str) -> list[Run]:
        """Return the newest finished runs with an output at this path, at most ``PAGE``."""
        return self._search([FINISHED, f"tags.`{tags.OUTPUT}{path}` LIKE '%'"])

    def of_stage(self, stage: str) -> list[Run]:
        """Return the newest finished runs of a stage, at most ``PAGE``."""
        return self._search([FINISHED, f"tags.`{tags.STAGE}` = '{stage}'"])

    def makers(self, stage: str, locked: StageHashes) -> list[Run]:
        """Return the runs of a stage that made exactly its outputs from exactly its inputs, newest first."""
        expected = (stage, locked.inputs, locked.outputs)
        runs = self.with_outputs(locked.outputs)
        return [run for run in runs if (run.stage, run.inputs, run.outputs) == expected]

    def find(self, prefix: str) -> Run | None:
        """Return the run whose id begins with ``prefix``, or None; a UserError if several ids do."""
        found = self._search([f"attributes.run_id LIKE '{prefix}%'"]) if RUN_ID.fullmatch(prefix) else []
        if len(found) > 1:
            raise UserError(f"{prefix} begins the ids of {len(found)} runs: add more digits of the id")
        return found[0] if found else None

    def artifacts(self, run: Run) -> dict[str, Path]:
        """Return a run's artifacts by their names; none where they no longer exist."""
        root = self._folder(run.artifact_uri)
        return {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*")) if file.is_file()}

    def lineage(self, run: Run) -> Mapping[str, Any] | None:
        """Return the content of a run's lineage.json; None where it is missing or invalid."""
        with suppress(AttributeError, KeyError, OSError, ValueError):
            content = parse_json(self.artifacts(run)[LINEAGE].read_bytes())
            sections = [content.get(name, {}) for name in MAPPINGS]
            sections += content.get("run", {}).values()
            modules = content.get("git", {}).get("unknown_modules", [])
            is_valid = all(isinstance(section, dict) for section in sections) and isinstance(modules, list)
            return content if is_valid and all(isinstance(each, str) for each in modules) else None
        return None

    def locked(self, run: Run) -> StageHashes:
        """Return a run's stage as dvc.lock would have it."""
        params = (self.lineage(run) or {}).get("params", {})
        return StageHashes(run.tags.get(tags.COMMAND, ""), params, run.inputs, run.outputs)

    def content(self, run: Run) -> dict[str, dict[str, str]]:
        """Return what a run holds beside its artifacts, as its lineage.json says it for the run's end."""
        return run_content(self._client, run.id) if self._client else {}

    def curve(self, run: Run, metric: str) -> dict[int, float]:
        """Return the values of a metric by step; of a step that was logged again, the last one."""
        history = self._client.get_metric_history(run.id, metric) if self._client else []
        return {each.step: each.value for each in sorted(history, key=lambda each: each.timestamp)}

    def models(self, run: Run) -> list[RegisteredModel]:
        """Return the versions of registered models that a run made."""
        found = self._client.search_model_versions(f"run_id = '{run.id}'") if self._client else []
        return [self._model(each) for each in sorted(found, key=lambda each: (each.name, int(each.version)))]

    def with_model(self, files: Mapping[str, str]) -> Run | None:
        """Return the run of the newest registered model with these files, MD5s by name; None without one."""
        same = [f"tags.`{tags.FILE_MD5}{name}` = '{md5}'" for name, md5 in files.items()]
        found = self._client.search_model_versions(" and ".join(same)) if self._client else []
        ids = [each.run_id for each in sorted(found, key=lambda each: -int(each.version)) if each.run_id]
        return self.find(ids[0]) if ids else None

    def _model(self, version: ModelVersion) -> RegisteredModel:
        source = str(version.source)
        if self._client and source.startswith(LOGGED_MODEL):  # the registry names logged models by their id
            logged = self._client.get_logged_model(source.removeprefix(LOGGED_MODEL))
            source = str(logged.artifact_location)
        md5s, root = tags.with_prefix(version.tags, tags.FILE_MD5), self._folder(f"{source}/{FILES}")
        name = f"{version.name} version {version.version}"
        return RegisteredModel(name, md5s, {file: root / file for file in md5s})

    def _search(self, filters: list[str], deleted: bool = False) -> list[Run]:
        if self._client is None or not self._experiments:
            return []
        view = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
        found = self._client.search_runs(self._experiments, " and ".join(filters), view, PAGE)
        return [_run(each) for each in found]

    def _folder(self, uri: str) -> Path:
        """Return where the files under an artifact URI are; those of a server are downloaded once."""
        if uri not in self._fetched:
            if uri.startswith(("file:", "/")):
                self._fetched[uri] = local_path(uri)
            else:
                folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sketch2color-"))
                self._fetched[uri] = Path(folder)  # stays empty where the server has nothing
                with suppress(MlflowException, OSError):
                    found = download_artifacts(artifact_uri=uri, dst_path=folder, tracking_uri=self.uri)
                    self._fetched[uri] = Path(found)
        return self._fetched[uri]


def local_path(uri: str) -> Path:
    """Return the path of a ``file:`` URI."""
    return Path(local_file_uri_to_path(uri))  # type: ignore[no-untyped-call]


@contextmanager
def open_runs(root: Path) -> Iterator[Runs]:
    """Open the record of the checkout ``root`` but create none; a UserError if it cannot be used."""
    uri = tracking_uri(root)
    is_filled = check_store(uri)
    with ExitStack() as stack, store_errors(uri):
        with store_errors(uri, Exception):
            runs = Runs(uri, mlflow.MlflowClient(uri) if is_filled else None, stack)
        yield runs


def _run(run: MlflowRun) -> Run:
    return Run(
        run.info.run_id,
        run.data.tags.get(tags.STAGE, run.info.run_name or ""),
        run.info.status,
        tags.with_prefix(run.data.tags, tags.INPUT),
        tags.with_prefix(run.data.tags, tags.OUTPUT),
        run.data.tags,
        run.data.params,
        run.data.metrics,
        run.info.artifact_uri or "",
    )
