import subprocess

import pytest

from sketch2color.errors import UserError
from sketch2color.lineage.record import recording
from sketch2color.lineage.store import tracking_uri


def test_a_run_holds_parameters_metrics_files_and_hashes(store, runs, tmp_path):
    report = tmp_path / "report"
    report.mkdir()
    (report / "sheet.txt").write_text("pictures")
    with recording("clean", tmp_path, {"fit": "pad", "long": "x" * 9999}) as record:
        record.metrics({"iou": 0.5})
        record.metrics({"gan": 1.0}, step=1)
        record.metrics({"gan": 0.25}, step=2)
        record.files(report)
        record.hashes("input", {"data/raw/sample": "abc.dir"})
    (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("clean", "FINISHED")
    assert run.data.params["fit"] == "pad"
    assert run.data.metrics["iou"] == 0.5
    assert [point.value for point in store.get_metric_history(run.info.run_id, "gan")] == [1.0, 0.25]
    assert run.data.tags["dvc.input.data/raw/sample"] == "abc.dir"
    assert [file.path for file in store.list_artifacts(run.info.run_id, "report")] == ["report/sheet.txt"]


def test_a_failed_stage_is_a_run_marked_so(runs, tmp_path):
    with pytest.raises(ZeroDivisionError), recording("clean", tmp_path, {}):
        raise ZeroDivisionError
    assert runs()[0].info.status == "FAILED"


@pytest.mark.parametrize("dirty", [False, True])
def test_the_commit_is_kept_and_whether_files_differ_from_it(runs, tmp_path, dirty):
    def git(*arguments):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        return subprocess.check_output(["git", *identity, *arguments], cwd=tmp_path, text=True).strip()

    git("init", "-q")
    (tmp_path / "code.py").write_text("one")
    git("add", "code.py")
    git("commit", "-qm", "one")
    (tmp_path / "code.py").write_text("two" if dirty else "one")
    with recording("clean", tmp_path, {}):
        pass
    tags = runs()[0].data.tags
    assert tags["git.commit"] == git("rev-parse", "HEAD")
    assert tags["git.dirty"] == str(dirty).lower()


def test_outside_of_git_a_run_has_no_commit(runs, tmp_path):
    with recording("clean", tmp_path, {}):
        pass
    assert "git.commit" not in runs()[0].data.tags


def test_a_store_that_cannot_be_used_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://nowhere")
    with pytest.raises(UserError, match="check MLFLOW_TRACKING_URI") as error, recording("x", tmp_path, {}):
        pass
    assert "\n" not in str(error.value)


def test_an_experiment_in_a_copy_is_recorded_where_it_was_started(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    copy = tmp_path / ".dvc" / "tmp" / "exps" / "standalone" / "tmpxyz"
    copy.mkdir(parents=True)
    assert tracking_uri(copy) == tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve() / 'mlflow.db'}"


def test_the_environment_names_another_store(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path) == "http://127.0.0.1:5000"
