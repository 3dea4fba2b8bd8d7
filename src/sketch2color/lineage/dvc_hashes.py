"""The hashes that DVC gives to what a stage reads and writes."""

from dataclasses import dataclass
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo

from sketch2color.errors import UserError


@dataclass(frozen=True)
class Hashes:
    """Path, as dvc.yaml writes it, to DVC's MD5; a directory's ends in ``.dir``."""

    inputs: dict[str, str]
    outputs: dict[str, str]


def hashes(stage: str, root: Path) -> Hashes:
    """Hash the dependencies and the existing outputs of ``stage`` as DVC itself does.

    Unchanged files are not read again: DVC remembers them by size and time.

    Raises:
        UserError: dvc.yaml has no such stage, cannot be read, or a dependency does not exist.
    """
    try:
        with Repo(str(root)) as repo:
            found = repo.stage.load_one(name=stage)
            deps = [dep for dep in found.deps if dep.protocol == "local" and not hasattr(dep, "params")]
            return Hashes(
                {str(dep): str(dep.get_hash().value) for dep in deps},
                {str(out): str(out.get_hash().value) for out in found.outs if out.exists},
            )
    except (DvcException, FileNotFoundError) as error:
        raise UserError(f"stage {stage} in {root / 'dvc.yaml'}: {error}") from error
