"""The trace: from a file, a run or a figure back to the images and their source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.provenance import lock as locks
from sketch2color.provenance.contents import Contents
from sketch2color.provenance.digests import md5s
from sketch2color.provenance.facts import row_facts
from sketch2color.provenance.figures import figures
from sketch2color.provenance.lineage import Origin, Origins, every
from sketch2color.provenance.lock import Lock
from sketch2color.provenance.project import Project, opened
from sketch2color.provenance.runs import Run, Runs, reading

RUN_ID = re.compile(r"[0-9a-f]{4,32}")
REFERENCES = "references.csv"


@dataclass(frozen=True)
class Trace:
    """What was asked for, lines about it, and where it comes from."""

    subject: str
    facts: tuple[str, ...]
    origin: Origin

    @property
    def whole(self) -> bool:
        """Whether every way back arrives at a source."""
        return not any(origin.gap for origin in every(self.origin))


def trace(root: Path, subject: str) -> Trace:
    """Trace a file, by content wherever it lies; a run, by its id or the beginning of it; or a figure.

    A figure is ``reports/evaluate/metrics.json:cyclegan.kid`` or ``evaluate/cyclegan/kid``, stage and name.

    Raises:
        UserError: it is none of these, or no output in dvc.lock holds the file.
    """
    with opened(root) as project, reading(root) as runs:
        return _Tracer(project, runs, locks.read(root)).trace(subject)


class _Tracer:
    def __init__(self, project: Project, runs: Runs, lock: Lock) -> None:
        self._project, self._runs, self._lock = project, runs, lock
        self._contents = Contents(project, runs)
        self._origins = Origins(runs, self._contents, lock)

    def trace(self, subject: str) -> Trace:
        file, _, key = subject.rpartition(":")
        if Path(subject).is_file() or Path(subject).is_dir():
            return self._file(Path(subject))
        if file and Path(file).is_file():
            return self._figure(self._relative(Path(file)) or file, key)
        if RUN_ID.fullmatch(subject) and (runs := self._runs.find(subject)):
            return self._run(subject, runs)
        stage, _, name = subject.partition("/")
        if stage in self._lock and name:
            return self._figure(self._metrics_file(stage), name)
        raise UserError(
            f"{subject} is no file, run or figure: name a file, the id of a run in {self._runs.uri}, or a "
            "figure such as evaluate/cyclegan/paper_noise"
        )

    def _file(self, file: Path) -> Trace:
        relative = self._relative(file)
        if relative in self._outs():
            return Trace(relative, (), self._origins.of(relative, self._outs()[relative]))
        md5 = md5s([file]).get(file, "")
        made = locks.maker(self._lock, relative) if relative else None
        out, name = self._holding(md5, made[1] if made else None, relative)
        origin = self._origins.of(out, self._outs()[out])
        return Trace(f"{out}/{name}", (f"md5 {md5}", *self._about(origin, name)), origin)

    def _holding(self, md5: str, own: str | None, relative: str | None) -> tuple[str, str]:
        """Return the output that holds these bytes, that which the file lies in first, and the name in it."""
        for out, locked in sorted(self._outs().items(), key=lambda each: each[0] != own):
            names = sorted(name for name, each in self._contents.tree(locked).items() if each == md5)
            if names:
                return out, next((name for name in names if f"{out}/{name}" == relative), names[0])
        if own:
            raise UserError(
                f"{relative} is not what dvc.lock knows by that name: `dvc checkout {own}` brings that back"
            )
        raise UserError("no output in dvc.lock holds this file: check out the commit of its experiment")

    def _about(self, origin: Origin, name: str) -> Sequence[str]:
        """Return lines about an image of a set, or one made from such: it bears the id of that image."""
        rows = self._rows(origin)
        ids = [Path(name).stem]
        lent = self._contents.read(origin.path, origin.md5, REFERENCES) or b""
        for line in lent.decode().splitlines()[1:]:
            sketch, _, references = line.partition(",")
            if sketch == ids[0]:
                ids += re.findall(r"\b[0-9a-f]{16}\b", references)
        return [row_facts(rows[each]) for each in ids if each in rows]

    def _rows(self, origin: Origin) -> dict[str, dict[str, str]]:
        """Return the rows of the nearest manifest on the way back, by id."""
        for each in every(origin):
            if rows := self._contents.manifest(each.path, each.md5):
                return {row["id"]: dict(row) for row in rows}
        return {}

    def _run(self, subject: str, runs: list[Run]) -> Trace:
        if len(runs) > 1:
            raise UserError(f"{subject} begins the ids of {len(runs)} runs: name more of it")
        (run,) = runs
        reason = run.tags.get("failure", "")
        said = f"status {run.status}" + (f": {reason}" if reason else "")
        made = tuple(f"made {path} {md5}" for path, md5 in run.outputs.items())
        return Trace(f"run {run.id}", (said, *made), self._origins.by(run, run.stage, ""))

    def _figure(self, file: str, name: str) -> Trace:
        stage, out = locks.maker(self._lock, file) or ("", "")
        if not stage:
            raise UserError(
                f"{file} is not in an output of dvc.lock: name a metrics.json that dvc.yaml names"
            )
        md5 = self._lock[stage].outs[out]
        content = self._contents.read(out, md5, file.removeprefix(f"{out}/")) or b"{}"
        origin = self._origins.of(out, md5)
        found, logged = figures(content), dict(origin.run.metrics) if origin.run else {}
        key = next((each for each in (name, name.replace(".", "/")) if each in found or each in logged), None)
        if key is None:
            raise UserError(f"{file} has no figure {name}; it has {', '.join(found) or 'none'}")
        facts = [f"{logged[key]} says run {origin.run.id}"] if origin.run and key in logged else []
        if key in found:
            figure = found[key]
            interval = (
                f" (95 % {figure.low} to {figure.high}, n = {figure.n})" if figure.low is not None else ""
            )
            facts.insert(0, f"{figure.value}{interval} says {file}")
        return Trace(f"{stage}/{key}", tuple(facts), origin)

    def _metrics_file(self, stage: str) -> str:
        files = self._project.metrics_files()
        for file in files:
            if (locks.maker(self._lock, file) or ("",))[0] == stage:
                return file
        raise UserError(f"stage {stage} writes no figures; dvc.yaml names {', '.join(files)}")

    def _outs(self) -> dict[str, str]:
        return {out: md5 for stage in self._lock.values() for out, md5 in stage.outs.items()}

    def _relative(self, file: Path) -> str | None:
        try:
            return file.resolve().relative_to(self._project.root.resolve()).as_posix()
        except ValueError:
            return None
