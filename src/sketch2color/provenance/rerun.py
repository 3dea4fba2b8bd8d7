"""Run stages again in a clone and compare their outputs byte for byte."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.provenance.audit.audit import AuditReport
from sketch2color.provenance.audit.checks.files import compare_trees
from sketch2color.provenance.audit.checks.finding import Finding
from sketch2color.provenance.dvc import LOCK, Project, is_source, md5s, open_project, read_lock
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.record.store import local_uri


def rerun(root: Path, stage: str = "") -> AuditReport:
    """Run every stage of the last commit, or one, in a temporary clone, and compare what they write.

    Each stage gets the inputs in dvc.lock from the checkout's cache, which is only read; files of sources
    that git does not hold come from ``root``.

    Raises:
        UserError: there is no such stage, the last commit has no dvc.lock, or the cache lacks an input.
    """
    if Git(root).read("HEAD", LOCK) is None:
        raise UserError(f"the last commit has no {LOCK}: commit the one that `dvc repro` wrote")
    with tempfile.TemporaryDirectory(prefix="sketch2color-") as folder, open_project(root) as original:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        # Copies, because a stage could write through a link into the cache.
        config = f"[cache]\n    dir = {original.cache}\n    type = copy\n"
        (clone / ".dvc" / "config.local").write_text(config, encoding="utf-8")
        lock = read_lock(clone)
        if stage and stage not in lock:
            raise UserError(f"{LOCK} has no stage {stage}; it has {', '.join(lock)}")
        report = AuditReport({name: [] for name in ([stage] if stage else lock)})
        with open_project(clone) as project:
            project.checkout([out for locked in lock.values() for out in locked.outputs])
            for name in report.runs:
                _copy_sources(original, project, lock[name])
                report.findings.extend(_compare(project, name, lock[name]))
                project.checkout(list(lock[name].outputs))
    return report


def _copy_sources(original: Project, project: Project, locked: StageHashes) -> None:
    for path in filter(is_source, locked.inputs):
        existing = project.files(path)
        for name, file in original.files(path).items():
            if name not in existing:
                shutil.copy(file, project.root / path / name)


def _compare(project: Project, name: str, locked: StageHashes) -> Iterator[Finding]:
    for path in (project.root / out for out in locked.outputs):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    code = _run(project.root, locked.command)
    if code != 0:
        text = f"`{locked.command}` ended with exit code {code}"
        yield Finding(name, "rerun", "dvc.yaml", text, "see what it printed")
        return
    remedy = "`sketch2color trace` shows what it was computed with; other hardware gives other digits"
    for out, digest in locked.outputs.items():
        files = project.files(out)
        hashes = md5s(files.values())
        now = {inside: hashes.get(file, "unreadable") for inside, file in files.items()}
        differs, names = compare_trees(now, project.tree(digest) or {})
        if differs:
            yield Finding(name, "rerun", out, differs, remedy, tuple(names))


def _run(root: Path, cmd: str) -> int:
    """Run a command with its record in the clone and its output on stderr; return its exit code."""
    environment = {**os.environ, "MLFLOW_TRACKING_URI": local_uri(root)}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    process = subprocess.Popen(
        cmd, shell=True, cwd=root, env=environment, stdout=sys.stderr.fileno(), start_new_session=True
    )
    try:
        return process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
