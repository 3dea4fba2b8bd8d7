"""Are the files of the workspace, and the objects of the cache, those of dvc.lock?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sketch2color.provenance import dvc_directory
from sketch2color.provenance.digests import md5s
from sketch2color.provenance.dvc_directory import Tree
from sketch2color.provenance.findings import Finding, Kind, some
from sketch2color.provenance.git import Git
from sketch2color.provenance.lock import LOCK, Lock, maker
from sketch2color.provenance.project import Declared, Project

FILE = ""
"""The path inside of an input or output that is a file itself."""


@dataclass(frozen=True)
class Place:
    """An input or an output of a stage as dvc.lock has it, and the files to read for it.

    ``files`` are those of the workspace by their path inside; ``tree`` is what the hash stands for, None
    where nothing says it; ``objects`` are those of the cache by hash, none where the cache need not hold it.
    """

    stage: str
    kind: Kind
    path: str
    md5: str
    files: Mapping[str, Path]
    tree: Tree | None
    objects: Mapping[str, Path]


def check_files(
    project: Project, lock: Lock, declared: Mapping[str, Declared], git: Git
) -> Iterator[Finding]:
    """Hash everything that dvc.lock names, in the workspace and in the cache, and compare."""
    places = [place for name in lock for place in _places(project, lock, name, declared.get(name))]
    read = md5s(file for place in places for file in (*place.files.values(), *place.objects.values()))
    for place in places:
        yield from _workspace(place, read, git)
        yield from _cache(place, read)


def _places(project: Project, lock: Lock, name: str, declared: Declared | None) -> Iterator[Place]:
    """List inputs and outputs; an input that a stage makes is looked at there."""
    for path, md5 in lock[name].deps.items():
        made = maker(lock, path)
        if made is None:
            yield Place(name, "input", path, md5, project.files(path), _tree(project, md5), {})
        elif path != made[1]:
            yield from _inside(project, lock, name, path)
    for path, md5 in lock[name].outs.items():
        cached = declared is None or path in declared.cached or path not in declared.outs
        tree = _tree(project, md5)
        yield Place(
            name,
            "output",
            path,
            md5,
            project.files(path),
            tree,
            _objects(project, md5, tree) if cached else {},
        )


def _inside(project: Project, lock: Lock, name: str, path: str) -> Iterator[Place]:
    """List an input that is part of an output, where that output holds, or may hold, another."""
    stage, out = maker(lock, path) or ("", "")
    tree = project.tree(lock[stage].outs[out])
    if tree is None or tree.get(path.removeprefix(f"{out}/")) != lock[name].deps[path]:
        md5 = lock[name].deps[path]
        yield Place(name, "input", path, md5, project.files(path), _tree(project, md5), {})


def _tree(project: Project, md5: str) -> Tree | None:
    return project.tree(md5) if dvc_directory.is_folder(md5) else {FILE: md5}


def _objects(project: Project, md5: str, tree: Tree | None) -> dict[str, Path]:
    return {each: project.object(each) for each in sorted({md5, *(tree or {}).values()})}


def _workspace(place: Place, read: Mapping[Path, str], git: Git) -> Iterator[Finding]:
    now = {name: read[file] for name, file in place.files.items() if file in read}
    if place.tree is not None:
        differs, files = against_tree(now, place.tree)
    elif dvc_directory.digest(now) == place.md5:
        return
    else:
        differs, files = _since_locked(now, place, git)
    if differs:
        yield Finding(place.stage, place.kind, place.path, differs, _remedy(place), tuple(files))


def against_tree(now: Tree, before: Tree) -> tuple[str, list[str]]:
    """Say how files differ from those that dvc.lock stands for, nothing where they do not, and name them."""
    if FILE in before:
        text = "does not exist" if not now else "differs from dvc.lock"
        return ("" if now == before else text), []
    if not now and before:
        return "does not exist", []
    kinds = {
        "changed": sorted(name for name in now if name in before and now[name] != before[name]),
        "missing": sorted(before.keys() - now.keys()),
        "added": sorted(now.keys() - before.keys()),
    }
    text = "; ".join(f"{kind}: {some(names)}" for kind, names in kinds.items() if names)
    return text, [name for names in kinds.values() for name in names]


def _since_locked(now: Tree, place: Place, git: Git) -> tuple[str, list[str]]:
    """Say what differs from a folder that the cache does not list: git knows what has changed since."""
    if not now:
        return "does not exist", []
    commit = git.last_change(LOCK)
    changed = git.changed(place.path, commit) if commit else []
    names = [name.removeprefix(f"{place.path}/") for name in changed]
    return "differs from dvc.lock" + (f": {some(names)}" if names else ""), names


def _remedy(place: Place) -> str:
    if place.kind == "output":
        return f"`dvc checkout {place.path}` brings it back, `dvc repro {place.stage}` makes it anew"
    return f"bring it back with git, or run `dvc repro {place.stage}`"


def _cache(place: Place, read: Mapping[Path, str]) -> Iterator[Finding]:
    missing = [md5 for md5, file in place.objects.items() if file not in read]
    harmed = [md5 for md5, file in place.objects.items() if read.get(file, md5) != md5.removesuffix(".dir")]
    fetch = f"`dvc fetch {place.stage}` from a remote"
    for what, found, remedy in (
        (
            "missing in the cache",
            missing,
            f"{fetch}, or `dvc commit {place.stage}` where the workspace is whole",
        ),
        ("harmed in the cache", harmed, f"delete the object, then {fetch}, or `dvc commit {place.stage}`"),
    ):
        if found:
            names = _meant(found, place)
            yield Finding(place.stage, "cache", place.path, f"{what}: {some(names)}", remedy, tuple(names))


def _meant(objects: list[str], place: Place) -> list[str]:
    """Name objects of the cache by their files as well."""
    names = {md5: name for name, md5 in sorted((place.tree or {}).items(), reverse=True) if name}
    return sorted(f"{names[md5]} ({md5})" if md5 in names else md5 for md5 in objects)
