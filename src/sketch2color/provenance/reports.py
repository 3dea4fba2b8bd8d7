"""Read the report of a run of the pipeline: from a folder, from git and DVC's cache, or from MLflow."""

import re
from pathlib import Path

import dvc.api
from dvc.exceptions import DvcException, PathMissingError
from dvc.scm import SCMError
from dvc_data.index import DataIndexError

from sketch2color.errors import UserError
from sketch2color.provenance.runs import open_runs

REPORT = Path("reports/evaluate/report.html")
ARTIFACT = "evaluate/report.html"
MLFLOW_ID = re.compile("[0-9a-f]{32}")


def read_report(name: str, root: Path) -> str:
    """Return the HTML of a report.

    Args:
        name: a checkout, the folder of its report, or the file; or a git revision or DVC experiment of the
            checkout ``root``; or the id of an MLflow run of the stage evaluate.
        root: the checkout whose DVC cache and MLflow record are read.

    Raises:
        UserError: there is no such run, or it has no report.
    """
    if Path(name).exists():
        return _from_path(Path(name))
    return _from_mlflow(name, root) if MLFLOW_ID.fullmatch(name) else _from_revision(name, root)


def _from_path(path: Path) -> str:
    places = [path] if path.is_file() else [path / REPORT, path / REPORT.name]
    for file in filter(Path.is_file, places):
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UserError(f"{file} is no report: name the folder of a run") from None
    raise UserError(f"{path} has no {REPORT}: run `dvc repro` there first")


def _from_revision(name: str, root: Path) -> str:
    try:
        return str(dvc.api.read(REPORT.as_posix(), repo=str(root), rev=name, encoding="utf-8"))
    except (FileNotFoundError, PathMissingError, DataIndexError):
        raise UserError(
            f"{name} has no {REPORT} in DVC's cache: `dvc fetch` it, or check {name} out and run `dvc repro`"
        ) from None
    except (SCMError, DvcException) as error:
        raise UserError(
            f"{name} is no folder, git revision, DVC experiment or MLflow run ({error}): `dvc exp list -A`"
        ) from error


def _from_mlflow(name: str, root: Path) -> str:
    with open_runs(root) as runs:
        run = runs.find(name)
        file = runs.artifacts(run).get(ARTIFACT) if run else None
        if file is None:
            raise UserError(f"MLflow's run {name} has no report in {runs.uri}: name a run of evaluate")
        return file.read_text(encoding="utf-8")
