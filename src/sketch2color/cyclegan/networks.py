"""The four networks of a CycleGAN."""

import shutil

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.config.params import TrainCyclegan
from sketch2color.models.discriminators import PatchDiscriminator
from sketch2color.models.generators.base import Generator
from sketch2color.models.generators.registry import GENERATORS
from sketch2color.models.initialization import initialize
from sketch2color.models.palette import PALETTE

MIN_FLOP_TO_COMPILE = 3e15
"""FLOP of the generators in a training: two cores take hours for them, and minutes to compile."""
GENERATOR_PASSES = 6 * 3
"""In a step: two fakes, two cycles and two identities; backward counts twice."""


class Generators(nn.Module):
    """The two generators, which one optimizer trains."""

    def __init__(self, sketch_to_color: Generator, color_to_sketch: Generator) -> None:
        super().__init__()
        self.sketch_to_color = sketch_to_color
        self.color_to_sketch = color_to_sketch


class Discriminators(nn.Module):
    """The two discriminators, which the other optimizer trains."""

    def __init__(self, sketch: nn.Module, color: nn.Module) -> None:
        super().__init__()
        self.sketch = sketch
        self.color = color


class Networks(nn.Module):
    """All four networks."""

    def __init__(self, generators: Generators, discriminators: Discriminators) -> None:
        super().__init__()
        self.generators = generators
        self.discriminators = discriminators


def build(params: TrainCyclegan, seed: int) -> Networks:
    """Build and initialise the four networks that ``params`` ask for."""
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    generator, width = GENERATORS[params.generator], params.generator_width
    color_to_sketch = generator.inverse(width)
    generators = Generators(generator(width), color_to_sketch)
    shape = params.discriminator_width, params.discriminator_shrink
    networks = Networks(generators, Discriminators(PatchDiscriminator(*shape), PatchDiscriminator(*shape)))
    initialize(networks, random)
    return networks


def min_image_size(networks: Networks, params: TrainCyclegan) -> int:
    """Return the smallest edge in pixels whose last feature maps have something to normalise over."""
    return max(2 * networks.generators.sketch_to_color.stride, 32 * params.discriminator_shrink)


def compile_if_long(fabric: Fabric, networks: Networks, size: int, samples: int) -> bool:
    """Compile the networks in place, if training on ``samples`` images of ``size`` pixels is long.

    Outputs stay the same up to rounding, and so do the names of weights; the choice depends on no clock.
    Return whether they were compiled.
    """
    if samples * GENERATOR_PASSES * _flop(networks, size) < MIN_FLOP_TO_COMPILE:
        return False
    if fabric.device.type == "cpu" and not (shutil.which("g++") or shutil.which("clang++")):
        fabric.print("no C++ compiler found: the networks are not compiled, which is slower")
        return False
    for network in (*networks.generators.children(), *networks.discriminators.children()):
        network.compile(dynamic=False)
    return True


@torch.no_grad()
def _flop(networks: Networks, size: int) -> float:
    """Return the floating-point operations of colouring one image."""
    device = next(networks.parameters()).device
    image, palette = torch.zeros(1, 3, size, size, device=device), torch.zeros(1, PALETTE, device=device)
    with FlopCounterMode(display=False) as counter:
        networks.generators.sketch_to_color(image, palette)
    return float(counter.get_total_flops())
