"""The checkout as DVC sees it: what dvc.yaml declares, which files a path holds, where the cache lies."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dvc.exceptions import DvcException
from dvc.repo import Repo

from sketch2color.errors import UserError
from sketch2color.provenance import dvc_directory
from sketch2color.provenance.dvc_directory import Tree


@dataclass(frozen=True)
class Declared:
    """A stage of dvc.yaml with the values of params.yaml put in.

    ``params`` maps a file to the keys the stage depends on and their values there now; a key that the file
    lacks is absent. ``keys`` are those keys as dvc.yaml writes them. ``cached`` are the outputs that DVC's
    cache keeps.
    """

    cmd: str
    deps: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    params: Mapping[str, Mapping[str, Any]]
    outs: tuple[str, ...]
    cached: frozenset[str]


class Project:
    """An open DVC project; made by :func:`opened`."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self.root = Path(repo.root_dir)

    def declared(self) -> dict[str, Declared]:
        """Return the stages that dvc.yaml declares.

        Raises:
            UserError: dvc.yaml or params.yaml cannot be read.
        """
        try:
            return {stage.name: _declared(stage) for stage in self._repo.stage.load_all("dvc.yaml")}
        except (DvcException, FileNotFoundError, yaml.YAMLError) as error:
            raise UserError(f"{self.root / 'dvc.yaml'}: {' '.join(str(error).split())}") from error

    def metrics_files(self) -> list[str]:
        """Return the files of figures that dvc.yaml names on top."""
        listed = yaml.safe_load((self.root / "dvc.yaml").read_text(encoding="utf-8")).get("metrics") or []
        return sorted(name for entry in listed for name in ([entry] if isinstance(entry, str) else entry))

    def files(self, path: str) -> dict[str, Path]:
        """Return what a dependency or an output holds now: path inside of it, empty for a file, to the file.

        What .dvcignore names is left out, as DVC does.
        """
        place = self.root / path
        if not place.is_dir():
            return {"": place} if place.is_file() else {}
        found = (Path(each) for each in self._repo.dvcignore.find(self._repo.fs, str(place)))
        return {file.relative_to(place).as_posix(): file for file in sorted(found)}

    def checkout(self, outs: Sequence[str]) -> None:
        """Bring outputs back as dvc.lock has them, from the cache.

        Raises:
            UserError: the cache lacks some of it.
        """
        try:
            self._repo.checkout([str(self.root / out) for out in outs], force=True)
        except DvcException as error:
            raise UserError(f"the cache lacks what dvc.lock names ({error}): `dvc fetch` it first") from error

    @property
    def cache(self) -> Path:
        """The folder of the cache."""
        return Path(self._repo.cache.local_cache_dir)

    def object(self, md5: str) -> Path:
        """Return where the cache keeps, or would keep, the object of a hash."""
        return Path(self._repo.cache.local.oid_to_path(md5))

    def tree(self, md5: str) -> Tree | None:
        """Return what the cache's object of a folder lists; None where it is missing or harmed."""
        try:
            tree = dvc_directory.parse(self.object(md5).read_bytes())
        except (OSError, ValueError):
            return None
        return tree if dvc_directory.digest(tree) == md5 else None


@contextmanager
def opened(root: Path) -> Iterator[Project]:
    """Open the DVC project at ``root``.

    Raises:
        UserError: there is none.
    """
    try:
        repo = Repo(str(root))
    except DvcException as error:
        raise UserError(f"{root} is no DVC project ({error}): go to the checkout") from error
    with repo:
        yield Project(repo)


def _declared(stage: Any) -> Declared:
    local = [dep for dep in stage.deps if dep.protocol == "local" and not hasattr(dep, "params")]
    params = [dep for dep in stage.deps if hasattr(dep, "params")]
    return Declared(
        str(stage.cmd),
        tuple(sorted(dep.def_path for dep in local)),
        {dep.def_path: tuple(sorted(dep.params)) for dep in params},
        {dep.def_path: dep.read_params() for dep in params},
        tuple(sorted(out.def_path for out in stage.outs)),
        frozenset(out.def_path for out in stage.outs if out.use_cache),
    )
