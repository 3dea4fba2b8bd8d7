"""What dvc.lock says of each stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sketch2color.errors import UserError

LOCK = "dvc.lock"


@dataclass(frozen=True)
class Locked:
    """One stage of dvc.lock.

    ``deps`` and ``outs`` map a path to DVC's MD5 of it, which ends in ``.dir`` for a folder; ``params`` maps
    a file to the values of the keys that the stage depends on.
    """

    cmd: str
    deps: Mapping[str, str]
    params: Mapping[str, Mapping[str, Any]]
    outs: Mapping[str, str]


Lock = Mapping[str, Locked]


def read(root: Path) -> Lock:
    """Read the dvc.lock of a checkout.

    Raises:
        UserError: there is none, or it is not one.
    """
    try:
        text = (root / LOCK).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{root / LOCK} does not exist: run `dvc repro`, which makes it") from None
    return parse(text, str(root / LOCK))


def parse(text: str, where: str) -> Lock:
    """Parse the text of a dvc.lock; ``where`` is how errors call it.

    Raises:
        UserError: it is not one.
    """
    try:
        stages = yaml.safe_load(text)["stages"]
        return {name: _stage(stage) for name, stage in sorted(stages.items())}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{where} is not a dvc.lock ({reason}): bring it back with git") from error


def maker(lock: Lock, path: str) -> tuple[str, str] | None:
    """Return the stage and its output that ``path`` is, or lies in; None where no stage makes it."""
    for name, stage in lock.items():
        for out in stage.outs:
            if path == out or path.startswith(f"{out}/"):
                return name, out
    return None


def _stage(stage: Mapping[str, Any]) -> Locked:
    return Locked(
        str(stage["cmd"]),
        _hashes(stage.get("deps", [])),
        stage.get("params", {}),
        _hashes(stage.get("outs", [])),
    )


def _hashes(entries: list[dict[str, str]]) -> dict[str, str]:
    return {entry["path"]: entry["md5"] for entry in entries if "md5" in entry}
