import os
import signal
import subprocess
import sys
import time

import pytest
from tests.provenance import history

from sketch2color.errors import UserError
from sketch2color.provenance.rerun import rerun

pytestmark = pytest.mark.slow


def cache_of(root):
    return {path: path.read_bytes() for path in (root / ".dvc/cache").rglob("*") if path.is_file()}


def edit(root, script, old, new):
    path = root / "pipeline" / script
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_stage_run_again_writes_the_same_bytes_and_leaves_nothing_behind(project, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before, record = cache_of(project), (project / "mlflow.db").read_bytes()
    report = rerun(project, "clean")
    assert report.ok
    assert list(report.runs) == ["clean"]
    assert list(scratch.iterdir()) == []
    assert cache_of(project) == before
    assert (project / "mlflow.db").read_bytes() == record
    assert history.git(project, "status", "--porcelain") == ""


def test_files_that_come_out_otherwise_are_named(project, monkeypatch):
    edit(
        project, "evaluate.py", "painted.append(blend(", "painted.append(blend(__import__('os').urandom(9), "
    )
    history.reproduce(project, monkeypatch, targets=["evaluate"])
    history.commit(project, "every run gives another image")
    findings = rerun(project, "evaluate").findings
    assert [(each.kind, each.where) for each in findings] == [
        ("rerun", "reports/evaluate"),
        ("rerun", "results/cyclegan"),
    ]
    assert findings[0].differs == "changed: metrics.json, report.html"
    assert len(findings[1].files) == 2


def test_a_stage_that_fails_is_a_finding(project):
    edit(
        project,
        "clean.py",
        "def work(stage):",
        "def work(stage):\n    raise SystemExit(3)",
    )
    history.commit(project, "broken")
    (finding,) = rerun(project, "clean").findings
    assert finding.differs == "`PYTHONPATH=. python pipeline/clean.py` ended with exit code 3"


def test_an_unknown_stage_is_one_line(project):
    with pytest.raises(UserError, match=r"dvc\.lock has no stage dream; it has clean, evaluate"):
        rerun(project, "dream")


def test_ctrl_c_removes_the_clone_and_ends_the_stage(project, tmp_path):
    slow = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
    edit(project, "clean.py", "def work(stage):", f"def work(stage):\n    {slow}")
    history.commit(project, "slow")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # whoever ignores it
    program = "import sys; from sketch2color.cli import main; sys.exit(main(['audit', '--rerun', 'clean']))"
    command = [sys.executable, "-W", "ignore", "-c", f"{heed}; {program}"]
    process = subprocess.Popen(
        command, cwd=project, env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.PIPE, text=True
    )
    stage = next(int(line.split()[1]) for line in process.stderr if line.startswith("pid "))
    process.send_signal(signal.SIGINT)
    assert process.wait() == 1
    assert "sketch2color audit: stopped" in process.stderr.read()
    process.stderr.close()
    assert list(scratch.iterdir()) == []
    for _ in range(100):  # the system may take a moment to bury it
        try:
            os.kill(stage, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the stage lives on")
