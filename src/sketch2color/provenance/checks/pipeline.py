"""Does dvc.lock say of each stage what dvc.yaml and params.yaml say?"""

from collections.abc import Iterator, Mapping
from typing import Any

from sketch2color.provenance.findings import Finding
from sketch2color.provenance.flat import differences, flatten
from sketch2color.provenance.lock import Lock, Locked, maker
from sketch2color.provenance.project import Declared

LENGTH = 60


def check_pipeline(lock: Lock, declared: Mapping[str, Declared]) -> Iterator[Finding]:
    """Compare stages, commands, paths and parameters, and the hashes that dvc.lock gives to one thing."""
    for name in sorted({*lock, *declared}):
        if name not in declared:
            yield Finding(
                name,
                "pipeline",
                "dvc.yaml",
                "has no such stage, dvc.lock does",
                "bring back dvc.yaml with git",
            )
        elif name not in lock:
            yield Finding(
                name, "pipeline", "dvc.lock", "has no such stage, dvc.yaml does", f"run `dvc repro {name}`"
            )
        else:
            yield from _declared_otherwise(name, lock[name], declared[name])
            yield from _other_values(name, lock[name], declared[name])
            yield from _other_inputs(name, lock)


def _declared_otherwise(name: str, locked: Locked, declared: Declared) -> Iterator[Finding]:
    remedy = f"bring back dvc.yaml with git, or run `dvc repro {name}`"
    if locked.cmd != declared.cmd:
        text = f"command is {short(declared.cmd)}, in dvc.lock {short(locked.cmd)}"
        yield Finding(name, "pipeline", "dvc.yaml", text, remedy)
    pairs = {
        "dependency": (set(locked.deps), set(declared.deps)),
        "output": (set(locked.outs), set(declared.outs)),
        "parameter": (
            {f"{file}:{key}" for file, values in locked.params.items() for key in values},
            {f"{file}:{key}" for file, keys in declared.keys.items() for key in keys},
        ),
    }
    for what, (before, now) in pairs.items():
        for path in sorted(before - now):
            yield Finding(name, "pipeline", "dvc.yaml", f"no longer declares the {what} {path}", remedy)
        for path in sorted(now - before):
            yield Finding(
                name, "pipeline", "dvc.yaml", f"declares the {what} {path}, dvc.lock does not", remedy
            )


def _other_values(name: str, locked: Locked, declared: Declared) -> Iterator[Finding]:
    for file, values in locked.params.items():
        both = {key: values[key] for key in values if key in declared.keys.get(file, ())}
        changes = differences(flatten(declared.params.get(file, {}), "."), flatten(both, "."))
        for key, (now, before) in changes.items():
            yield Finding(
                name,
                "parameters",
                file,
                f"{key} is {short(now)}, in dvc.lock {short(before)}",
                f"bring back {file} with git, or run `dvc repro {name}`",
            )


def _other_inputs(name: str, lock: Lock) -> Iterator[Finding]:
    """Find inputs of which dvc.lock itself says that the stage before made others."""
    for path, read in lock[name].deps.items():
        made = maker(lock, path)
        if made is None or path != made[1] or read == lock[made[0]].outs[path]:
            continue
        text = f"read {path} as {read}, {made[0]} made {lock[made[0]].outs[path]}"
        yield Finding(name, "pipeline", "dvc.lock", text, "bring back dvc.lock with git, or run `dvc repro`")


def short(value: Any) -> str:
    """Show a value in one line; None is one that is missing."""
    if value is None:
        return "missing"
    text = " ".join(str(value).split())
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
