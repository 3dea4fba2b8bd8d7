"""How a training runs: devices, processes, precision, determinism, and signals that ask it to stop."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch.utils import deterministic

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.processes import Processes, read_processes
from sketch2color.errors import UserError
from sketch2color.models import bfloat16


def launch(params: TrainCyclegan) -> Fabric:
    """Prepare torch, start or join the processes of a training, and return its Fabric.

    ``torchrun`` and ``fabric run`` set the number of processes in the environment; without them it is
    ``params.processes``, and this starts the others. Each takes one GPU, where there are any.

    Raises:
        UserError: the batch cannot be split evenly, there are fewer GPUs than processes, or the environment
            names no process of a training.
    """
    place = read_processes()
    if place.world_size == 1:
        place = Processes(world_size=params.processes, local_world_size=params.processes)
    here, world = place.local_world_size, place.world_size
    if params.batch_size % world:
        raise UserError(
            f"train_cyclegan.batch_size {params.batch_size} cannot be split among {world} processes: "
            f"set it to a multiple of {world}"
        )
    on_gpu = torch.cuda.is_available()
    if on_gpu and here > torch.cuda.device_count():
        raise UserError(
            f"{here} processes need a GPU each, and this machine has {torch.cuda.device_count()}: "
            "lower train_cyclegan.processes"
        )
    torch.set_num_threads(params.threads)
    # On a GPU reflection padding has no deterministic backward pass: torch warns and continues.
    torch.use_deterministic_algorithms(True, warn_only=on_gpu)
    # Nothing here reads memory before writing it, so none need be filled first.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    if world > 1:
        os.environ["LOCAL_WORLD_SIZE"] = str(here)  # for the processes that Fabric starts
    bf16 = params.precision == "bf16"
    fabric = Fabric(
        accelerator="cuda" if on_gpu else "cpu",
        strategy="ddp" if world > 1 else "auto",
        devices=here,
        num_nodes=world // here,
        precision="bf16-mixed" if bf16 and bfloat16.has_bf16() else "32-true",
        plugins=_Environment(place),  # or Fabric would look for SLURM, LSF and MPI
    )
    fabric.launch()
    if bf16 and not bfloat16.has_bf16():
        fabric.print(bfloat16.MISSING)
    return fabric


class _Environment(LightningEnvironment):
    """Processes started by Fabric or torchrun, whatever other variables a cluster has set."""

    def __init__(self, place: Processes) -> None:
        super().__init__()
        self._node = place.rank // place.local_world_size

    def node_rank(self) -> int:
        """Return the number of this machine."""
        return self._node


class Interruption:
    """``name`` is that of the signal that asked to stop (SIGTERM, SIGINT), or empty."""

    name = ""

    def handle(self, number: int, _: FrameType | None) -> None:
        """Remember the signal."""
        self.name = signal.Signals(number).name


@contextmanager
def catch_signals() -> Iterator[Interruption]:
    """Remember SIGTERM and Ctrl-C instead of dying of them; restore their handlers afterwards."""
    interruption = Interruption()
    before = {
        number: signal.signal(number, interruption.handle) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
