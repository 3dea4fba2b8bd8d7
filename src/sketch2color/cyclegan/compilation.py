"""Compiling the networks, where a training is long enough to pay for it."""

import shutil

import torch
from lightning_fabric import Fabric
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.cyclegan.losses import Networks
from sketch2color.models.palette import PALETTE

WORTH = 3e15
"""FLOP of the generators in a training: two cores take hours for them, and minutes to compile."""
PASSES = 6 * 3
"""A step's passes through generators: two cycles and two identities; backward counts twice."""


def compile_if_long(fabric: Fabric, networks: Networks, edge: int, samples: int) -> bool:
    """Compile the networks in place, if training them on ``samples`` images of ``edge`` pixels is long.

    What they calculate stays the same up to rounding, and so does what their weights are called. The choice
    follows from the parameters and the images, never from a clock.

    Returns:
        Whether it did.
    """
    if samples * PASSES * _flop(networks, edge) < WORTH:
        return False
    if fabric.device.type == "cpu" and not (shutil.which("g++") or shutil.which("clang++")):
        fabric.print("no C++ compiler here: the networks are not compiled, which is slower")
        return False
    for network in networks.children():
        network.compile(dynamic=False)
    return True


@torch.no_grad()
def _flop(networks: Networks, edge: int) -> float:
    """Return the floating-point operations of painting one image."""
    device = next(networks.parameters()).device
    with FlopCounterMode(display=False) as counter:
        networks.sketch_to_color(
            torch.zeros(1, 3, edge, edge, device=device), torch.zeros(1, PALETTE, device=device)
        )
    return float(counter.get_total_flops())
