import json
import logging
import subprocess

import mlflow
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


DIGEST = "0123456789abcdef0123456789abcdef.dir"


def logged(run):
    return {
        each.dataset.name: (each.tags[0].value, each.dataset.digest, each.dataset.profile)
        for each in run.inputs.dataset_inputs
    }


def test_data_sets_and_nothing_else_are_logged_as_such(runs, tmp_path):
    with recording("clean", tmp_path, {}) as record:
        record.metrics({"pictures": 3, "marked": 1})
        record.hashes(
            "input", {"data/raw/sample": DIGEST, "src/a.py": "1", "data/raw/sample/source.json": "2"}
        )
        record.metrics({"loss": 0.5}, step=1)
        record.hashes("output", {"data/clean/sample": DIGEST, "models/cyclegan": DIGEST})
        record.metrics({"seconds": 9})
    (run,) = runs()
    profile = logged(run)["data/clean/sample"][2]
    assert json.loads(profile) == {"pictures": 3.0, "marked": 1.0}
    assert logged(run) == {
        "data/raw/sample": ("input", DIGEST, None),
        "data/clean/sample": ("output", DIGEST, profile),
    }


def test_a_data_set_leads_from_the_record_to_its_files(runs, tmp_path, monkeypatch):
    (tmp_path / "data/raw/sample").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with recording("ingest", tmp_path, {}) as record:
        record.hashes("output", {"data/raw/sample": DIGEST})
    (found,) = runs()[0].inputs.dataset_inputs
    assert found.dataset.profile is None
    assert mlflow.data.get_source(found).load().endswith("data/raw/sample")


def test_a_new_store_is_made_without_a_word(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'new.db'}")
    with caplog.at_level(logging.INFO), recording("clean", tmp_path, {}):
        pass
    assert (tmp_path / "new.db").exists()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


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
