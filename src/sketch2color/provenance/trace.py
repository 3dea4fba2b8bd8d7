"""Trace a file, a run or a metric back to the images and their source."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sketch2color import colorize
from sketch2color.colorize.record import Record, find_record
from sketch2color.errors import UserError
from sketch2color.provenance.dvc import Lock, Project, md5s, open_project, outputs, producer, read_lock
from sketch2color.provenance.lineage import Lineage, Node
from sketch2color.provenance.output_files import Contents, describe_row
from sketch2color.provenance.record import tags
from sketch2color.provenance.runs import Run, Runs, open_runs
from sketch2color.provenance.value_diff import read_metrics, to_json

IMAGE_ID = re.compile(r"\b[0-9a-f]{16}\b")
REFERENCES = "references.csv"
MODEL = "models/cyclegan"
BUNDLED = Path(colorize.__file__).parent / "model"
"""The model that comes with the package; the module that loads it imports torch."""
DIGITS = 8
"""Hex digits of a hash or id that are shown."""


@dataclass(frozen=True)
class Trace:
    """A file, run or metric, lines about it, and its lineage."""

    subject: str
    details: list[str]
    node: Node

    @property
    def complete(self) -> bool:
        """Whether every branch of the lineage ends at a source."""
        return not any(node.gap for node in self.node.ancestors())

    def to_json(self) -> str:
        """Return the lineage as JSON: a list of nodes that refer to each other by path and hash."""
        lineage = {"complete": self.complete, "lineage": [node.to_dict() for node in self.node.ancestors()]}
        return to_json({"subject": self.subject, "details": self.details, **lineage})

    def to_text(self) -> str:
        """Return the lineage as a tree, each input below what was made from it, and each node once."""
        lines = [self.subject, *(f"  {line}" for line in self.details), *_tree(self.node, "  ", set())]
        return "\n".join(lines) + "\n"


def trace(root: Path, subject: str) -> Trace:
    """Trace a file by its content, a run by the beginning of its id, or a metric.

    Args:
        root: the top of the checkout.
        subject: of a metric, ``reports/evaluate/metrics.json:cyclegan.kid`` or ``evaluate/cyclegan/kid``.

    Raises:
        UserError: it is none of these, or no output in dvc.lock holds the file.
    """
    file = Path(subject)
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise UserError(f"{subject} is a device or a pipe: name a file")
    try:
        with open_project(root) as project, open_runs(root) as runs:
            return _Tracer(project, runs, read_lock(root)).trace(subject)
    except UserError as error:
        if found := find_record(file):  # a result far from any checkout
            return _of_record(Path(subject), *found, Node(MODEL, "", gap=str(error)))
        raise


class _Tracer:
    def __init__(self, project: Project, runs: Runs, lock: Lock) -> None:
        self._project, self._runs, self._lock, self._outputs = project, runs, lock, outputs(lock)
        self._contents = Contents(project, runs)
        self._lineage = Lineage(runs, self._contents, lock)

    def trace(self, subject: str) -> Trace:
        file, _, key = subject.rpartition(":")
        if Path(subject).exists():
            return self._file(Path(subject))
        if file and Path(file).is_file():
            return self._metric(self._relative(Path(file)) or file, key)
        if run := self._runs.find(subject):
            return self._run(run)
        stage, _, name = subject.partition("/")
        if stage in self._lock and name:
            return self._metric(self._metrics_file(stage), name)
        known = (
            f"a file, the id of a run in {self._runs.uri}, or a metric such as evaluate/cyclegan/paper_noise"
        )
        raise UserError(f"{subject} is no file, run or metric: name {known}")

    def _file(self, file: Path) -> Trace:
        relative = self._relative(file)
        if relative in self._outputs:
            return Trace(relative, [], self._lineage.of(relative, self._outputs[relative]))
        md5 = md5s([file]).get(file, "")
        if not (located := self._locate(md5, relative)):
            if found := find_record(file):
                return _of_record(file, *found, self._model(found[0].files))
            raise self._unknown(relative)
        out, name = located
        node = self._lineage.of(out, self._outputs[out])
        return Trace(f"{out}/{name}", [f"md5 {md5}", *self._describe(node, name)], node)

    def _locate(self, md5: str, relative: str) -> tuple[str, str] | None:
        """Return an output with a file of this hash, and the file's path in it; ``relative`` first."""
        _, own = producer(self._lock, relative) or ("", "")
        for out, locked in sorted(self._outputs.items(), key=lambda each: each[0] != own):
            names = [name for name, each in self._contents.tree(locked).items() if each == md5]
            if names:
                return out, min(names, key=lambda name: (f"{out}/{name}" != relative, name))
        return None

    def _unknown(self, relative: str) -> UserError:
        if own := producer(self._lock, relative):
            return UserError(
                f"{relative} differs from its version in dvc.lock: restore it with `dvc checkout {own[1]}`"
            )
        return UserError("no output in dvc.lock holds this file: check out the commit of its experiment")

    def _model(self, files: Mapping[str, str]) -> Node:
        """Return the node of a trained model by the MD5s of its files: of dvc.lock, a run or the registry."""
        known = [self._outputs.get(MODEL, ""), *(run.outputs[MODEL] for run in self._runs.with_output(MODEL))]
        digest = next((each for each in known if files.items() <= self._contents.tree(each).items()), None)
        if digest:
            node = self._lineage.of(MODEL, digest)
        elif run := self._runs.with_model(files):
            node = self._lineage.of_run(run, MODEL, run.outputs.get(MODEL, ""))
        else:
            return Node(MODEL, "", gap="no run in the record made this model, nor does dvc.lock name it")
        versions = self._runs.models(node.run) if node.run else []
        node.details += [f"registered as {each.name}" for each in versions if each.md5s == files]
        return node

    def _describe(self, node: Node, name: str) -> list[str]:
        """Return lines about an image, or those that it was made from, by the nearest manifest."""
        manifests = (self._contents.manifest(each.path, each.md5) for each in node.ancestors())
        rows = {row["id"]: row for row in next(filter(None, manifests), [])}
        ids = [Path(name).stem]
        references = self._contents.read(node.path, node.md5, REFERENCES) or b""
        for line in references.decode().splitlines()[1:]:
            sketch, _, images = line.partition(",")
            if sketch == ids[0]:
                ids += IMAGE_ID.findall(images)
        return [describe_row(rows[each]) for each in ids if each in rows]

    def _run(self, run: Run) -> Trace:
        failure = run.tags.get(tags.FAILURE, "")
        details = [f"status {run.status}" + (f": {failure}" if failure else "")]
        details += [f"made {path} {md5}" for path, md5 in run.outputs.items()]
        return Trace(f"run {run.id}", details, self._lineage.of_run(run, run.stage, ""))

    def _metric(self, file: str, name: str) -> Trace:
        stage, out = producer(self._lock, file) or ("", "")
        if not stage:
            raise UserError(f"{file} is in no output of dvc.lock: name a metrics.json that dvc.yaml names")
        md5 = self._outputs[out]
        metrics = read_metrics(self._contents.read(out, md5, file.removeprefix(f"{out}/")) or b"{}")
        node = self._lineage.of(out, md5)
        logged = node.run.metrics if node.run else {}
        names = (name, name.replace(".", "/"))
        key = next((each for each in names if each in metrics or each in logged), None)
        if key is None:
            raise UserError(f"{file} has no metric {name}; it has {', '.join(metrics) or 'none'}")
        details = []
        if found := metrics.get(key):
            interval = f" (95 % {found.low} to {found.high}, n = {found.n})" if found.low is not None else ""
            details.append(f"{found.value} in {file}{interval}")
        if node.run and key in logged:
            details.append(f"{logged[key]} in run {node.run.id}")
        return Trace(f"{stage}/{key}", details, node)

    def _metrics_file(self, stage: str) -> str:
        files = self._project.metrics_files()
        for file in files:
            if (producer(self._lock, file) or ("",))[0] == stage:
                return file
        raise UserError(f"stage {stage} writes no metrics; dvc.yaml names {', '.join(files)}")

    def _relative(self, file: Path) -> str:
        """Return a path from the top of the checkout; empty for one outside of it."""
        path, root = file.resolve(), self._project.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def _of_record(file: Path, record: Record, gap: str, model: Node) -> Trace:
    bundled = md5s([BUNDLED / name for name in record.files])
    if record.files == {path.name: digest for path, digest in bundled.items()}:
        model = Node(
            "the model that comes with sketch2color", "", [f"how it was trained: {BUNDLED / 'README.md'}"]
        )
    node = Node(file.name, md5s([file]).get(file, ""), record.describe(), inputs=[model], gap=gap)
    return Trace(str(file), [], node)


