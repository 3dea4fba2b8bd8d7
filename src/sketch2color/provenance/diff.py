"""What differs between two experiments: parameters, data, code, environment, scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color.provenance.contents import Contents, Row
from sketch2color.provenance.figures import Figure, figures
from sketch2color.provenance.flat import differences
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import Lock
from sketch2color.provenance.parameters import effective
from sketch2color.provenance.paths import is_code
from sketch2color.provenance.project import opened
from sketch2color.provenance.runs import reading
from sketch2color.provenance.states import State, state

CLEAN, RAW = "data/clean/", "data/raw/"
METRICS = "metrics.json"

Pairs = Mapping[str, tuple[Any, Any]]
"""Name to the two values; None where one has none."""


@dataclass(frozen=True)
class Images:
    """How the images of two data sets differ, as lines that name them.

    ``changed`` have the place of another in their source, and other bytes; ``split`` are the same image in
    another split; ``otherwise`` are the same, cleaned to other bytes. ``unread`` names a data set whose
    manifest neither cache nor record has.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """All that differs between two states; the code by the files that do."""

    left: str
    right: str
    parameters: Pairs
    data_sets: Pairs
    images: Images
    code: tuple[str, ...]
    environment: Pairs
    scores: Mapping[str, tuple[Figure | None, Figure | None]]


def diff(root: Path, left: str, right: str) -> Difference:
    """Compare two of: a git revision, a DVC experiment, a run, or ``.``, the workspace.

    Raises:
        UserError: one of them is none of these, or has no dvc.lock.
    """
    git = Git(root)
    with opened(root) as project, reading(root) as runs:
        one, other = state(left, project, runs, git), state(right, project, runs, git)
        contents = Contents(project, runs)
        return Difference(
            left,
            right,
            differences(_parameters(one.stages), _parameters(other.stages)),
            differences(_data_sets(one.stages), _data_sets(other.stages)),
            _images(contents, one.stages, other.stages),
            _code(git, one, other),
            differences(_environment(one), _environment(other)),
            differences(_scores(contents, one.stages), _scores(contents, other.stages)),
        )


def _parameters(stages: Lock) -> dict[str, Any]:
    return {name: value for stage in stages.values() for name, value in effective(stage.params).items()}


def _data_sets(stages: Lock) -> dict[str, str]:
    """Return the data sets, by what stage of their way they are at."""
    outs = {out: md5 for stage in stages.values() for out, md5 in stage.outs.items()}
    deps = {dep: md5 for stage in stages.values() for dep, md5 in stage.deps.items()}
    return {
        path: md5 for path, md5 in (deps | outs).items() if path.startswith("data/") and path.count("/") == 2
    }


def _environment(state: State) -> dict[str, str]:
    return {
        f"{stage}: {name}": value
        for stage, known in state.environments.items()
        for name, value in known.items()
    }


def _scores(contents: Contents, stages: Lock) -> dict[str, Figure]:
    """Return all figures of all stages, with the stage before their names."""
    found: dict[str, Figure] = {}
    for stage, locked in stages.items():
        for out, md5 in locked.outs.items():
            content = contents.read(out, md5, METRICS) if out.startswith("reports/") else None
            found |= {f"{stage}/{name}": figure for name, figure in figures(content or b"{}").items()}
    return found


def _code(git: Git, one: State, other: State) -> tuple[str, ...]:
    """Return the files that differ, as far as git can tell them, else what dvc.lock names."""
    deps = [
        {dep: md5 for stage in state.stages.values() for dep, md5 in stage.deps.items() if is_code(dep)}
        for state in (one, other)
    ]
    found: set[str] = set()
    for path in differences(*deps):
        found |= set(_files(git, path, one.commit, other.commit)) or {path}
    if other.commit is None or one.commit is None:  # the workspace's dvc.lock does not know of edits since
        old = one.commit or other.commit
        found |= {file for path in deps[0] | deps[1] for file in _files(git, path, old, None)}
    return tuple(sorted(found))


def _files(git: Git, path: str, one: str | None, other: str | None) -> list[str]:
    commits = [commit for commit in (one, other) if commit is not None]
    known = [commit for commit in commits if git.commit(commit)]
    return git.changed(path, *known) if known and known == commits else []


def _images(contents: Contents, one: Lock, other: Lock) -> Images:
    (left, left_bytes, left_gap), (right, right_bytes, right_gap) = (
        _manifest(contents, lock) for lock in (one, other)
    )
    if gaps := [*left_gap, *right_gap]:
        return Images(unread=tuple(gaps))
    places = {_place(row): row for row in left.values()}
    fresh = {name: row for name, row in right.items() if name not in left}
    replaced = {
        name: row
        for name, row in fresh.items()
        if places.get(_place(row), {}).get("id") not in {None, *right}
    }
    gone = {_place(row) for row in replaced.values()}
    both = [name for name in left if name in right]
    return Images(
        added=tuple(_line(row) for name, row in fresh.items() if name not in replaced),
        removed=tuple(
            _line(row) for name, row in left.items() if name not in right and _place(row) not in gone
        ),
        changed=tuple(f"{places[_place(row)]['id']} -> {_line(row)}" for row in replaced.values()),
        split=tuple(
            f"{_line(right[name])}: {left[name]['split']} -> {right[name]['split']}"
            for name in both
            if left[name]["split"] != right[name]["split"]
        ),
        otherwise=tuple(_line(right[name]) for name in both if left_bytes.get(name) != right_bytes.get(name)),
    )


def _manifest(contents: Contents, stages: Lock) -> tuple[dict[str, Row], dict[str, str], list[str]]:
    """Return rows and images' hashes of the clean set, or of the raw one where there is none; and gaps."""
    sets = _data_sets(stages)
    for folder in (CLEAN, RAW):
        for path, md5 in sets.items():
            if path.startswith(folder):
                rows = {row["id"]: row for row in contents.manifest(path, md5)}
                hashes = {
                    Path(name).stem: each
                    for name, each in contents.tree(md5).items()
                    if name.endswith(".png")
                }
                return rows, hashes, [] if rows else [f"{path} {md5}"]
    return {}, {}, []


def _place(row: Row) -> tuple[str, str]:
    return row["domain"], row["source"]


def _line(row: Row) -> str:
    return f"{row['domain']} {row['id']} {row['source']}"
