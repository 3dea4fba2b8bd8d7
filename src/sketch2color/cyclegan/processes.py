"""Where a training runs: on which device, in which precision, in one process or several."""

import logging
import os

import torch
from lightning_fabric import Fabric
from torch.utils import deterministic

from sketch2color.config.params import TrainCyclegan
from sketch2color.errors import UserError
from sketch2color.models import precision


def launch(params: TrainCyclegan) -> Fabric:
    """Prepare torch, start or join the processes of a training, and return what ties them together.

    ``torchrun`` and ``fabric run`` say through the environment how many processes there are, on one machine
    or several; without them it is ``params.processes``, and this starts the others: the same script again.
    Each takes one GPU, where there are any.

    Raises:
        UserError: the batch cannot be dealt out evenly, or there are fewer GPUs than processes.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", params.processes))
    world = int(os.environ.get("WORLD_SIZE", here))
    if params.batch_size % world:
        raise UserError(
            f"train_cyclegan.batch_size {params.batch_size} cannot be dealt out to {world} processes: "
            f"set it to a multiple of {world}"
        )
    on_gpu = torch.cuda.is_available()
    if on_gpu and here > torch.cuda.device_count():
        raise UserError(
            f"{here} processes need a GPU each, and this machine has {torch.cuda.device_count()}: "
            "lower train_cyclegan.processes"
        )
    _make_deterministic(params.threads, on_gpu)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    fabric = Fabric(
        accelerator="cuda" if on_gpu else "cpu",
        strategy="ddp" if world > 1 else "auto",
        devices=here,
        num_nodes=world // here,
        precision="bf16-mixed" if params.precision == "bf16" and precision.has_bf16() else "32-true",
    )
    fabric.launch()
    if params.precision == "bf16" and not precision.has_bf16():
        fabric.print(precision.MISSING)
    return fabric


def _make_deterministic(threads: int, on_gpu: bool) -> None:
    """Make torch deterministic, to the bit on a CPU."""
    torch.set_num_threads(threads)
    # On a GPU reflection padding has no deterministic backward pass: torch says so and goes on.
    torch.use_deterministic_algorithms(True, warn_only=on_gpu)
    # Nothing here reads memory that it has not written, so none need be filled first.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
