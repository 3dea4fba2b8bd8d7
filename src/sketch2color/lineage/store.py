"""Where the MLflow record lies."""

import os
from pathlib import Path

EXPERIMENT = "sketch2color"


def home(root: Path) -> Path:
    """Return the checkout that keeps the record for ``root``.

    ``dvc exp run --queue`` and ``--temp`` work in a copy under ``.dvc/tmp/exps`` that is thrown away; their
    runs belong into the record of the checkout they were started from.

    >>> str(home(Path("/a/.dvc/tmp/exps/standalone/tmp1"))), str(home(Path("/a")))
    ('/a', '/a')
    """
    for parent in root.parents:
        if parent.parts[-3:] == (".dvc", "tmp", "exps"):
            return parent.parents[2]
    return root


def tracking_uri(root: Path) -> str:
    """Return ``MLFLOW_TRACKING_URI``, or else the SQLite store of the checkout, by absolute path."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home(root.resolve()) / 'mlflow.db'}"
