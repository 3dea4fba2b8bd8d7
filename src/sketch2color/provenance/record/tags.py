"""Names of the MLflow tags that tie a run to DVC, git and its environment."""

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

STAGE = "stage"
COMMAND = "command"
PIPELINE = "pipeline"
"""The process that started all stages of one ``dvc repro``."""
PROCESS = "process"
"""The process that writes the run."""
FAILURE = "failure"
"""Why a run did not finish."""
EXPERIMENT = "dvc.experiment"
COMMIT = "git.commit"
DIRTY = "git.dirty"
"""``true`` where the code differed from the commit."""
INPUT, OUTPUT = "dvc.input.", "dvc.output."
"""Followed by a path of dvc.yaml; the value is DVC's hash of it."""
ENVIRONMENT = "env."
FILE_MD5 = "md5."
"""Of a version of a registered model, followed by the name of one of its files."""
SYNCED_FROM = "synced.from"
"""The id of a delivered run in the store that it was recorded in."""
SYNCED = "synced.whole"
"""All of a delivered run has arrived."""
FOREIGN = ("mlflow.", "system/", "synced.")
"""Names that MLflow gives to its tags and to metrics of the machine, and ``sync`` to its tags."""


def recorded(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the tags or metrics that a stage sets, without those of MLflow itself and of a delivery."""
    return {name: value for name, value in values.items() if not name.startswith(FOREIGN)}


def add_prefix(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return ``values`` as tags whose names begin with ``prefix``."""
    return {f"{prefix}{name}": value for name, value in values.items()}


def with_prefix(tags: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the tags whose names begin with ``prefix``, by the rest of their names.

    >>> with_prefix({"env.torch": "2.6", "stage": "clean"}, ENVIRONMENT)
    {'torch': '2.6'}
    """
    return {name.removeprefix(prefix): tags[name] for name in sorted(tags) if name.startswith(prefix)}
