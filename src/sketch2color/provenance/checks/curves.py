"""Whether the curves of a run are those on disk."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sketch2color.provenance.findings import Finding, wrong_of_two
from sketch2color.provenance.runs import Run, Runs

STEP = "step"
DIGITS = 1e-5
"""Files have six digits of what a run logs."""

Curve = dict[int, float]


def read_curves(root: Path, files: Iterable[str]) -> dict[str, dict[str, Curve]]:
    """Return the curves of the files by step among those of a checkout, by file and column."""
    return {file: _curves(root / file) for file in files if file.endswith(".csv")}


def check_curves(
    runs: Runs, stage: str, run: Run, on_disk: Mapping[str, Mapping[str, Curve]]
) -> Iterator[Finding]:
    """Compare every point that a run logged with the curves of its stage.

    A column's points are logged under its name, or under the file's and its name, such as ``val_kid``.
    """
    for file, curves in on_disk.items():
        for column, points in curves.items():
            for metric in sorted({column, f"{Path(file).stem}_{column}"} & run.metrics.keys()):
                if text := _difference(metric, points, run, runs.curve(run, metric)):
                    yield Finding(stage, "metric", file, text, wrong_of_two(stage))


def _difference(metric: str, points: Curve, run: Run, logged: Curve) -> str:
    """Say at which step first the points of file and run differ, or nothing."""
    unstepped = {0} - points.keys()  # where MLflow keeps a figure that is no point
    steps = (points.keys() | logged.keys()) - unstepped
    wrong = sorted(step for step in steps if not _same(points.get(step), logged.get(step)))
    if not wrong:
        return ""
    more = f"; other at {len(wrong)} steps in all" if len(wrong) > 1 else ""
    first = wrong[0]
    return f"{metric} at step {first} is {points.get(first)}, run {run.id} has {logged.get(first)}{more}"


def _curves(file: Path) -> dict[str, Curve]:
    """Return the columns of a CSV file by step; none of other tables, or where it is harmed."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines)
            names = list(table.fieldnames or [])
            if names[:1] != [STEP]:
                return {}
            rows = [{name: float(row[name]) for name in names} for row in table]
    except (OSError, ValueError, TypeError, csv.Error):
        return {}
    return {name: {int(row[STEP]): row[name] for row in rows} for name in names[1:]}


def _same(point: float | None, logged: float | None) -> bool:
    return point is not None and logged is not None and math.isclose(point, logged, rel_tol=DIGITS)
