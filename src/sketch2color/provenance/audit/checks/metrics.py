"""Compare the metrics and curves in the workspace with those of the runs that made them."""

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from sketch2color.provenance.audit.checks.finding import Finding, Subject
from sketch2color.provenance.runs import Run
from sketch2color.provenance.value_diff import logged_values, read_metrics

STEP = "step"
TOLERANCE = 1e-5
"""Relative: the files have six digits of what a run logs."""

Curve = Mapping[int, float]


def check_metrics(subject: Subject) -> Iterator[Finding]:
    """Compare every number of metrics.json, and every point of a curve, with each run of the stage."""
    metrics_files = subject.project.metrics_files()
    for stage, runs in subject.makers.items():
        locked, root = subject.lock[stage], subject.project.root
        own = [file for file in metrics_files if any(file.startswith(f"{out}/") for out in locked.outputs)]
        metrics = {file: _read_metrics(root / file) for file in own}
        files = subject.project.output_files(locked) if runs else {}
        curves = {file: _read_curves(root / file) for file in files if file.endswith(".csv")}
        remedy = f"`dvc repro --force {stage}` shows which is wrong"
        for run in runs:
            for file, text in (*_metrics(metrics, run), *_curves(subject, curves, run)):
                yield Finding(stage, "metric", file, text, remedy)


def _read_metrics(file: Path) -> dict[str, float]:
    """Return the values of a metrics.json; none where it is missing or corrupt, which check_files finds."""
    try:
        return logged_values(read_metrics(file.read_bytes()))
    except (OSError, ValueError):
        return {}


def _read_curves(file: Path) -> dict[str, Curve]:
    """Return the columns of a table of curves by step; none of other tables, or where it is corrupt."""
    try:
        names, *rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
        if names[:1] != [STEP]:
            return {}
        table = [[float(value) for value in row] for row in rows]
        return {name: {int(row[0]): row[column] for row in table} for column, name in enumerate(names[1:], 1)}
    except (OSError, ValueError, IndexError, csv.Error):
        return {}


def _metrics(metrics: Mapping[str, Mapping[str, float]], run: Run) -> Iterator[tuple[str, str]]:
    for file, values in metrics.items():
        for name, value in values.items():
            if run.metrics.get(name, value) != value:
                yield file, f"{name} is {value}, run {run.id} has {run.metrics[name]}"


def _curves(subject: Subject, curves: Mapping[str, dict[str, Curve]], run: Run) -> Iterator[tuple[str, str]]:
    """Compare curves; a column is logged under its name, or with the file's name before it (``val_kid``)."""
    for file, columns in curves.items():
        for column, points in columns.items():
            for metric in sorted({column, f"{Path(file).stem}_{column}"} & run.metrics.keys()):
                logged = subject.runs.curve(run, metric)
                steps = (points.keys() | logged.keys()) - ({0} - points.keys())  # 0: a metric without step
                wrong = sorted(step for step in steps if not _equal(points.get(step), logged.get(step)))
                if wrong:
                    values = f"{points.get(wrong[0])}, run {run.id} has {logged.get(wrong[0])}"
                    yield file, f"{metric} at step {wrong[0]} is {values}; {len(wrong)} step(s) differ"


def _equal(point: float | None, logged: float | None) -> bool:
    return point is not None and logged is not None and math.isclose(point, logged, rel_tol=TOLERANCE)
