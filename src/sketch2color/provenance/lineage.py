"""The lineage of an output: the run that made it, that run's inputs, and so on back to the sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sketch2color.provenance.dvc import Lock, is_code, is_source
from sketch2color.provenance.output_files import Contents
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.runs import Run, Runs
from sketch2color.provenance.value_diff import effective_params


@dataclass
class Node:
    """An output or a source with its DVC hash, and what it was made from.

    ``details`` are lines about its content; ``run`` is the newest run that made it, ``others`` the number of
    further ones; ``code`` maps paths of code to hashes; ``gap`` says why the lineage is incomplete here.
    """

    path: str
    md5: str
    details: list[str] = field(default_factory=list)
    stage: str = ""
    command: str = ""
    run: Run | None = None
    others: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    inputs: list["Node"] = field(default_factory=list)
    gap: str = ""

    def ancestors(self) -> list["Node"]:
        """Return this node and all that it was made from, each once, the nearest first."""
        found: dict[tuple[str, str], Node] = {}
        queue = [self]
        for node in queue:
            if (node.path, node.md5) not in found:
                found[node.path, node.md5] = node
                queue += node.inputs
        return list(found.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the node for JSON, its run by id and its inputs by path and hash."""
        run = self.run
        environment = run.environment if run else {}
        about = {"run": run and run.id, "commit": run and run.commit, "environment": environment}
        return vars(self) | about | {"inputs": [{"path": each.path, "md5": each.md5} for each in self.inputs]}


class Lineage:
    """Finds lineages by hash over all runs, and in dvc.lock where no run is found."""

    def __init__(self, runs: Runs, contents: Contents, lock: Lock) -> None:
        self._runs, self._contents, self._lock = runs, contents, lock
        self._known: dict[tuple[str, str], Node] = {}

    def of(self, path: str, md5: str) -> Node:
        """Return the node of an output, or of a file in one, with this hash."""
        if (path, md5) not in self._known:
            self._known[path, md5] = self._find(path, md5)
        return self._known[path, md5]

    def of_run(self, run: Run, path: str, md5: str, others: int = 0) -> Node:
        """Return the node of an output of a run."""
        node = self._node(path, md5, run.stage, self._runs.locked(run))
        node.run, node.others, node.params = run, others, node.params or run.params
        return node

    def _find(self, path: str, md5: str) -> Node:
        if is_source(path):
            return Node(path, md5)
        out, runs = self._makers(path, md5)
        stage = next((name for name, each in self._lock.items() if each.outputs.get(path) == md5), "")
        if runs:
            same = [run for run in runs if stage and run.inputs == self._lock[stage].inputs]
            return self.of_run((same or runs)[0], out, runs[0].outputs[out], len(runs) - 1)
        if stage:
            node = self._node(path, md5, stage, self._lock[stage])
            node.gap = "no run in the record made this; only dvc.lock names its inputs"
        else:
            node = Node(path, md5, self._contents.describe(path, md5))
            node.gap = "no run in the record made this, nor does dvc.lock name it"
        return node

    def _makers(self, path: str, md5: str) -> tuple[str, list[Run]]:
        """Return the output that ``path`` is or lies in, and the runs that made it with this hash."""
        if runs := self._runs.with_outputs({path: md5}):
            return path, runs
        for parent in map(str, PurePosixPath(path).parents[:-1]):
            name = path.removeprefix(f"{parent}/")
            made = self._runs.with_output(parent)
            if runs := [run for run in made if self._contents.tree(run.outputs[parent]).get(name) == md5]:
                return parent, [run for run in runs if run.outputs[parent] == runs[0].outputs[parent]]
        return path, []

    def _node(self, path: str, md5: str, stage: str, locked: StageHashes) -> Node:
        node = Node(path, md5, self._contents.describe(path, md5), stage, locked.command)
        node.params = effective_params(locked.params)
        node.code = {dep: value for dep, value in locked.inputs.items() if is_code(dep)}
        inputs = [self.of(dep, value) for dep, value in locked.inputs.items() if not is_code(dep)]
        node.inputs = list({(each.path, each.md5): each for each in inputs}.values())
        for each in node.inputs:
            if is_source(each.path):
                each.details = self._contents.describe_source(each.path, locked.outputs)
        return node
