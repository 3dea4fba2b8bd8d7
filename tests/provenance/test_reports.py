import gc
import shutil
import subprocess
from contextlib import chdir

import pytest
from dvc.repo import Repo

from sketch2color.errors import UserError
from sketch2color.provenance.reports import REPORT, read_report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(  # what DVC leaves to the garbage collector
        "ignore:unclosed Pack:ResourceWarning", "ignore:ObjectStore .* unclosed pack:ResourceWarning"
    ),
]
NO_RUN = "0123456789abcdef0123456789abcdef"


def commit(root, message):
    """Reproduce, and commit what git keeps."""
    with chdir(root), Repo() as repo:
        repo.reproduce()
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", message], cwd=root, check=True)


@pytest.fixture(autouse=True)
def collected():
    """Leave no warning to the tests of others."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Two commits and an experiment, each with a report of its own: page 1, page 2 and page 3."""
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    for key, value in (("user.name", "n"), ("user.email", "n@example.org")):
        subprocess.run(["git", "config", key, value], cwd=root, check=True)
    Repo.init(str(root)).close()
    (root / "params.yaml").write_text("seed: 1\n")
    (root / "code.sh").write_text(f"mkdir -p {REPORT.parent}; sed 's/seed:/page/' params.yaml > {REPORT}\n")
    (root / "dvc.yaml").write_text(
        f"stages:\n  evaluate:\n    cmd: sh code.sh\n    params: [seed]\n    outs: [{REPORT.parent}]\n"
    )
    commit(root, "one")
    (root / "params.yaml").write_text("seed: 2\n")
    commit(root, "two")
    with chdir(root), Repo() as repo:
        repo.experiments.run(name="tuesday", params=["seed=3"], tmp_dir=True)
    return root


@pytest.mark.parametrize(
    ("run", "page"), [("HEAD~1", "page 1\n"), ("HEAD", "page 2\n"), ("tuesday", "page 3\n")]
)
def test_a_revision_or_experiment_is_read_from_the_cache(repository, run, page):
    assert read_report(run, repository) == page
    assert (repository / REPORT).read_text() == "page 2\n"  # nothing is checked out


def test_a_checkout_a_folder_and_a_file_are_read_as_they_lie(repository):
    for path in (repository, repository / REPORT.parent, repository / REPORT):
        assert read_report(str(path), repository) == "page 2\n"


def test_what_has_no_report_is_one_line(repository, tmp_path):
    with pytest.raises(UserError, match=r"has no reports/evaluate/report\.html: run `dvc repro` there"):
        read_report(str(tmp_path), repository)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(UserError, match=r"image\.png is no report"):
        read_report(str(tmp_path / "image.png"), repository)
    with pytest.raises(UserError, match="nosuch is no folder, git revision, DVC experiment or MLflow run"):
        read_report("nosuch", repository)


def test_a_report_that_has_left_the_cache_is_one_line(repository, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    shutil.rmtree(copy / ".dvc" / "cache")
    with pytest.raises(UserError, match=r"HEAD~1 has no reports/evaluate/report\.html in DVC's cache"):
        read_report("HEAD~1", copy)


def test_a_run_of_the_record_is_read_from_its_artifacts(store, tmp_path):
    experiment = store.create_experiment("any", (tmp_path / "artifacts").as_uri())
    run, empty = (store.create_run(experiment).info.run_id for _ in range(2))
    page = tmp_path / "report.html"
    page.write_text("page ü\n", encoding="utf-8")
    store.log_artifact(run, str(page), "evaluate")
    assert read_report(run, tmp_path) == "page ü\n"
    with pytest.raises(UserError, match=f"run {empty} has no report"):
        read_report(empty, tmp_path)
    with pytest.raises(UserError, match=f"run {NO_RUN} has no report"):
        read_report(NO_RUN, tmp_path)


def test_where_there_is_no_record_none_is_made(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UserError, match=f"run {NO_RUN} has no report"):
        read_report(NO_RUN, tmp_path)
    assert list(tmp_path.iterdir()) == []
