"""Does a commit hold what the audit looked at?"""

from collections.abc import Collection, Iterator

from sketch2color.provenance.findings import PIPELINE, Finding, some
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import LOCK, Lock, maker


def check_git(git: Git, lock: Lock, known: Collection[str]) -> Iterator[Finding]:
    """Find what HEAD does not hold as it is: dvc.lock, dvc.yaml, parameters, and inputs that no stage makes.

    Paths in ``known`` have a finding already, and get no second.
    """
    if git.text("HEAD", LOCK) != (git.root / LOCK).read_text(encoding="utf-8"):
        remedy = f"`git add {LOCK}` and `git commit`, or bring it back: `git checkout {LOCK}`"
        yield Finding(PIPELINE, "git", LOCK, "is not that of the last commit", remedy)
    inputs = {path for stage in lock.values() for path in stage.deps if maker(lock, path) is None}
    parameters = {file for stage in lock.values() for file in stage.params}
    if paths := sorted({*inputs, *parameters, "dvc.yaml"} - set(known)):
        for path in paths_with(git.uncommitted(paths), paths):
            files = [file for file in git.uncommitted([path]) if file != path]
            text = "is not that of the last commit" + (f": {some(files)}" if files else "")
            yield Finding(PIPELINE, "git", path, text, "commit it, or bring it back with git", tuple(files))


def paths_with(files: Collection[str], paths: Collection[str]) -> list[str]:
    """Return those of ``paths`` that are, or hold, one of ``files``.

    >>> paths_with(["src/a/b.py"], ["src/a", "src/c.py"])
    ['src/a']
    """
    return [
        path
        for path in paths
        if any(file == path or file.startswith(f"{path.rstrip('/')}/") for file in files)
    ]
