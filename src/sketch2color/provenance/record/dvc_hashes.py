"""Hash what a stage reads and writes, as DVC does."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException
from dvc.repo import Repo

from sketch2color.errors import UserError


@dataclass(frozen=True)
class StageHashes:
    """A stage as in dvc.lock: ``params`` by file, paths with their MD5, that of a folder with ``.dir``."""

    command: str
    params: Mapping[str, Mapping[str, Any]]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def md5(path: Path) -> str:
    """Return the MD5 of a file's content, which is DVC's hash of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def hash_stage(stage: str, root: Path) -> StageHashes:
    """Hash the dependencies and existing outputs of a stage; DVC reads no file again that is unchanged.

    Raises:
        UserError: dvc.yaml has no such stage, cannot be read, or a dependency does not exist.
    """
    try:
        with Repo(str(root)) as repo:
            loaded = repo.stage.load_one(name=stage)
            params = [dep for dep in loaded.deps if isinstance(dep, ParamsDependency)]
            files = [dep for dep in loaded.deps if dep.protocol == "local" and dep not in params]
            return StageHashes(
                str(loaded.cmd),
                {str(dep): dict(dep.get_hash().value) for dep in params},
                {str(dep): str(dep.get_hash().value) for dep in files},
                {str(out): str(out.get_hash().value) for out in loaded.outs if out.exists},
            )
    except UnicodeError as error:
        raise UserError(f"stage {stage}: DVC reads only file names in UTF-8: rename ({error})") from error
    except (DvcException, FileNotFoundError) as error:
        raise UserError(f"stage {stage} in {root / 'dvc.yaml'}: {error}") from error
