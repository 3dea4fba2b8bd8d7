import json
import re

import pytest
from tests.provenance import history

from sketch2color.cli import main
from sketch2color.errors import UserError
from sketch2color.provenance.audit.audit import audit
from sketch2color.provenance.audit.checks.lineage import _unknown_modules
from sketch2color.provenance.dvc import read_lock

pytestmark = pytest.mark.slow

STAGES = ["clean", "evaluate", "ingest", "train_cyclegan", "transfer_style"]


def test_nothing_is_found_where_nothing_was_changed(project):
    report = audit(project)
    assert report.findings == []
    assert {stage: len(runs) for stage, runs in report.runs.items()} == dict.fromkeys(STAGES, 1)


def test_variables_of_git_hide_nothing(project, monkeypatch):
    for kind in ("LITERAL", "GLOB", "NOGLOB", "ICASE"):  # git itself refuses some of them together
        monkeypatch.setenv(f"GIT_{kind}_PATHSPECS", "1")
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY"):  # as in a hook of another repository
        monkeypatch.setenv(f"GIT_{name}", str(project / "elsewhere"))
    assert audit(project).ok
    (project / "pipeline/clean.py").write_text("pass\n")
    assert [each.where for each in audit(project).findings] == ["pipeline/clean.py"]


def test_a_repository_that_git_cannot_read_is_one_line(project, capsys):
    tree = history.git(project, "rev-parse", "HEAD^{tree}")
    (project / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SystemExit) as stop:
        main(["audit"])
    assert re.fullmatch(r"sketch2color audit: git ls-tree in [^\n]*", stop.value.code)


def test_the_table_has_a_line_for_each_stage_and_each_finding(project, capsys):
    assert main(["audit"]) == 0
    sound = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in sound] == [[stage, "ok"] for stage in STAGES]
    (project / "models/cyclegan/config.json").write_text("{}")
    assert main(["audit"]) == 1
    *table, finding = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()[1:3]) for line in table] == [
        "ok run",
        "ok run",
        "ok run",
        "1 finding",
        "ok run",
    ]
    assert finding == (
        "train_cyclegan: output models/cyclegan changed: config.json -> `dvc checkout models/cyclegan` "
        "restores it, `dvc repro train_cyclegan` makes it again"
    )


def test_json_has_everything(project, capsys):
    for image in (project / "data/clean/boxes").rglob("*.png"):
        image.write_text("changed")
    assert main(["audit", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert {stage: len(runs) for stage, runs in report["runs"].items()} == dict.fromkeys(STAGES, 1)
    (finding,) = report["findings"]
    assert finding["stage"] == "clean"
    assert len(finding["files"]) == 12
    assert finding["differs"].endswith("and 9 more")


def test_trace_and_diff_print_both_ways(project, capsys):
    assert main(["trace", "evaluate/cyclegan/kid"]) == 0
    assert capsys.readouterr().out.startswith("evaluate/cyclegan/kid\n")
    assert main(["trace", "evaluate/cyclegan/kid", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"] is True
    assert found["lineage"][0]["stage"] == "evaluate"
    assert {each["path"] for each in found["lineage"][0]["inputs"]} >= {"models/cyclegan", "data/clean/boxes"}
    assert {each["path"] for each in found["lineage"]} >= {"data/raw/boxes", "data/sources/boxes"}
    assert main(["diff", "HEAD~2", ".", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["params"] == {"train_cyclegan.learning_rate": [0.0005, 0.25]}


@pytest.mark.parametrize("name", ["dvc.yaml", "dvc.lock", "params.yaml"])
def test_a_file_that_is_no_yaml_is_one_line(project, name):
    (project / name).write_text("stages: [")
    with pytest.raises(SystemExit) as stop:
        main(["audit"])
    assert re.fullmatch(rf"sketch2color audit: [^\n]*{re.escape(name)}[^\n]*", stop.value.code)


def test_corrupt_metrics_are_a_finding_and_no_crash(project):
    (project / "reports/evaluate/metrics.json").write_text("{not JSON")
    assert [each.where for each in audit(project).findings] == ["reports/evaluate"]


def test_a_module_that_a_run_could_import_unseen_is_found(project):
    locked = read_lock(project)["clean"]
    git = {"unknown_modules": ["pipeline/yaml.py", "src/new.py", "src/new.pyc"]}
    found = [path for path, _ in _unknown_modules({"git": git}, locked)]
    assert found == ["pipeline/yaml.py", "src/new.pyc"]  # the hash of src covers the other
    assert list(_unknown_modules({}, locked)) == []


def test_without_git_there_is_nothing_to_hold_on_to(tmp_path):
    with pytest.raises(UserError, match="is no git checkout with a commit"):
        audit(tmp_path)


def test_without_results_there_is_nothing_to_audit(project):
    (project / "dvc.lock").unlink()
    with pytest.raises(UserError, match="run `dvc repro`, which makes it"):
        audit(project)


def test_a_store_that_is_none_is_one_line(project):
    (project / "mlflow.db").write_text("no database")
    with pytest.raises(UserError, match=r"MLflow store sqlite:.*check MLFLOW_TRACKING_URI"):
        audit(project)
