import hashlib
import importlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import mlflow
import pytest

from sketch2color.errors import UserError
from sketch2color.provenance import record
from sketch2color.provenance.record import run
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.record.store import close_abandoned, tracking_uri
from sketch2color.provenance.runs import open_runs

pytestmark = pytest.mark.slow  # each fills a store of its own

NOTHING = StageHashes("", {}, {}, {})


def recording(stage, root, params, before=NOTHING):
    return run.recording(stage, tracking_uri(root), root, params, before)


def lineage(store, run):
    return json.loads(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/lineage.json"))


def test_a_run_holds_parameters_metrics_files_and_hashes(store, runs, tmp_path):
    report = tmp_path / "report"
    report.mkdir()
    (report / "sheet.txt").write_text("images")
    with recording("clean", tmp_path, {"fit": "pad", "long": "x" * 9999}) as record:
        record.metrics({"iou": 0.5})
        record.metrics({"gan": 1.0}, step=1)
        record.metrics({"gan": 0.25}, step=2)
        record.files(report)
        record.hashes("input", {"data/raw/products": "abc.dir"})
    (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("clean", "FINISHED")
    assert run.data.params["fit"] == "pad"
    assert run.data.metrics["iou"] == 0.5
    assert [point.value for point in store.get_metric_history(run.info.run_id, "gan")] == [1.0, 0.25]
    assert run.data.tags["dvc.input.data/raw/products"] == "abc.dir"
    assert [file.path for file in store.list_artifacts(run.info.run_id, "report")] == ["report/sheet.txt"]


DIGEST = "0123456789abcdef0123456789abcdef.dir"


def logged(run):
    return {
        each.dataset.name: (each.tags[0].value, each.dataset.digest, each.dataset.profile)
        for each in run.inputs.dataset_inputs
    }


def test_data_sets_and_nothing_else_are_logged_as_such(runs, tmp_path):
    with recording("clean", tmp_path, {}) as record:
        record.metrics({"images": 3, "marked": 1})
        record.hashes(
            "input", {"data/raw/products": DIGEST, "src/a.py": "1", "data/raw/products/source.json": "2"}
        )
        record.metrics({"loss": 0.5}, step=1)
        record.hashes("output", {"data/clean/products": DIGEST, "models/cyclegan": DIGEST})
        record.metrics({"seconds": 9})
    (run,) = runs()
    profile = logged(run)["data/clean/products"][2]
    assert json.loads(profile) == {"images": 3.0, "marked": 1.0}
    assert logged(run) == {
        "data/raw/products": ("input", DIGEST, None),
        "data/clean/products": ("output", DIGEST, profile),
    }


def test_a_data_set_leads_from_the_record_to_its_files(runs, tmp_path, monkeypatch):
    (tmp_path / "data/raw/products").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with recording("ingest", tmp_path, {}) as record:
        record.hashes("output", {"data/raw/products": DIGEST})
    (found,) = runs()[0].inputs.dataset_inputs
    assert found.dataset.profile is None
    assert mlflow.data.get_source(found).load().endswith("data/raw/products")


def test_a_new_store_is_made_without_a_word(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'new.db'}")
    with caplog.at_level(logging.INFO), recording("clean", tmp_path, {}):
        pass
    assert (tmp_path / "new.db").exists()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_what_went_in_and_came_out_is_kept_in_one_file(store, runs, tmp_path):
    report = tmp_path / "report"
    report.mkdir()
    (report / "sheet.txt").write_text("images")
    before = StageHashes("python clean.py", {"params.yaml": {"clean": {"fit": "pad"}}}, {"code.py": "1"}, {})
    with recording("clean", tmp_path, {}, before) as kept:
        kept.metrics({"iou": 0.1 + 0.2})
        kept.metrics({"gan": 1.0}, step=1)
        kept.files(report)
        kept.hashes("output", {"out": "2.dir"})
    (run,) = runs()
    found = lineage(store, run)
    assert found["stage"] == "clean"
    assert (found["command"], found["params"]) == (before.command, before.params)
    assert (found["inputs"], found["outputs"]) == ({"code.py": "1"}, {"out": "2.dir"})
    assert found["metrics"] == {"iou": 0.1 + 0.2}
    assert found["artifacts"] == {"report/sheet.txt": hashlib.md5(b"images").hexdigest()}
    assert found["pipeline"] == run.data.tags["pipeline"]
    assert found["environment"]["python"] == run.data.tags["env.python"]
    assert run.data.tags["command"] == before.command
    assert run.data.tags["dvc.input.code.py"] == "1"


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (UserError("no image: put some there"), "FAILED", "no image: put some there"),
        (ZeroDivisionError("by zero\nand more"), "FAILED", "ZeroDivisionError: by zero and more"),
        (KeyboardInterrupt(), "KILLED", "interrupted"),
    ],
)
def test_a_stage_that_did_not_finish_is_a_run_that_says_why(runs, tmp_path, error, status, reason):
    with pytest.raises(type(error)), recording("clean", tmp_path, {}):
        raise error
    (run,) = runs()
    assert (run.info.status, run.data.tags["failure"]) == (status, reason)


