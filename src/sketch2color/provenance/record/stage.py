"""The frame round every stage: parameters, the MLflow run, the hashes of what goes in and out."""

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from sketch2color.config import params
from sketch2color.errors import UserError
from sketch2color.provenance.record.dvc_hashes import hashes
from sketch2color.provenance.record.run import Record, Silent, recording
from sketch2color.provenance.record.store import tracking_uri

SCRATCH = Path(".scratch")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Stage:
    """What a stage script is given.

    ``inputs`` maps the path of each dependency, as dvc.yaml writes it, to DVC's hash of it. ``scratch`` is a
    folder for what the stage needs to go on after it was killed; its name follows from all that goes in, and
    it is removed when what comes out is on record.
    """

    params: params.Params
    inputs: Mapping[str, str]
    record: Record
    scratch: Path


def run_stage(name: str, work: Callable[[Stage], None]) -> None:
    """Run ``work`` as the stage ``name`` of dvc.yaml, in the current directory.

    Inputs are hashed before the work and again after. A user's error, or a full disk, becomes one line on
    stderr and exit code 1; the run in MLflow is then marked failed. SIGTERM and Ctrl-C end it likewise, and
    the run is marked killed; a stage that can go on where it stopped sees to that itself.

    Where the work runs in several processes, each runs this, and the first alone keeps the record.
    """
    first = os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0")) == "0"
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if first:
            _run(name, Path.cwd(), work)
        else:
            work(Stage(params.read(), {}, Silent(), SCRATCH))
    except UserError as error:
        sys.exit(f"{name}: {error}" if first else 1)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        sys.exit(f"{name}: {error.filename}: {error.strerror}; free some space, then run the same again")
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted; run the same again")
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(name: str, root: Path, work: Callable[[Stage], None]) -> None:
    read = params.read()
    before = hashes(name, root)
    parameters = _parameters(read, name)
    scratch = SCRATCH / name / _key(before.inputs, parameters)
    with recording(name, tracking_uri(root, read.tracking.offline), root, parameters, before) as record:
        start = time.monotonic()
        work(Stage(read, before.inputs, record, scratch))
        frame = {"stage.seconds": time.monotonic() - start, "stage.peak_memory_mb": _peak_memory()}
        after = hashes(name, root)
        if changed := [path for path, value in before.inputs.items() if after.inputs[path] != value]:
            raise UserError(f"{', '.join(changed)} changed while the stage ran: run `dvc repro` again")
        record.hashes("output", after.outputs)
        record.metrics(frame)  # after the outputs: what a stage cost is no part of their profile
    shutil.rmtree(scratch, ignore_errors=True)


def _key(inputs: Mapping[str, str], parameters: Mapping[str, object]) -> str:
    content = json.dumps([inputs, parameters], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _parameters(read: params.Params, name: str) -> dict[str, object]:
    section = asdict(getattr(read, name))
    switches = {"dataset": read.dataset, "preset": read.preset, "seed": read.seed}
    return switches | {f"{name}.{key}": value for key, value in section.items()}


def _peak_memory() -> float:
    """Return the largest resident size of this process so far, in MB (Linux counts KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
