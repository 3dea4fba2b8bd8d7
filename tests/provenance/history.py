"""A small DVC project with the real pipeline's stages and a history, its runs recorded by the real frame."""

import runpy
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import torch  # noqa: F401 - before the first run, or only the later ones would say what they computed with
import yaml
from dvc.repo import Repo

TINY = Path(__file__).parent / "tiny"
ROOT = Path(__file__).parents[2]
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@localhost")


def git(root, *arguments):
    command = ["git", "-C", str(root), *IDENTITY, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(root, message):
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)


def make_project(root):
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "stages.yaml").rename(root / "dvc.yaml")  # which DVC would take for one of this repository's own
    shutil.copy(ROOT / ".gitignore", root)
    shutil.copy(ROOT / ".dvcignore", root)
    for dataset, domains in {"boxes": ("sketch", "color"), "cups": ("color", "sketch")}.items():
        source = root / "data" / "sources" / dataset
        for domain in domains:
            for number in range(6):
                file = source / "images" / domain / f"{dataset}{number}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{dataset} {domain} {number}")
        about = {"type": "folder", "path": "images", "license": "CC0-1.0" if dataset == "boxes" else "MIT"}
        (source / "source.yaml").write_text(yaml.safe_dump(about))
    set_params(root, dataset="boxes", preset="quick", base=ROOT / "params.yaml")
    git(root.parent, "init", "-q", "-b", "main", str(root))
    Repo.init(str(root)).close()
    commit(root, "the project")


def set_params(root, base=None, **values):
    """Set params by dotted name."""
    content = yaml.safe_load((base or root / "params.yaml").read_text())
    content["presets"] = {"quick": content["presets"]["quick"]}  # DVC parses the file a hundred times
    for name, value in values.items():
        *sections, key = name.split("__")
        place = content
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = value
    (root / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def reproduce(root, monkeypatch, **options):
    """Run `dvc repro`; return the names of the stages that ran."""
    with stages_here(root, monkeypatch) as (repo, ran):
        repo.reproduce(**options)
    return ran


@contextmanager
def stages_here(root, monkeypatch):
    """Open the project; its stages run in this process: an interpreter for each would take too long."""
    ran = []

    def run_here(stage, dry=False, run_env=None):
        ran.append(stage.name)
        with monkeypatch.context() as patched:
            patched.syspath_prepend(str(root))
            patched.delenv("MLFLOW_TRACKING_URI", raising=False)
            for name in [name for name in sys.modules if name == "src" or name.startswith("src.")]:
                patched.delitem(sys.modules, name)
            patched.setattr(sys, "dont_write_bytecode", True)
            runpy.run_path(f"pipeline/{stage.name}.py", run_name="__main__")

    with monkeypatch.context() as patched:
        patched.chdir(root)
        patched.setattr("dvc.stage.run.cmd_run", run_here)
        with Repo(str(root)) as repo:
            yield repo, ran


@contextmanager
def store(root):
    """The tables of the project's MLflow store."""
    with closing(sqlite3.connect(root / "mlflow.db")) as tables, tables:
        yield tables


def copy_project(origin, root):
    """Copy a project with cache and record; the copied record knows the copied artifacts."""
    shutil.copytree(origin, root, symlinks=True)
    old, new = (origin / "mlruns").as_uri(), (root / "mlruns").as_uri()
    with store(root) as tables:
        tables.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)", (old, new)
        )
        tables.execute(
            "UPDATE logged_models SET artifact_location = replace(artifact_location, ?, ?)", (old, new)
        )
        tables.execute("UPDATE runs SET artifact_uri = replace(artifact_uri, ?, ?)", (old, new))
    return root
