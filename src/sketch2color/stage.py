"""The frame round every stage: parameters, the MLflow run, the hashes of what goes in and out."""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sketch2color import params
from sketch2color.errors import UserError
from sketch2color.lineage.dvc_hashes import hashes
from sketch2color.lineage.record import Record, recording


@dataclass(frozen=True)
class Stage:
    """What a stage script is given.

    ``inputs`` maps the path of each dependency, as dvc.yaml writes it, to DVC's hash of it.
    """

    params: params.Params
    inputs: Mapping[str, str]
    record: Record


def run_stage(name: str, work: Callable[[Stage], None]) -> None:
    """Run ``work`` as the stage ``name`` of dvc.yaml, in the current directory.

    Inputs are hashed before the work and again after. A user's error becomes one line on stderr and exit
    code 1; the run in MLflow is then marked failed.
    """
    try:
        _run(name, Path.cwd(), work)
    except UserError as error:
        sys.exit(f"{name}: {error}")


def _run(name: str, root: Path, work: Callable[[Stage], None]) -> None:
    read = params.read()
    before = hashes(name, root).inputs
    with recording(name, root, _parameters(read, name)) as record:
        record.hashes("input", before)
        start = time.monotonic()
        work(Stage(read, before, record))
        frame = {"stage.seconds": time.monotonic() - start, "stage.peak_memory_mb": _peak_memory()}
        after = hashes(name, root)
        if changed := [path for path, value in before.items() if after.inputs[path] != value]:
            raise UserError(f"{', '.join(changed)} changed while the stage ran: run `dvc repro` again")
        record.hashes("output", after.outputs)
        record.metrics(frame)  # after the outputs: what a stage cost is no part of their profile


def _parameters(read: params.Params, name: str) -> dict[str, object]:
    section = asdict(getattr(read, name))
    switches = {"dataset": read.dataset, "preset": read.preset, "seed": read.seed}
    return switches | {f"{name}.{key}": value for key, value in section.items()}


def _peak_memory() -> float:
    """Return the largest resident size of this process so far, in MB (Linux counts KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
