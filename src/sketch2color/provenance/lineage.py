"""The way back from an output: the run that made it, from what, and so on to the source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sketch2color.provenance.contents import Contents
from sketch2color.provenance.facts import facts, source_facts
from sketch2color.provenance.lock import Lock, Locked
from sketch2color.provenance.parameters import effective
from sketch2color.provenance.paths import is_code, is_source, parents
from sketch2color.provenance.runs import Run, Runs


@dataclass
class Origin:
    """One thing on the way back: an output or a source by its DVC hash, and what it was made from.

    ``facts`` are lines about what it holds. ``run`` is the newest run that made it, ``others`` counts those
    that made the same. ``sources`` are the things it was made from, ``code`` the hashes of what made it.
    ``gap`` says why the way ends here; it is empty where it goes on, or has arrived.
    """

    path: str
    md5: str
    facts: tuple[str, ...] = ()
    stage: str = ""
    cmd: str = ""
    run: Run | None = None
    others: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    sources: tuple["Origin", ...] = ()
    gap: str = ""


class Origins:
    """Finds origins by hash over all runs; where no run says it, dvc.lock may.

    A thing that several others were made from is one object, found once.
    """

    def __init__(self, runs: Runs, contents: Contents, lock: Lock) -> None:
        self._runs = runs
        self._contents = contents
        self._lock = lock
        self._known: dict[tuple[str, str], Origin] = {}

    def of(self, path: str, md5: str) -> Origin:
        """Return the origin of an output, or of a file in one, that has this hash."""
        if (path, md5) not in self._known:
            self._known[path, md5] = self._find(path, md5)
        return self._known[path, md5]

    def by(self, run: Run, path: str, md5: str, others: int = 0) -> Origin:
        """Return the origin of what a run made, or was to make."""
        said = self._runs.lineage(run) or {}
        params = effective(said["params"]) if isinstance(said.get("params"), Mapping) else dict(run.params)
        origin = self._made(path, md5, Locked(run.tags.get("command", ""), run.inputs, {}, run.outputs))
        origin.stage, origin.run, origin.others, origin.params = run.stage, run, others, params
        return origin

    def _find(self, path: str, md5: str) -> Origin:
        if is_source(path):
            return Origin(path, md5)
        out, runs = self._makers(path, md5)
        locked = next(((name, one) for name, one in self._lock.items() if one.outs.get(path) == md5), None)
        if runs:
            alike = [run for run in runs if locked and run.inputs == locked[1].deps]
            return self.by((alike or runs)[0], out, runs[0].outputs[out], len(runs) - 1)
        if locked:
            origin = self._made(path, md5, locked[1])
            origin.stage, origin.params = locked[0], effective(locked[1].params)
            origin.gap = (
                "no run in the record made this; from here on dvc.lock alone says what it was made from"
            )
            return origin
        return Origin(
            path,
            md5,
            facts(self._contents, path, md5),
            gap="no run in the record made this, nor does dvc.lock say",
        )

    def _makers(self, path: str, md5: str) -> tuple[str, list[Run]]:
        """Return the output that ``path`` is or lies in, and the runs that made it so."""
        if runs := self._runs.made({path: md5}):
            return path, runs
        for parent in parents(path):
            name = path.removeprefix(f"{parent}/")
            made = self._runs.made_any(parent)
            if runs := [run for run in made if self._contents.tree(run.outputs[parent]).get(name) == md5]:
                return parent, [run for run in runs if run.outputs[parent] == runs[0].outputs[parent]]
        return path, []

    def _made(self, path: str, md5: str, locked: Locked) -> Origin:
        code = {dep: value for dep, value in locked.deps.items() if is_code(dep)}
        found = [self.of(dep, value) for dep, value in locked.deps.items() if dep not in code]
        sources = {(each.path, each.md5): each for each in found}
        for source in sources.values():
            if is_source(source.path):
                source.facts = source_facts(self._contents, locked.outs, source.path)
        return Origin(
            path,
            md5,
            facts(self._contents, path, md5),
            cmd=locked.cmd,
            code=code,
            sources=tuple(sources.values()),
        )


def every(origin: Origin) -> list[Origin]:
    """Return an origin and all before it, each once, the nearest first."""
    found: dict[tuple[str, str], Origin] = {}
    waiting = [origin]
    while waiting:
        each = waiting.pop(0)
        if (each.path, each.md5) not in found:
            found[each.path, each.md5] = each
            waiting += each.sources
    return list(found.values())
