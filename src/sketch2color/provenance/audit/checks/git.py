"""Compare the workspace, and the commits of runs, with git."""

from collections.abc import Iterator

from sketch2color.provenance.audit.checks.finding import ALL_STAGES, Finding, Subject
from sketch2color.provenance.dvc import LOCK, is_covered, producer
from sketch2color.provenance.record.git import CODE, Git
from sketch2color.provenance.value_diff import first_few

SETTINGS = ("dvc.yaml", LOCK, "requirements.lock", ".dvcignore", ".gitignore")
"""Files that are no stage's input and decide what a stage does, or what DVC and git see."""


def check_git(subject: Subject) -> Iterator[Finding]:
    """Find runs whose commit is lost, and files without a finding that differ from the last commit."""
    for stage, runs in subject.makers.items():
        yield from _commits(subject.git, stage, list(dict.fromkeys(run.commit for run in runs)))
    yield from _workspace(subject)


def _commits(git: Git, stage: str, commits: list[str]) -> Iterator[Finding]:
    """Find a stage none of whose runs has a commit that exists and is kept."""
    if any(commit and git.commit(commit) and git.keeps(commit) for commit in commits):
        return
    remedy = f"`git fetch` the branch that has it, or `dvc repro --force {stage}` from a commit that is kept"
    for commit in commits:
        if not commit:
            text = "was made outside of git"
        elif git.commit(commit) is None:
            text = f"was made by commit {commit}, which does not exist here"
        else:
            text = f"was made by commit {commit}, which no branch, tag or experiment leads to"
        yield Finding(stage, "git", commit or stage, text, remedy)


def _workspace(subject: Subject) -> Iterator[Finding]:
    git, stages = subject.git, subject.lock.values()
    differs, remedy = "is not that of the last commit", "commit it, or bring back what the commit has"
    inputs = {path for stage in stages for path in stage.inputs if producer(subject.lock, path) is None}
    params = {file for stage in stages for file in stage.params}
    found = {finding.where for finding in subject.findings} - {LOCK}
    paths = sorted({*inputs, *params, *SETTINGS} - found)
    changed = git.uncommitted(*paths)
    for path in paths:
        files = tuple(file for file in changed if file.startswith(f"{path}/"))
        if files or path in changed:
            text = differs + (f": {first_few(files)}" if files else "")
            yield Finding(ALL_STAGES, "git", path, text, remedy, files)
    new = "is not in the last commit, and Python takes it before any library"
    code = dict.fromkeys(git.edited(*CODE), differs) | dict.fromkeys(git.unknown_modules(), new)
    for path, text in code.items():
        if not is_covered(path, inputs):
            yield Finding(ALL_STAGES, "git", path, text, remedy)
