"""Compare the files of the workspace and the objects of the cache with dvc.lock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sketch2color.provenance.audit.checks.finding import Finding, Kind, Subject
from sketch2color.provenance.dvc import LOCK, Tree, directory_hash, md5s, producer
from sketch2color.provenance.record.git import Git
from sketch2color.provenance.value_diff import first_few


@dataclass(frozen=True)
class _Place:
    """An input or output of a stage: its files in the workspace and in dvc.lock, and its cache objects."""

    stage: str
    kind: Kind
    path: str
    md5: str
    files: Mapping[str, Path]
    tree: Tree | None
    objects: Mapping[str, Path]


def check_files(subject: Subject) -> Iterator[Finding]:
    """Hash everything that dvc.lock names, in the workspace and in the cache, and compare."""
    places = [place for name in subject.lock for place in _places(subject, name)]
    hashes = md5s(file for place in places for file in (*place.files.values(), *place.objects.values()))
    for place in places:
        yield from _workspace(place, hashes, subject.git)
        yield from _cache(place, hashes)


def _places(subject: Subject, name: str) -> Iterator[_Place]:
    """Return a stage's outputs, and its inputs that are not checked as the output of another."""
    project, locked, declared = subject.project, subject.lock[name], subject.declared.get(name)
    for path, md5 in locked.inputs.items():
        if not _is_in_output(subject, path, md5):
            yield _Place(name, "input", path, md5, project.files(path), project.tree(md5), {})
    for path, md5 in locked.outputs.items():
        cached = declared is None or path in declared.cached or path not in declared.outputs
        tree = project.tree(md5)
        hashes = sorted({md5, *(tree or {}).values()}) if cached else []
        objects = {each: project.object(each) for each in hashes}
        yield _Place(name, "output", path, md5, project.files(path), tree, objects)


def _is_in_output(subject: Subject, path: str, md5: str) -> bool:
    """Return whether an input is an output, or a file of an output with the same hash."""
    stage, out = producer(subject.lock, path) or ("", "")
    if not stage or path == out:
        return path == out
    tree = subject.project.tree(subject.lock[stage].outputs[out]) or {}
    return tree.get(path.removeprefix(f"{out}/")) == md5


def _workspace(place: _Place, hashes: Mapping[Path, str], git: Git) -> Iterator[Finding]:
    now = {name: hashes.get(file, "unreadable") for name, file in place.files.items()}
    if place.tree is not None:
        differs, names = compare_trees(now, place.tree)
    elif directory_hash(now) == place.md5:
        return
    else:
        differs, names = _compare_with_git(now, place, git)
    if differs:
        remedy = f"bring it back with git, or run `dvc repro {place.stage}`"
        if place.kind == "output":
            remedy = f"`dvc checkout {place.path}` restores it, `dvc repro {place.stage}` makes it again"
        yield Finding(place.stage, place.kind, place.path, differs, remedy, tuple(names))


def compare_trees(now: Tree, before: Tree) -> tuple[str, list[str]]:
    """Return how files differ from those in dvc.lock, empty if they do not, and the names of all that do."""
    if before and not now:
        return "does not exist", []
    if "" in before:
        return "" if now == before else "differs from dvc.lock", []
    kinds = {
        "changed": sorted(name for name in now if name in before and now[name] != before[name]),
        "missing": sorted(before.keys() - now.keys()),
        "added": sorted(now.keys() - before.keys()),
    }
    text = "; ".join(f"{kind}: {first_few(names)}" for kind, names in kinds.items() if names)
    return text, [name for names in kinds.values() for name in names]


def _compare_with_git(now: Tree, place: _Place, git: Git) -> tuple[str, list[str]]:
    """Return how a folder that the cache does not list differs: git knows what changed since dvc.lock did."""
    if not now:
        return "does not exist", []
    commit = git.last_change(LOCK)
    names = (
        [name.removeprefix(f"{place.path}/") for name in git.changed(place.path, commit)] if commit else []
    )
    return "differs from dvc.lock" + (f": {first_few(names)}" if names else ""), names


def _cache(place: _Place, hashes: Mapping[Path, str]) -> Iterator[Finding]:
    fetch, commit = f"`dvc fetch {place.stage}` from a remote", f"`dvc commit {place.stage}`"
    remedies = {
        "missing": f"{fetch}, or {commit} where the workspace is complete",
        "corrupt": f"delete the object, then {fetch}, or {commit}",
    }
    now = {md5: hashes.get(file) for md5, file in place.objects.items()}
    wrong = [md5 for md5, has in now.items() if has != md5.removesuffix(".dir")]
    names = {md5: f"{name} ({md5})" for name, md5 in (place.tree or {}).items() if name}
    for kind, remedy in remedies.items():
        if found := sorted(names.get(md5, md5) for md5 in wrong if bool(now[md5]) == (kind == "corrupt")):
            text = f"{kind} in the cache: {first_few(found)}"
            yield Finding(place.stage, "cache", place.path, text, remedy, tuple(found))