def _tree(node: Node, indent: str, shown: set[tuple[str, str]]) -> Iterator[str]:
    title = f"{indent}<- {node.path} {node.md5[:DIGITS]}".rstrip()
    if (node.path, node.md5) in shown:
        yield f"{title} (see above)"
        return
    shown.add((node.path, node.md5))
    yield title
    indent += "   "
    yield from (f"{indent}{line}" for line in (*node.details, *_making(node)))
    for each in node.inputs:
        yield from _tree(each, indent, shown)


def _making(node: Node) -> Iterator[str]:
    """Return lines about how a node was made."""
    if node.gap:
        yield f"THE LINEAGE IS INCOMPLETE: {node.gap}"
    if node.run:
        commit = f"commit {node.run.commit[:DIGITS]}" if node.run.commit else "no commit"
        edited = ", edited (see diff.patch)" if node.run.tags.get(tags.DIRTY) == "true" else ""
        others = f"; {node.others} more made the same" if node.others else ""
        yield f"made by {node.stage}: run {node.run.id[:DIGITS]}, {commit}{edited}{others}"
    elif node.stage:
        yield f"made by {node.stage}"
    if node.params:
        yield "with " + ", ".join(f"{name}={value}" for name, value in sorted(node.params.items()))
    if node.code:
        yield f"by the code of {len(node.code)} files and folders: `{node.command}`"
