"""Compare dvc.lock with dvc.yaml and params.yaml."""

from collections.abc import Iterator

from sketch2color.provenance.audit.checks.finding import Finding, Subject
from sketch2color.provenance.dvc import LOCK, DeclaredStage, Lock, producer
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.value_diff import differences, flatten, short

DVC_YAML = "dvc.yaml"


def check_pipeline(subject: Subject) -> Iterator[Finding]:
    """Compare stages, commands, paths and parameters, and the hashes within dvc.lock."""
    lock, declared = subject.lock, subject.declared
    for name in sorted(lock.keys() ^ declared.keys()):
        where, other = (DVC_YAML, LOCK) if name in lock else (LOCK, DVC_YAML)
        remedy = f"bring back dvc.yaml with git, or run `dvc repro {name}`"
        yield Finding(name, "pipeline", where, f"has no such stage, {other} does", remedy)
    for name in sorted(lock.keys() & declared.keys()):
        remedy = f"bring back dvc.yaml with git, or run `dvc repro {name}`"
        for text in _declarations(lock[name], declared[name]):
            yield Finding(name, "pipeline", DVC_YAML, text, remedy)
        yield from _params(name, lock[name], declared[name])
        yield from _inputs(name, lock)


def _declarations(locked: StageHashes, declared: DeclaredStage) -> Iterator[str]:
    """Return how the declaration of a stage differs from dvc.lock."""
    if locked.command != declared.command:
        yield f"command is {short(declared.command)}, in dvc.lock {short(locked.command)}"
    paths = {
        "dependency": (set(locked.inputs), declared.inputs),
        "output": (set(locked.outputs), declared.outputs),
        "parameter": (
            {f"{file}:{key}" for file, values in locked.params.items() for key in values},
            {f"{file}:{key}" for file, keys in declared.keys.items() for key in keys},
        ),
    }
    for what, (before, now) in paths.items():
        yield from (f"no longer declares the {what} {path}" for path in sorted(before - now))
        yield from (f"declares the {what} {path}, dvc.lock does not" for path in sorted(now - before))


def _params(name: str, locked: StageHashes, declared: DeclaredStage) -> Iterator[Finding]:
    for file, values in locked.params.items():
        before = {key: value for key, value in values.items() if key in declared.keys.get(file, ())}
        changes = differences(flatten(declared.params.get(file, {})), flatten(before))
        remedy = f"bring back {file} with git, or run `dvc repro {name}`"
        for key, (now, old) in changes.items():
            text = f"{key} is {short(now)}, in dvc.lock {short(old)}"
            yield Finding(name, "parameters", file, text, remedy)


def _inputs(name: str, lock: Lock) -> Iterator[Finding]:
    """Find inputs whose hash differs from that of the same output in dvc.lock."""
    for path, read in lock[name].inputs.items():
        stage, out = producer(lock, path) or ("", "")
        if path == out and read != lock[stage].outputs[path]:
            text = f"read {path} as {read}, {stage} made {lock[stage].outputs[path]}"
            yield Finding(name, "pipeline", LOCK, text, "bring back dvc.lock with git, or run `dvc repro`")
