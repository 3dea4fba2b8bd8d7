"""The record, read: which MLflow run made what, and what it says of itself."""

import json
import logging
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities import Run as Entity
from mlflow.entities import ViewType
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.utils.file_utils import local_file_uri_to_path

from sketch2color.provenance.record.run import LINEAGE
from sketch2color.provenance.record.store import LOUD, expect_answer, tracking_uri, unusable

INPUT, OUTPUT = "dvc.input.", "dvc.output."
MD5 = "md5."
"""Tags of a version of a registered model: the MD5 of each of its files."""
WEIGHTS = "artifacts/generator"
"""Where a logged model keeps those files."""
LOGGED = "models:/"
FINISHED = "attributes.status = 'FINISHED'"
PAGE = 1000
"""Runs asked for at a time."""


@dataclass(frozen=True)
class Run:
    """One MLflow run of a stage; ``inputs`` and ``outputs`` map paths to DVC's hashes."""

    id: str
    stage: str
    status: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    commit: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    artifact_uri: str

    @property
    def environment(self) -> dict[str, str]:
        """What it was computed with, by the names of its tags ``env.*``."""
        return {
            name.removeprefix("env."): value for name, value in self.tags.items() if name.startswith("env.")
        }


@dataclass(frozen=True)
class Model:
    """A version of a registered model: the files that make it up, by the MD5s in its tags and as they are."""

    name: str
    said: Mapping[str, str]
    files: Mapping[str, Path]


class Runs:
    """All runs in the store of a checkout, whichever experiment they belong to; made by :func:`reading`."""

    def __init__(self, uri: str, client: mlflow.MlflowClient | None, stack: ExitStack) -> None:
        self.uri = uri
        self._client = client
        self._stack = stack
        self._fetched: dict[str, Path] = {}
        self._experiments = [each.experiment_id for each in client.search_experiments()] if client else []

    def made(self, outputs: Mapping[str, str], deleted: bool = False) -> list[Run]:
        """Return the finished runs that made these, newest first; or those of them that were deleted."""
        return self._search(
            [FINISHED, *(_equal(OUTPUT + path, md5) for path, md5 in outputs.items())], deleted
        )

    def made_any(self, output: str) -> list[Run]:
        """Return the newest finished runs that made an output of this path, at most ``PAGE``."""
        return self._search([FINISHED, f"tags.`{OUTPUT}{output}` LIKE '%'"])

    def of_stage(self, stage: str) -> list[Run]:
        """Return the newest finished runs of a stage, at most ``PAGE``."""
        return self._search([FINISHED, _equal("stage", stage)])

    def find(self, prefix: str) -> list[Run]:
        """Return the runs, finished or not, whose id begins with ``prefix``, hex digits."""
        return self._search([f"attributes.run_id LIKE '{prefix}%'"])

    def artifacts(self, run: Run) -> dict[str, Path]:
        """Return a run's artifacts by their names; none where they are gone."""
        root = self._folder(run.artifact_uri)
        return {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*")) if file.is_file()}

    def lineage(self, run: Run) -> Mapping[str, Any] | None:
        """Return what a run's lineage.json says; None where it is missing or no JSON."""
        try:
            content = json.loads(self.artifacts(run)[LINEAGE].read_text(encoding="utf-8"))
        except (KeyError, OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def curve(self, run: Run, metric: str) -> dict[int, float]:
        """Return the points that a run logged of a metric, by step; of a step told again, the last."""
        if self._client is None:
            return {}
        history = self._client.get_metric_history(run.id, metric)
        return {each.step: each.value for each in sorted(history, key=lambda each: each.timestamp)}

    def models(self, run: Run) -> list[Model]:
        """Return the versions of registered models that a run made, as the registry knows them."""
        if self._client is None:
            return []
        found = self._client.search_model_versions(f"run_id = '{run.id}'")
        return [self._model(each) for each in sorted(found, key=lambda each: (each.name, int(each.version)))]

    def _model(self, version: ModelVersion) -> Model:
        tags = {tag.removeprefix(MD5): value for tag, value in version.tags.items() if tag.startswith(MD5)}
        root = self._folder(f"{self._place(str(version.source))}/{WEIGHTS}")
        return Model(f"{version.name} version {version.version}", tags, {name: root / name for name in tags})

    def _place(self, source: str) -> str:
        """Return where a version's files lie; the registry names logged models by their id."""
        logged = source.removeprefix(LOGGED)
        if self._client is None or logged == source:
            return source
        return str(self._client.get_logged_model(logged).artifact_location)

    def _search(self, filters: list[str], deleted: bool = False) -> list[Run]:
        if self._client is None or not self._experiments:
            return []
        view = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
        try:
            found = self._client.search_runs(self._experiments, " and ".join(filters), view, PAGE)
        except MlflowException as error:
            raise unusable(self.uri, error) from error
        return [_run(each) for each in found]

    def _folder(self, uri: str) -> Path:
        """Return where the files under an address of the store lie; a server's are fetched once."""
        if uri not in self._fetched:
            if uri.startswith(("file:", "/")):
                self._fetched[uri] = Path(local_file_uri_to_path(uri))  # type: ignore[no-untyped-call]
            else:
                fresh = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sketch2color-"))
                self._fetched[uri] = Path(fresh)
                with suppress(MlflowException, OSError):  # then there is nothing
                    placed = mlflow.artifacts.download_artifacts(
                        artifact_uri=uri, dst_path=fresh, tracking_uri=self.uri
                    )
                    self._fetched[uri] = Path(placed)  # in a folder named like the last part of the address
        return self._fetched[uri]


@contextmanager
def reading(root: Path) -> Iterator[Runs]:
    """Open the record of the checkout ``root``, without making one where there is none.

    Raises:
        UserError: the tracking server or store cannot be used.
    """
    uri = tracking_uri(root)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    expect_answer(uri)
    with ExitStack() as stack:
        try:
            runs = Runs(uri, mlflow.MlflowClient(uri) if _exists(uri) else None, stack)
        except MlflowException as error:
            raise unusable(uri, error) from error
        yield runs


def _exists(uri: str) -> bool:
    """Tell whether there can be a store: MLflow would make an empty one where SQLite has no file."""
    path = uri.removeprefix("sqlite:///")
    if path == uri:
        return True
    if not Path(path).is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            return bool(store.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone())
    except sqlite3.DatabaseError as error:
        raise unusable(uri, error) from error


def _equal(tag: str, value: str) -> str:
    return f"tags.`{tag}` = '{value}'"


def _run(entity: Entity) -> Run:
    tags = entity.data.tags

    def hashes(prefix: str) -> dict[str, str]:
        return {tag.removeprefix(prefix): tags[tag] for tag in sorted(tags) if tag.startswith(prefix)}

    return Run(
        entity.info.run_id,
        tags.get("stage", entity.info.run_name or ""),
        entity.info.status,
        hashes(INPUT),
        hashes(OUTPUT),
        tags.get("git.commit", ""),
        tags,
        entity.data.params,
        entity.data.metrics,
        entity.info.artifact_uri or "",
    )
