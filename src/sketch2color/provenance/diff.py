"""Compare two experiments: parameters, data, code, environment, metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sketch2color.errors import UserError
from sketch2color.provenance import value_diff
from sketch2color.provenance.dvc import (
    LOCK,
    Lock,
    Project,
    is_code,
    open_project,
    outputs,
    parse_lock,
    read_lock,
)
from sketch2color.provenance.lineage import Lineage
from sketch2color.provenance.output_files import Contents, Row
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.record.run import is_data_set
from sketch2color.provenance.runs import Run, Runs, open_runs
from sketch2color.provenance.value_diff import Metric, Pairs, differences

MANIFESTS = ("data/clean/", "data/raw/")
"""Where a manifest is looked for, the first one first."""
TITLES = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "split": "in another split",
    "cleaned": "cleaned differently",
    "unreadable": "neither in the cache nor in the record (`dvc fetch --all-commits`)",
}


@dataclass(frozen=True)
class Experiment:
    """The state of a pipeline: its dvc.lock, the run that made each stage, and the commit of its code.

    Of a run, ``stages`` is what the record has of it and of those before it. ``commit`` is None for the
    workspace, and empty for runs outside of git.
    """

    commit: str | None
    stages: Lock
    runs: Mapping[str, Run]

    @property
    def inputs(self) -> dict[str, str]:
        """The inputs of all stages with their hashes."""
        return {path: md5 for stage in self.stages.values() for path, md5 in stage.inputs.items()}

    @property
    def data_sets(self) -> dict[str, str]:
        """The complete data sets among inputs and outputs with their hashes."""
        paths = self.inputs | outputs(self.stages)
        return {path: md5 for path, md5 in paths.items() if is_data_set(path)}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of all stages by ``<stage>.<name>``."""
        return value_diff.flatten({stage: run.environment for stage, run in self.runs.items()})

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of all stages."""
        params = (value_diff.effective_params(stage.params) for stage in self.stages.values())
        return {name: value for each in params for name, value in each.items()}


@dataclass(frozen=True)
class Diff:
    """The differences between the experiments ``left`` and ``right``.

    ``images`` has lines by the keys of :data:`TITLES`: an image ``changed`` if its file in the source has
    other bytes; ``unreadable`` are data sets whose manifest neither cache nor record has.
    """

    left: str
    right: str
    params: Pairs
    data_sets: Pairs
    images: Mapping[str, list[str]]
    code: list[str]
    environment: Pairs
    metrics: Pairs

    def to_json(self) -> str:
        """Return all differences as JSON."""
        return value_diff.to_json(asdict(self))

    def to_text(self) -> str:
        """Return a heading for each kind of difference that there is, and a line for each difference."""
        sections = {
            "parameters": _pair_lines(self.params),
            "data": [*_pair_lines(self.data_sets), *self._image_lines()],
            "code": self.code,
            "environment": _pair_lines(self.environment),
            "metrics": _pair_lines(self.metrics),
        }
        lines = [f"{self.left} -> {self.right}"]
        for title, content in sections.items():
            lines += [title, *(f"  {line}" for line in content)] if content else []
        return "\n".join(lines if len(lines) > 1 else [*lines, "no differences"]) + "\n"

    def _image_lines(self) -> Iterator[str]:
        for kind, names in self.images.items():
            yield f"{len(names)} {TITLES[kind]}"
            yield from (f"  {name}" for name in names[: value_diff.SHOWN_NAMES])
            if len(names) > value_diff.SHOWN_NAMES:
                yield f"  and {len(names) - value_diff.SHOWN_NAMES} more (--json lists all)"


def diff(root: Path, left: str, right: str) -> Diff:
    """Compare two of: a git revision, a DVC experiment, a run, or ``.``, the workspace.

    Raises:
        UserError: one of them is none of these, or has no dvc.lock.
    """
    git = Git(root)
    with open_project(root) as project, open_runs(root) as runs:
        one, other = (find_experiment(name, project, runs, git) for name in (left, right))
        contents = Contents(project, runs)
        return Diff(
            left,
            right,
            differences(one.params, other.params),
            differences(one.data_sets, other.data_sets),
            _images(contents, one, other),
            _code(git, one, other),
            differences(one.environment, other.environment),
            differences(_metrics(contents, one.stages), _metrics(contents, other.stages)),
        )


def find_experiment(name: str, project: Project, runs: Runs, git: Git) -> Experiment:
    """Find ``.``, a git revision, a DVC experiment, or a run by the beginning of its id, in this order."""
    if name == ".":
        declared, lock = project.declared(), read_lock(project.root)
        now = {stage: replace(lock[stage], params=declared[stage].params) for stage in lock.keys() & declared}
        return _from_lock(None, dict(lock) | now, runs)
    if commit := git.commit(name) or git.experiment(name):
        text = git.read(commit, LOCK)
        if text is None:
            raise UserError(f"{name} has no dvc.lock: name a revision whose results were committed")
        return _from_lock(commit, parse_lock(text, f"{LOCK} of {name}"), runs)
    if run := runs.find(name):
        nodes = Lineage(runs, Contents(project, runs), {}).of_run(run, run.stage, "").ancestors()
        newest = {node.run.stage: node.run for node in reversed(nodes) if node.run}
        return Experiment(run.commit, {stage: runs.locked(newest[stage]) for stage in sorted(newest)}, newest)
    raise UserError(
        f"{name} is no git revision, no DVC experiment (`dvc exp list` names them) and no run in {runs.uri}"
    )


def _from_lock(commit: str | None, lock: Lock, runs: Runs) -> Experiment:
    makers = {stage: runs.makers(stage, locked) for stage, locked in lock.items()}
    return Experiment(commit, lock, {stage: made_by[0] for stage, made_by in makers.items() if made_by})


def _pair_lines(pairs: Pairs) -> list[str]:
    return [
        f"{name}: {value_diff.short(one)} -> {value_diff.short(other)}"
        for name, (one, other) in pairs.items()
    ]


def _metrics(contents: Contents, stages: Lock) -> dict[str, Metric]:
    """Return the metrics of all stages by ``<stage>/<name>``."""
    found: dict[str, Metric] = {}
    for stage, locked in stages.items():
        for out, md5 in locked.outputs.items():
            content = contents.read(out, md5, "metrics.json") if out.startswith("reports/") else None
            metrics = value_diff.read_metrics(content or b"{}")
            found |= {f"{stage}/{name}": value for name, value in metrics.items()}
    return found


def _code(git: Git, one: Experiment, other: Experiment) -> list[str]:
    """Return the files that differ where git knows both versions, else the paths in dvc.lock."""
    left, right = ({path: md5 for path, md5 in each.inputs.items() if is_code(path)} for each in (one, other))
    found: set[str] = set()
    for path in differences(left, right):
        found |= set(_changed(git, path, one.commit, other.commit)) or {path}
    if one.commit is None or other.commit is None:  # dvc.lock does not know later edits in the workspace
        for path in left | right:
            found |= set(_changed(git, path, one.commit or other.commit, None))
    return sorted(found)


def _changed(git: Git, path: str, one: str | None, other: str | None) -> list[str]:
    commits = [commit for commit in (one, other) if commit is not None]
    return git.changed(path, *commits) if commits and all(map(git.commit, commits)) else []


def _images(contents: Contents, one: Experiment, other: Experiment) -> dict[str, list[str]]:
    manifests = [_manifest(contents, each.data_sets) for each in (one, other)]
    if unreadable := [name for name, rows in manifests if name and not rows]:
        return {"unreadable": unreadable}
    left, right = (rows for _, rows in manifests)
    sources = {_source(row): name for name, row in left.items()}
    new = {name: row for name, row in right.items() if name not in left}
    changed = {name: row for name, row in new.items() if sources.get(_source(row)) not in {None, *right}}
    replaced = {sources[_source(row)] for row in changed.values()}
    both = [(left[name], right[name]) for name in left if name in right]
    moved = [(before, now) for before, now in both if before["split"] != now["split"]]
    kinds = {
        "added": [_line(row) for name, row in new.items() if name not in changed],
        "removed": [_line(row) for name, row in left.items() if name not in {*right, *replaced}],
        "changed": [f"{sources[_source(row)]} -> {_line(row)}" for row in changed.values()],
        "split": [f"{_line(now)}: {before['split']} -> {now['split']}" for before, now in moved],
        "cleaned": [_line(now) for before, now in both if before["md5"] != now["md5"]],
    }
    return {kind: lines for kind, lines in kinds.items() if lines}


def _manifest(contents: Contents, data_sets: Mapping[str, str]) -> tuple[str, dict[str, Row]]:
    """Return which clean data set there is, or else raw one, and its rows by id, with their images' MD5."""
    for folder in MANIFESTS:
        for path, md5 in data_sets.items():
            if path.startswith(folder):
                tree = contents.tree(md5).items()
                md5s = {Path(name).stem: digest for name, digest in tree if name.endswith(".png")}
                rows = contents.manifest(path, md5)
                return f"{path} {md5}", {row["id"]: {**row, "md5": md5s.get(row["id"], "")} for row in rows}
    return "", {}


def _source(row: Row) -> tuple[str, str]:
    return row["domain"], row["source"]


def _line(row: Row) -> str:
    return f"{row['domain']} {row['id']} {row['source']}"
