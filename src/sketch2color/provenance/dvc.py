"""The checkout as DVC sees it: dvc.lock, dvc.yaml, the files of its paths and the objects of its cache."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException
from dvc.repo import Repo

from sketch2color.config import document
from sketch2color.errors import UserError
from sketch2color.files import parse_json
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.provenance.record.dvc_hashes import StageHashes, md5

LOCK = "dvc.lock"
SOURCES = "data/sources/"
COMPILED = ".pyc"
DESKTOP = ".DS_Store"
"""Written by the Finder of macOS."""
MADE = ("data/", "models/", "results/", "reports/")

Tree = Mapping[str, str]
"""The files of a path with their MD5s, by their path inside of it; empty for the path of a file itself."""


Lock = Mapping[str, StageHashes]
"""The stages of dvc.lock by name."""


@dataclass(frozen=True)
class DeclaredStage:
    """One stage of dvc.yaml, with its variables replaced.

    ``keys`` maps a file to the parameters that the stage depends on; ``params`` to their values now, without
    keys that the file lacks. ``cached`` are the outputs that DVC's cache keeps.
    """

    command: str
    inputs: set[str]
    keys: Mapping[str, Iterable[str]]
    params: Mapping[str, Mapping[str, Any]]
    outputs: set[str]
    cached: set[str]


def read_lock(root: Path) -> Lock:
    """Read the dvc.lock of a checkout; a UserError if it does not exist or is invalid."""
    try:
        return parse_lock((root / LOCK).read_bytes(), str(root / LOCK))
    except FileNotFoundError:
        raise UserError(f"{root / LOCK} does not exist: run `dvc repro`, which makes it") from None


def parse_lock(text: bytes | str, where: str) -> Lock:
    """Parse the text of a dvc.lock, which a UserError about it calls ``where``."""
    try:
        stages = document.parse(text)["stages"]
        return {name: _locked(stage) for name, stage in sorted(stages.items())}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{where} is not a dvc.lock ({error}): bring it back with git") from error


def _locked(stage: Mapping[str, Any]) -> StageHashes:
    inputs, outputs = (
        {entry["path"]: entry["md5"] for entry in stage.get(key, []) if "md5" in entry}
        for key in ("deps", "outs")
    )
    return StageHashes(str(stage["cmd"]), stage.get("params", {}), inputs, outputs)


def producer(lock: Lock, path: str) -> tuple[str, str] | None:
    """Return the stage that makes ``path`` and the output that contains it; None where no stage does."""
    for name, stage in lock.items():
        for out in stage.outputs:
            if path == out or path.startswith(f"{out}/"):
                return name, out
    return None


def outputs(lock: Lock) -> dict[str, str]:
    """Return the outputs of all stages with their hashes."""
    return {out: digest for stage in lock.values() for out, digest in stage.outputs.items()}


def is_covered(path: str, inputs: Iterable[str]) -> bool:
    """Return whether ``path`` is one of ``inputs`` or lies below one, and DVC hashes it."""
    return not path.endswith(COMPILED) and any(path == each or path.startswith(f"{each}/") for each in inputs)


def is_source(path: str) -> bool:
    """Return whether a path of dvc.yaml is the definition of a data set, where every lineage ends."""
    return path.startswith(SOURCES)


def is_code(path: str) -> bool:
    """Return whether a path of dvc.yaml is code.

    >>> is_code("src/sketch2color/files.py"), is_code("data/sources/products"), is_code("models/cyclegan")
    (True, False, False)
    """
    return not path.startswith(MADE)


def directory_hash(tree: Tree) -> str:
    """Return DVC's hash of a folder, an MD5 and ``.dir``, in the format of ``dvc_data.hashfile.tree.Tree``.

    >>> directory_hash({"b.txt": "900150983cd24fb0d6963f7d28e17f72"})
    '111d42dfe745153c3e040b7d9fcf7afc.dir'
    """
    entries = [{"md5": tree[path], "relpath": path} for path in sorted(tree)]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode()).hexdigest() + ".dir"


def md5s(paths: Iterable[Path]) -> dict[Path, str]:
    """Hash files by their content, in threads, with progress; files that cannot be read are left out."""
    files = list(dict.fromkeys(paths))
    digests = progress(thread_map(_md5, files), "hashing", total=len(files), unit="file")
    return {path: digest for path, digest in zip(files, digests, strict=True) if digest}


def _md5(path: Path) -> str | None:
    try:
        return md5(path) if path.is_file() else None  # reading a pipe would wait forever
    except OSError:
        return None


class Project:
    """An open DVC project, made by :func:`open_project`; ``cache`` is the folder of its cache."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self.root = Path(repo.root_dir)
        self.cache = Path(repo.cache.local_cache_dir)

    def declared(self) -> dict[str, DeclaredStage]:
        """Return the stages that dvc.yaml declares; a UserError if it or params.yaml cannot be read."""
        try:
            return {stage.name: _declared(stage) for stage in self._repo.stage.load_all("dvc.yaml")}
        except (DvcException, FileNotFoundError, yaml.YAMLError) as error:
            raise UserError(f"{self.root / 'dvc.yaml'}: {error}") from error

    def metrics_files(self) -> list[str]:
        """Return the files that dvc.yaml lists as metrics of the pipeline."""
        listed = document.load(self.root / "dvc.yaml").get("metrics") or []
        return sorted(name for entry in listed for name in ([entry] if isinstance(entry, str) else entry))

    def files(self, path: str) -> dict[str, Path]:
        """Return all files of a path now by their path inside, whatever a .dvcignore hides.

        Links to folders are included; of code, compiled modules are not.
        """
        full = self.root / path
        if not full.is_dir():
            return {"": full} if full.is_file() else {}
        entries = (entry for entry in sorted(full.rglob("*")) if entry.is_symlink() or not entry.is_dir())
        files = {entry.relative_to(full).as_posix(): entry for entry in entries if entry.name != DESKTOP}
        return {name: file for name, file in files.items() if not (is_code(path) and name.endswith(COMPILED))}

    def checkout(self, outs: Sequence[str]) -> None:
        """Restore outputs from the cache as dvc.lock has them; a UserError if the cache lacks some."""
        try:
            self._repo.checkout([str(self.root / out) for out in outs], force=True)
        except DvcException as error:
            raise UserError(f"the cache lacks what dvc.lock names ({error}): `dvc fetch` it first") from error

    def object(self, digest: str) -> Path:
        """Return where the cache keeps, or would keep, the object of a hash."""
        return Path(self._repo.cache.local.oid_to_path(digest))

    def tree(self, digest: str) -> Tree | None:
        """Return the files that a hash stands for; None where the cache's object is missing or corrupt."""
        if not digest.endswith(".dir"):
            return {"": digest}
        try:
            entries = parse_json(self.object(digest).read_bytes())
            tree = {entry["relpath"]: entry["md5"] for entry in entries}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return tree if directory_hash(tree) == digest else None

    def output_files(self, locked: StageHashes) -> dict[str, str]:
        """Return every file of a stage's outputs with its hash, as far as the cache lists them."""
        trees = ((out, self.tree(digest) or {}) for out, digest in locked.outputs.items())
        return {f"{out}/{name}".rstrip("/"): each for out, tree in trees for name, each in tree.items()}


@contextmanager
def open_project(root: Path) -> Iterator[Project]:
    """Open the DVC project at ``root``; a UserError if there is none, or a file of it is no YAML."""
    for path in (root / name for name in ("dvc.yaml", LOCK, "params.yaml")):
        if path.is_file():  # before DVC expands its aliases
            with document.user_errors(path, ""):
                document.load(path)
    try:
        repo = Repo(str(root))
    except DvcException as error:
        raise UserError(f"{root} is no DVC project ({error}): go to the checkout") from error
    with repo:
        yield Project(repo)


def _declared(stage: Any) -> DeclaredStage:
    params = [dep for dep in stage.deps if isinstance(dep, ParamsDependency)]
    return DeclaredStage(
        str(stage.cmd),
        {dep.def_path for dep in stage.deps if dep.protocol == "local" and dep not in params},
        {dep.def_path: dep.params for dep in params},
        {dep.def_path: dep.read_params() for dep in params},
        {out.def_path for out in stage.outs},
        {out.def_path for out in stage.outs if out.use_cache},
    )
