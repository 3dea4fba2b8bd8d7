"""The report that a run of the pipeline left: in a folder, in git and DVC's cache, or in MLflow's record."""

import re
import tempfile
from pathlib import Path

import dvc.api
import mlflow
from dvc.exceptions import DvcException, PathMissingError
from dvc.scm import SCMError
from dvc_data.index import DataIndexError
from mlflow.exceptions import MlflowException

from sketch2color.errors import UserError
from sketch2color.provenance.record.store import expect_answer, local_uri, tracking_uri

REPORT = Path("reports/evaluate/report.html")
ARTIFACT = "evaluate/report.html"
MLFLOW_RUN = re.compile("[0-9a-f]{32}")


def read_report(run: str, root: Path) -> str:
    """Return the page of ``run``.

    Args:
        run: a checkout, its folder of the report, or the file; or a git revision or DVC experiment of the
            checkout ``root``; or the id of an MLflow run of the stage evaluate.
        root: the checkout whose DVC cache and MLflow record are asked.

    Raises:
        UserError: there is no such run, or it has no report.
    """
    path = Path(run)
    if path.exists():
        return _of_folder(path)
    if MLFLOW_RUN.fullmatch(run):
        return _of_mlflow(run, root)
    return _of_revision(run, root)


def _of_folder(path: Path) -> str:
    places = [path] if path.is_file() else [path / REPORT, path / REPORT.name]
    for place in places:
        if place.is_file():
            try:
                return place.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                raise UserError(f"{place} is no report: name the folder of a run") from None
    raise UserError(f"{path} has no {REPORT}: run `dvc repro` there first")


def _of_revision(run: str, root: Path) -> str:
    try:
        return str(dvc.api.read(REPORT.as_posix(), repo=str(root), rev=run, encoding="utf-8"))
    except (FileNotFoundError, PathMissingError, DataIndexError):
        raise UserError(
            f"{run} has no {REPORT} in DVC's cache: `dvc fetch` it, or check {run} out and run `dvc repro`"
        ) from None
    except (SCMError, DvcException) as error:
        raise UserError(
            f"{run} is no folder, git revision, DVC experiment or MLflow run ({error}): try `dvc exp list -A`"
        ) from error


def _of_mlflow(run: str, root: Path) -> str:
    uri = tracking_uri(root)
    expect_answer(uri)
    if uri == local_uri(root) and not Path(uri.removeprefix("sqlite:///")).exists():
        raise UserError(f"{run}: there is no MLflow record in {root}, and MLFLOW_TRACKING_URI names none")
    try:
        with tempfile.TemporaryDirectory() as folder:
            page = mlflow.MlflowClient(uri).download_artifacts(run, ARTIFACT, folder)
            return Path(page).read_text(encoding="utf-8")
    except (MlflowException, OSError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"MLflow's run {run} has no report ({reason}): name one of evaluate") from error
