"""Run a stage of dvc.yaml: read parameters, open the MLflow run, hash inputs and outputs."""

import hashlib
import json
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sketch2color.config import params
from sketch2color.errors import UserError
from sketch2color.provenance.record.dvc_hashes import hash_stage
from sketch2color.provenance.record.run import NullLogger, RunLogger, recording
from sketch2color.provenance.record.store import tracking_uri
from sketch2color.terminal import program

SCRATCH = Path(".scratch")


@dataclass(frozen=True)
class Stage:
    """The arguments of a stage script.

    ``inputs`` maps the path of each dependency to DVC's hash of it. ``scratch`` is a folder for what the
    stage needs to resume; it is named by a hash of inputs and parameters and removed after the stage.
    """

    params: params.Params
    inputs: Mapping[str, str]
    logger: RunLogger
    scratch: Path


def run_stage(name: str, work: Callable[[Stage], None], rank: Callable[[], int] = int) -> None:
    """Run ``work`` as the stage ``name`` of dvc.yaml, in the current directory.

    A user's or the system's error, SIGTERM and Ctrl-C become one line on stderr and exit code 1, and the run
    in MLflow is marked failed or killed. Where the work runs in several processes, each calls this with its
    own ``rank``, and only the first keeps the record.
    """
    handler = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with program(name, stopped="interrupted; run the same again"):
            if rank() == 0:
                _run(name, Path.cwd(), work)
            else:
                work(Stage(params.read(), {}, NullLogger(), SCRATCH))
    finally:
        signal.signal(signal.SIGTERM, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(name: str, root: Path, work: Callable[[Stage], None]) -> None:
    values = params.read()
    before = hash_stage(name, root)
    flat = _flat_params(values, name)
    key = hashlib.sha256(json.dumps([before.inputs, flat], sort_keys=True, default=str).encode()).hexdigest()
    scratch = SCRATCH / name / key[:16]
    with recording(name, tracking_uri(root, values.tracking.offline), root, flat, before) as logger:
        start = time.monotonic()
        work(Stage(values, before.inputs, logger, scratch))
        cost = {"stage.seconds": time.monotonic() - start, "stage.peak_memory_mb": _peak_memory_mb()}
        after = hash_stage(name, root)
        if changed := [path for path, value in before.inputs.items() if after.inputs[path] != value]:
            raise UserError(f"{', '.join(changed)} changed while the stage ran: run `dvc repro` again")
        logger.hashes("output", after.outputs)
        logger.metrics(cost)  # after the outputs: the profile of a data set does not contain it
    shutil.rmtree(scratch, ignore_errors=True)


def _flat_params(values: params.Params, stage: str) -> dict[str, object]:
    section = {f"{stage}.{key}": value for key, value in getattr(values, stage).model_dump().items()}
    return values.model_dump(include={"dataset", "preset", "seed", "image_size"}) | section


def _peak_memory_mb() -> float:
    """Return the largest resident size of this process so far, in MB (Linux counts KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
