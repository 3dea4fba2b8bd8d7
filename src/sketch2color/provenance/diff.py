"""Compare two experiments: parameters, data, code, environment, metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sketch2color.provenance import values
from sketch2color.provenance.contents import Contents, Row
from sketch2color.provenance.dvc import Lock, is_code, open_project, outputs
from sketch2color.provenance.experiment import Experiment, find_experiment
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.record.run import is_data_set
from sketch2color.provenance.runs import open_runs
from sketch2color.provenance.values import Metric, Pairs, differences

REPORTS, METRICS = "reports/", "metrics.json"
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
class Diff:
    """The differences between the experiments ``left`` and ``right``.

    ``images`` has lines by kind: images ``added`` and ``removed``; ``changed``, whose file in the source has
    other bytes; in another ``split``; ``cleaned`` to other bytes; and ``unreadable`` data sets, whose
    manifest neither cache nor record has. ``code`` has the names of the files.
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
        return values.to_json(asdict(self))

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
            yield from (f"  {name}" for name in names[: values.SHOWN_NAMES])
            if len(names) > values.SHOWN_NAMES:
                yield f"  and {len(names) - values.SHOWN_NAMES} more (--json lists all)"


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
            differences(_params(one.stages), _params(other.stages)),
            differences(_data_sets(one.stages), _data_sets(other.stages)),
            _images(contents, one.stages, other.stages),
            _code(git, one, other),
            differences(_environment(one), _environment(other)),
            differences(_metrics(contents, one.stages), _metrics(contents, other.stages)),
        )


def _pair_lines(pairs: Pairs) -> list[str]:
    return [f"{name}: {values.short(one)} -> {values.short(other)}" for name, (one, other) in pairs.items()]


def _params(stages: Lock) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for stage in stages.values():
        merged |= values.effective_params(stage.params)
    return merged


def _data_sets(stages: Lock) -> dict[str, str]:
    paths = _deps(stages) | outputs(stages)
    return {path: md5 for path, md5 in paths.items() if is_data_set(path)}


def _environment(experiment: Experiment) -> dict[str, str]:
    return values.flatten({stage: run.environment for stage, run in experiment.runs.items()})


def _deps(stages: Lock) -> dict[str, str]:
    return {dep: md5 for stage in stages.values() for dep, md5 in stage.inputs.items()}


def _metrics(contents: Contents, stages: Lock) -> dict[str, Metric]:
    """Return the metrics of all stages by ``<stage>/<name>``."""
    found: dict[str, Metric] = {}
    for stage, locked in stages.items():
        for out, md5 in locked.outputs.items():
            content = contents.read(out, md5, METRICS) if out.startswith(REPORTS) else None
            metrics = values.read_metrics(content or b"{}")
            found |= {f"{stage}/{name}": value for name, value in metrics.items()}
    return found


def _code(git: Git, one: Experiment, other: Experiment) -> list[str]:
    """Return the files that differ where git knows both versions, else the paths in dvc.lock."""
    left, right = (
        {dep: md5 for dep, md5 in _deps(each.stages).items() if is_code(dep)} for each in (one, other)
    )
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


def _images(contents: Contents, one: Lock, other: Lock) -> dict[str, list[str]]:
    (left, left_md5s, left_unreadable), (right, right_md5s, right_unreadable) = (
        _manifest(contents, stages) for stages in (one, other)
    )
    if unreadable := left_unreadable + right_unreadable:
        return {"unreadable": unreadable}
    sources = {_source(row): row["id"] for row in left.values()}
    new = {name: row for name, row in right.items() if name not in left}
    changed = {name: row for name, row in new.items() if sources.get(_source(row)) not in {None, *right}}
    replaced = {sources[_source(row)] for row in changed.values()}
    both = [name for name in left if name in right]
    kinds = {
        "added": [_line(row) for name, row in new.items() if name not in changed],
        "removed": [_line(row) for name, row in left.items() if name not in {*right, *replaced}],
        "changed": [f"{sources[_source(row)]} -> {_line(row)}" for row in changed.values()],
        "split": [
            f"{_line(right[name])}: {left[name]['split']} -> {right[name]['split']}"
            for name in both
            if left[name]["split"] != right[name]["split"]
        ],
        "cleaned": [_line(right[name]) for name in both if left_md5s.get(name) != right_md5s.get(name)],
    }
    return {kind: lines for kind, lines in kinds.items() if lines}


def _manifest(contents: Contents, stages: Lock) -> tuple[dict[str, Row], dict[str, str], list[str]]:
    """Return rows and image hashes of the clean data set, or else the raw one, and unreadable data sets."""
    sets = _data_sets(stages)
    for folder in MANIFESTS:
        for path, md5 in sets.items():
            if path.startswith(folder):
                rows = {row["id"]: row for row in contents.manifest(path, md5)}
                tree = contents.tree(md5).items()
                images = {Path(name).stem: digest for name, digest in tree if name.endswith(".png")}
                return rows, images, [] if rows else [f"{path} {md5}"]
    return {}, {}, []


def _source(row: Row) -> tuple[str, str]:
    return row["domain"], row["source"]


def _line(row: Row) -> str:
    return f"{row['domain']} {row['id']} {row['source']}"