def test_a_run_of_a_process_that_has_ended_is_closed_by_the_next(store, runs, tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from sketch2color.provenance.record.run import recording\n"
        "from sketch2color.provenance.record.dvc_hashes import StageHashes\n"
        "with recording('clean', sys.argv[1], Path(sys.argv[2]), {}, StageHashes('', {}, {}, {})):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tracking_uri(tmp_path), str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [run.info.status for run in runs()] == ["RUNNING"]
    with recording("ingest", tmp_path, {}):
        kept = {run.info.run_name: run for run in runs()}
        assert kept["clean"].info.status == "KILLED"
        assert "was killed" in kept["clean"].data.tags["failure"]
        assert kept["ingest"].info.status == "RUNNING"
        client = mlflow.MlflowClient()
        close_abandoned(kept["ingest"].info.experiment_id)  # as a pipeline beside this one would
        assert client.get_run(kept["ingest"].info.run_id).info.status == "RUNNING"


def test_two_processes_may_make_and_fill_one_store(tmp_path, monkeypatch):
    uri = f"sqlite:///{tmp_path / 'new.db'}"
    script = (
        "import sys; from pathlib import Path\n"
        "from sketch2color.provenance.record.run import recording\n"
        "from sketch2color.provenance.record.dvc_hashes import StageHashes\n"
        "with recording(sys.argv[3], sys.argv[1], Path(sys.argv[2]), {}, StageHashes('', {}, {}, {})) as a:\n"
        "    for step in range(20): a.metrics({'loss': step}, step)\n"
    )
    names = ("ingest", "clean")
    started = [
        subprocess.Popen([sys.executable, "-c", script, uri, str(tmp_path), name], stderr=subprocess.PIPE)
        for name in names
    ]
    assert [process.communicate()[1].decode()[-300:] for process in started] == ["", ""]
    client = mlflow.MlflowClient(uri)
    runs = client.search_runs([client.get_experiment_by_name("sketch2color").experiment_id])
    assert {run.info.run_name: run.info.status for run in runs} == dict.fromkeys(names, "FINISHED")
    assert [len(client.get_metric_history(run.info.run_id, "loss")) for run in runs] == [20, 20]


def git(root, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    return subprocess.check_output(["git", *identity, *arguments], cwd=root, text=True).strip()


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    (root / "src").mkdir(parents=True)
    git(root, "init", "-q")
    for name in ("src/code.py", "dvc.lock"):
        (root / name).write_text("one\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


@pytest.mark.parametrize("edited", [[], ["dvc.lock"], ["src/code.py"], ["src/new.py"]])
def test_the_commit_is_kept_and_what_differs_from_it(runs, repository, edited):
    for name in edited:
        (repository / name).write_text("two\n")
    with recording("clean", repository, {}):
        pass
    (run,) = runs()
    assert run.data.tags["git.commit"] == git(repository, "rev-parse", "HEAD")
    code = [name for name in edited if name != "dvc.lock"]  # which DVC writes anew after each stage
    assert run.data.tags["git.dirty"] == str(bool(code)).lower()
    patch = Path(run.info.artifact_uri.removeprefix("file://")) / "diff.patch"
    assert patch.exists() == bool(code)
    if code:
        git(repository, "checkout", "-q", ".")
        git(repository, "clean", "-fdq", "src")
        git(repository, "apply", str(patch))
        assert (repository / code[0]).read_text() == "two\n"


def test_what_git_was_told_to_hide_is_kept_as_well(store, runs, repository):
    git(repository, "update-index", "--assume-unchanged", "src/code.py")
    (repository / "src/code.py").write_text("two\n")
    (repository / ".git/info/exclude").write_text("*\n")
    (repository / "src/yaml.py").touch()
    with recording("clean", repository, {}):
        pass
    (run,) = runs()
    assert run.data.tags["git.dirty"] == "true"
    assert lineage(store, run)["git"]["unknown_modules"] == ["src/yaml.py"]


def test_names_that_are_not_utf_8_and_filters_of_git_hide_nothing(repository):
    name = os.fsdecode(b"src/\xff.py")
    (repository / name).write_text("one\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "two")
    assert Git(repository).uncommitted("src") == []
    (repository / name).write_text("two\n")
    assert Git(repository).uncommitted("src") == [name]
    (repository / ".git/info/attributes").write_text("*.py diff=hidden\n")
    git(repository, "config", "diff.hidden.textconv", "true")
    assert "+two" in Git(repository).patch()


def test_variables_of_another_repository_change_nothing(repository, tmp_path, monkeypatch):
    head = git(repository, "rev-parse", "HEAD")
    for name in ("DIR", "WORK_TREE", "INDEX_FILE"):
        monkeypatch.setenv(f"GIT_{name}", str(tmp_path / "elsewhere"))
    assert Git(repository).head == head
    assert Git(repository).patch() == ""


def test_the_lineage_says_what_the_run_was_when_it_ended(store, runs, tmp_path):
    with recording("clean", tmp_path, {"fit": "pad"}) as record:
        record.metrics({"gan": 1.0}, step=1)
        record.metrics({"gan": 0.5}, step=2)
        record.hashes("input", {"data/raw/products": DIGEST, "code.py": "1"})
    (run,) = runs()
    ended = lineage(store, run)["run"]
    assert ended["params"] == {"fit": "pad"}
    assert re.fullmatch(r"2 points to 0\.5 \([0-9a-f]{16}\)", ended["curves"]["gan"])
    assert ended["datasets"] == {"data/raw/products": f"input {DIGEST}"}
    assert ended["tags"] == {
        name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")
    }


def test_the_variables_of_an_outer_job_redirect_nothing(store, runs, tmp_path, monkeypatch):
    with recording("evaluate", tmp_path, {}) as outer:
        pass
    before = store.get_run(outer.run_id).to_dictionary()
    for name in record.OUTER_JOB:
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("MLFLOW_RUN_ID", outer.run_id)
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"job": "outer"}')
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "nonsense://nowhere")
    importlib.reload(record)  # as the first import in a process does
    with recording("ingest", tmp_path, {}) as own:
        own.metrics({"images": 3})
        assert mlflow.get_registry_uri() == mlflow.get_tracking_uri()
    assert store.get_run(outer.run_id).to_dictionary() == before
    run, _ = runs()
    assert (run.info.run_id, run.info.run_name, run.info.status) == (own.run_id, "ingest", "FINISHED")
    assert lineage(store, run)["run"]["curves"].keys() == {"images"}
    assert "job" not in run.data.tags


def test_metrics_of_the_machine_are_none_of_the_stages(store, runs, tmp_path):
    with recording("clean", tmp_path, {}):
        mlflow.log_metric("system/cpu_utilization_percentage", 50.0)
    assert lineage(store, runs()[0])["run"]["curves"] == {}


def test_outside_of_git_a_run_has_no_commit(runs, tmp_path):
    with recording("clean", tmp_path, {}):
        pass
    assert "git.commit" not in runs()[0].data.tags


UNUSABLE = {
    "nonsense://nowhere": "unsupported URI",
    "sqlite:x.db": "names no file",
    "SQLITE:///x.db": "names no file",
    "sqlite://": "names no file",
    "sqlite:///:memory:": "names no file",
    "sqlite:///file:x.db?mode=memory&uri=true": "names no file",
    "sqlite:///.": "names no file",
    "sqlite:///folder": "folder is no file",
    "sqlite:////dev/null": "/dev/null is no file",
    "sqlite:///text.db": "file is not a database",
    "sqlite:///text.db/x.db": "File exists",
    "sqlite+other:///x.db": "Can't load plugin",
    "sqlite:///x.db?timeout=long": "could not convert",
    "postgresql://localhost/x": "No module named",
}


@pytest.mark.parametrize("uri", UNUSABLE)
def test_a_store_that_cannot_be_used_is_one_line(monkeypatch, tmp_path, uri):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("no database, but a text")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with (
        pytest.raises(UserError, match=f"{UNUSABLE[uri]}.*; check MLFLOW_TRACKING_URI") as error,
        recording("x", tmp_path, {}),
    ):
        pass
    assert "\n" not in str(error.value)
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("uri", ["sqlite:x.db", "sqlite:///folder", "postgresql://localhost/x"])
def test_a_record_that_cannot_be_read_is_one_line(monkeypatch, tmp_path, uri):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(UserError, match="check MLFLOW_TRACKING_URI"), open_runs(tmp_path):
        pass


@pytest.mark.parametrize(
    "address", ["http://{}", "HTTP://{}", f"http://{'a' * 64}.org", "https://[", "http:x"]
)
def test_a_server_that_is_away_is_one_line_that_says_how_to_go_on(monkeypatch, tmp_path, address):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address.format(place))
    with pytest.raises(UserError, match=r"tracking\.offline: true") as error, recording("x", tmp_path, {}):
        pass
    assert "\n" not in str(error.value)


def test_a_server_that_fails_is_not_asked_for_minutes(monkeypatch, tmp_path):
    class Failing(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(503)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Failing) as server:
        Thread(target=server.handle_request).start()  # one: another would wait for ever
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(UserError, match=r"does not answer \(HTTPError\)"), recording("x", tmp_path, {}):
            pass


def test_offline_the_checkout_keeps_the_record_whatever_server_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path, offline=True) == f"sqlite:///{tmp_path.resolve() / 'mlflow.db'}"


def test_an_experiment_in_a_copy_is_recorded_where_it_was_started(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    copy = tmp_path / ".dvc" / "tmp" / "exps" / "standalone" / "tmpxyz"
    copy.mkdir(parents=True)
    assert tracking_uri(copy) == tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve() / 'mlflow.db'}"


def test_the_environment_names_another_store(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path) == "http://127.0.0.1:5000"
