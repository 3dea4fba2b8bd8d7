"""Curves of a training, as tables that ``dvc plots`` draws."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sketch2color.files import write_text

Row = Mapping[str, float]


def write_curves(path: Path, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as CSV: the step, then the values of ``names`` with six digits."""
    text = io.StringIO()
    table = csv.DictWriter(text, ["step", *names], lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({"step": int(row["step"]), **{name: f"{row[name]:.6g}" for name in names}})
    write_text(path, text.getvalue())
