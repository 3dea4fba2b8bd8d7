"""Compare what runs logged about themselves with dvc.lock: parameters, lineage.json, artifacts, models."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sketch2color.provenance.audit.checks.finding import Finding, Subject
from sketch2color.provenance.dvc import is_covered, md5s
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.run import LINEAGE, PATCH
from sketch2color.provenance.runs import Run, Runs
from sketch2color.provenance.value_diff import differences, effective_params, flatten, short


def check_lineage(subject: Subject) -> Iterator[Finding]:
    """Compare every run that made a stage with dvc.lock and with its own lineage.json."""
    for stage, made_by in subject.makers.items():
        locked = subject.lock[stage]
        files = subject.project.output_files(locked) if made_by else {}
        remedy = f"`dvc repro --force {stage}` records it again; then delete this run"
        for run in made_by:
            lineage = subject.runs.lineage(run)
            texts = [*_params(run, locked)]
            if lineage is None:
                texts.append((LINEAGE, "is missing or no JSON"))
            else:
                texts += _lineage(stage, run, locked, lineage)
                texts += _later(subject.runs.content(run), lineage)
                texts += _unknown_modules(lineage, locked)
                texts += _artifacts(subject.runs, run, lineage, files)
                texts += _models(subject.runs, run, files)
            for where, text in texts:
                yield Finding(stage, "artifact", where, f"run {run.id}: {text}", remedy)


def _params(run: Run, locked: StageHashes) -> Iterator[tuple[str, str]]:
    """Compare MLflow's parameters, as far as dvc.lock has them."""
    for name, value in effective_params(locked.params).items():
        if name in run.params and not _equal(run.params[name], value):
            yield name, f"parameter {name} is {short(run.params[name])}, in dvc.lock {short(value)}"


def _equal(logged: str, value: Any) -> bool:
    try:
        return logged == str(value) or float(logged) == value
    except ValueError:
        return False


def _lineage(
    stage: str, run: Run, locked: StageHashes, lineage: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for key, value in {"stage": stage, **vars(locked)}.items():
        if changes := differences(flatten({key: lineage.get(key)}), flatten({key: value})):
            yield LINEAGE, f"other {short(', '.join(changes))} than in dvc.lock"
    commit = lineage.get("git", {}).get("commit", "")
    if commit != run.commit:
        yield LINEAGE, f"commit is {short(commit)}, its tag says {short(run.commit)}"


def _later(now: Mapping[str, Mapping[str, str]], lineage: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Compare a run with what it was at its end, as far as its version of lineage.json says it."""
    for kind, before in lineage.get("run", {}).items():
        for name, (had, has) in differences(before, now.get(kind, before)).items():
            yield name, f"{kind.removesuffix('s')} {name} is {short(has)}, at the run's end {short(had)}"


def _unknown_modules(lineage: Mapping[str, Any], locked: StageHashes) -> Iterator[tuple[str, str]]:
    """Find what Python could import while the stage ran, though neither its commit nor its inputs had it."""
    for path in lineage.get("git", {}).get("unknown_modules", []):
        if not is_covered(path, locked.inputs):
            yield path, "could be imported by the stage, and is not in the run's commit"


def _artifacts(
    runs: Runs, run: Run, lineage: Mapping[str, Any], outputs: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Compare a run's artifacts with its lineage.json, and with the files of outputs that they copy."""
    files = runs.artifacts(run)
    listed: Mapping[str, str] = lineage.get("artifacts", {})
    hashes = md5s(files[name] for name in listed if name in files)
    known = {LINEAGE} if "run" in lineage else {LINEAGE, PATCH}
    yield from ((name, "was added to the run") for name in sorted(files.keys() - listed.keys() - known))
    for name, md5 in sorted(listed.items()):
        now = hashes.get(files.get(name, Path()))
        copies = {digest for path, digest in outputs.items() if f"/{path}".endswith(f"/{name}")}
        if now is None:
            yield name, "is missing"
        elif now != md5:
            yield name, f"is {now}, its {LINEAGE} says {md5}"
        elif copies and md5 not in copies:
            yield name, "is not the output of that name in dvc.lock"


def _models(runs: Runs, run: Run, outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Compare the models that a run registered with their tags, and these with the outputs in dvc.lock."""
    for model in runs.models(run):
        hashes = md5s(model.files.values())
        if not model.md5s:
            yield f"model {model.name}", "has no hash of its files as a tag"
        for name, md5 in sorted(model.md5s.items()):
            made = {digest for path, digest in outputs.items() if path.endswith(f"/{name}")}
            if made and md5 not in made:
                yield f"model {model.name}", f"{name} is not the output of that name in dvc.lock"
            elif hashes.get(model.files[name]) != md5:
                yield f"model {model.name}", f"{name} is missing or changed, its tag says {md5}"
