"""The proof: the stages run again elsewhere, and their outputs compared byte for byte."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.provenance import lock as locks
from sketch2color.provenance.checks.files import FILE, against_tree
from sketch2color.provenance.digests import md5s
from sketch2color.provenance.findings import Finding, Verdict
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import LOCK, Locked
from sketch2color.provenance.paths import is_source
from sketch2color.provenance.project import Project, opened


def rerun(root: Path, stage: str = "") -> Verdict:
    """Run every stage of the last commit, or one, in a temporary clone, and compare what they write.

    Each stage is given the inputs that dvc.lock names, from the checkout's cache, which is only read; what
    the runs record is thrown away with the clone. Files of sources that git does not hold come from ``root``.

    Raises:
        UserError: there is no such stage, the last commit has no dvc.lock, or the cache lacks an input.
    """
    if Git(root).text("HEAD", LOCK) is None:
        raise UserError(f"the last commit has no {LOCK}: commit the one that `dvc repro` wrote")
    with tempfile.TemporaryDirectory(prefix="sketch2color-") as folder, opened(root) as original:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        settings = (
            f"[cache]\n    dir = {original.cache}\n    type = copy\n"  # a link would lay the cache open
        )
        (clone / ".dvc" / "config.local").write_text(settings, encoding="utf-8")
        lock = locks.read(clone)
        if stage and stage not in lock:
            raise UserError(f"{LOCK} has no stage {stage}; it has {', '.join(lock)}")
        verdict = Verdict({name: [] for name in ([stage] if stage else lock)})
        with opened(clone) as project:
            project.checkout([out for locked in lock.values() for out in locked.outs])
            for name in verdict.runs:
                _bring_sources(original, project, lock[name])
                verdict.findings += _compare(project, name, lock[name])
                project.checkout(list(lock[name].outs))
    return verdict


def _bring_sources(original: Project, project: Project, locked: Locked) -> None:
    for path in filter(is_source, locked.deps):
        there = project.files(path)
        for name, file in original.files(path).items():
            if name not in there:
                shutil.copy(file, project.root / path / name)


def _compare(project: Project, name: str, locked: Locked) -> Iterator[Finding]:
    for out in locked.outs:
        _remove(project.root / out)
    code = _run(project.root, locked.cmd)
    if code != 0:
        text, remedy = f"`{locked.cmd}` ended with exit code {code}", "see what it printed"
        yield Finding(name, "rerun", "dvc.yaml", text, remedy)
        return
    for out, md5 in locked.outs.items():
        files = project.files(out)
        read = md5s(files.values())
        now = {inside: read[file] for inside, file in files.items()}
        differs, names = against_tree(now, project.tree(md5) or {FILE: md5})
        if differs:
            remedy = "`sketch2color trace` tells what it was computed with; other hardware gives other digits"
            yield Finding(name, "rerun", out, differs, remedy, tuple(names))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _run(root: Path, cmd: str) -> int:
    """Run a command as DVC would, with the record in the clone; return its exit code.

    What it prints goes to stderr. When this is interrupted, all that the command started is killed first.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{root / 'mlflow.db'}"}
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
