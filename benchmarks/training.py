"""Time a training step beside the textbook CycleGAN's, on the available device.

    python benchmarks/training.py --rounds 8
    python benchmarks/training.py --memory

The first interleaves: in each round a textbook step, a step of `paper` and several of `lite`, so that other
load on the machine affects all alike. The textbook step is the published networks and objective in plain
eager fp32. The second runs each in a process of its own and prints its peak memory.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
import yaml
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cli import argument_parser
from sketch2color.config.params import TrainCyclegan, parse
from sketch2color.cyclegan.data import Batches
from sketch2color.cyclegan.networks import build, compile_if_long
from sketch2color.cyclegan.runtime import launch
from sketch2color.cyclegan.train import Trainer
from sketch2color.imaging import ImageArray
from sketch2color.manifest import Domain
from sketch2color.models.generators.resnet import BlockwiseConv2d

EDGE = 256
LONG = 10_000
"""Steps of the training that the steps belong to."""
STEPS = {"textbook": 1, "paper": 1, "lite": 8}
"""Steps in a round: those of `lite` are short, and take the identity term only now and then."""


NO_PALETTE = torch.empty(0)
"""The published generators ignore the palette."""


class Textbook:
    """One step as the published code takes it (Zhu et al. 2017), without its options: fp32, eager."""

    def __init__(self, device: torch.device) -> None:
        self.networks = build(TrainCyclegan(), seed=0).to(device)
        for layer in self.networks.modules():
            if isinstance(layer, BlockwiseConv2d):
                layer.forward = partial(nn.Conv2d.forward, layer)  # type: ignore[method-assign]
        self.device = device
        generators, discriminators = self.networks.generators, self.networks.discriminators
        self.generators = torch.optim.Adam(generators.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.discriminators = torch.optim.Adam(discriminators.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, sketch: torch.Tensor, color: torch.Tensor) -> None:
        """Train on one image of each domain, 1 × 3 × H × W in [-1, 1]."""
        discriminators = self.networks.discriminators
        sketch_to_color = self.networks.generators.sketch_to_color
        color_to_sketch = self.networks.generators.color_to_sketch
        sketch, color = sketch.to(self.device), color.to(self.device)
        fake_color, fake_sketch = (
            sketch_to_color(sketch, NO_PALETTE),
            color_to_sketch(color, NO_PALETTE),
        )
        cycle_sketch = color_to_sketch(fake_color, NO_PALETTE)
        cycle_color = sketch_to_color(fake_sketch, NO_PALETTE)
        discriminators.requires_grad_(False)
        self.generators.zero_grad()
        identity = F.l1_loss(sketch_to_color(color, NO_PALETTE), color)
        identity = identity + F.l1_loss(color_to_sketch(sketch, NO_PALETTE), sketch)
        cycle = F.l1_loss(cycle_sketch, sketch) + F.l1_loss(cycle_color, color)
        fooled = towards(discriminators.color(fake_color), 1.0)
        fooled = fooled + towards(discriminators.sketch(fake_sketch), 1.0)
        (fooled + 10.0 * cycle + 5.0 * identity).backward()  # type: ignore[no-untyped-call]
        self.generators.step()
        discriminators.requires_grad_(True)
        self.discriminators.zero_grad()
        for discriminator, real, fake in (
            (discriminators.color, color, fake_color),
            (discriminators.sketch, sketch, fake_sketch),
        ):
            loss = towards(discriminator(real), 1.0) + towards(discriminator(fake.detach()), 0.0)
            (0.5 * loss).backward()  # type: ignore[no-untyped-call]
        self.discriminators.step()


def towards(scores: torch.Tensor, target: float) -> torch.Tensor:
    return F.mse_loss(scores, torch.full_like(scores, target))


def stepper(kind: str, threads: int) -> Callable[[int], None]:
    """Return what takes a step of a kind, given its number."""
    preset = "paper" if kind == "textbook" else kind
    values = {**yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")), "preset": preset}
    params = parse(values, Path()).train_cyclegan
    params = params.model_copy(update={"threads": threads, "batch_size": 1})
    fabric = launch(params)
    random = np.random.default_rng(0)
    images: dict[Domain, list[ImageArray]] = {
        domain: [random.integers(0, 256, (EDGE, EDGE, 3), np.uint8) for _ in range(4)]
        for domain in ("sketch", "color")
    }
    batches = Batches(images, 1, params.augmentation, 0)
    if kind == "textbook":
        textbook = Textbook(fabric.device)
        return lambda step: textbook.step(batches[step].sketch, batches[step].color)
    networks = build(params, 0)
    trainer = Trainer(fabric, networks, params, LONG, 0)
    compile_if_long(fabric, networks, EDGE, LONG)
    return lambda step: void(trainer.run_step(step, batches[step]))


def void(_: object) -> None:
    """Drop a result."""


def finished() -> float:
    """Return the time when the device has done all that was asked of it."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def flops(step: Callable[[int], None]) -> float:
    """Return the floating-point operations of a mean step; a multiply-add counts as two."""
    with FlopCounterMode(display=False) as counter:
        for number in range(4):
            step(number)
    return float(counter.get_total_flops()) / 4


def peak(dtype: torch.dtype) -> float:
    """Return what matrix products reach here, in FLOP/s: the fastest of ten of 4096 × 4096."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    a, b = (torch.randn(4096, 4096, device=device, dtype=dtype) for _ in range(2))
    times = []
    for _ in range(10):
        start = finished()
        a @ b
        times.append(finished() - start)
    return 2 * 4096**3 / min(times)


def compare(rounds: int, threads: int) -> None:
    steps = {kind: stepper(kind, threads) for kind in STEPS}
    work = {kind: flops(step) for kind, step in steps.items()}
    for step in steps.values():  # compiling, where that is done
        step(0)
        step(1)
    peaks = {"fp32": peak(torch.float32), "bf16": peak(torch.bfloat16)}
    times: dict[str, list[float]] = {kind: [] for kind in steps}
    for turn in range(rounds):
        for kind, step in steps.items():
            start = finished()
            for number in range(STEPS[kind]):
                step(turn * STEPS[kind] + number)
            times[kind].append((finished() - start) / STEPS[kind])
        print(turn, *(f"{kind} {times[kind][-1]:.3f} s" for kind in steps), flush=True)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{threads} threads"
    print(f"{device}, torch {torch.__version__}; matrix products", end=" ")
    print(", ".join(f"{name} {value / 1e9:.0f} GFLOP/s" for name, value in peaks.items()))
    print("| step | s, fastest / median | textbook / it, of medians | GFLOP | GFLOP/s | share of peak |")
    for kind in steps:
        best, middle = min(times[kind]), median(times[kind])
        ratio = median(a / b for a, b in zip(times["textbook"], times[kind], strict=True))
        top = peaks["fp32" if kind == "textbook" else "bf16"]
        speed = work[kind] / middle
        print(
            f"| {kind} | {best:.3f} / {middle:.3f} | {ratio:.2f} | {work[kind] / 1e9:.0f} "
            f"| {speed / 1e9:.0f} | {speed / top:.0%} |"
        )


def memory(kind: str, threads: int) -> None:
    step = stepper(kind, threads)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(8):
        step(number)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gpu = f", GPU {torch.cuda.max_memory_allocated() / 1e6:.0f} MB" if torch.cuda.is_available() else ""
    print(
        f"{kind}: peak {after * 1024 / 1e6:.0f} MB, before the first step {before * 1024 / 1e6:.0f} MB{gpu}"
    )


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", nargs="?", const="", metavar="KIND", help=", ".join(STEPS))
    options = parser.parse_args()
    if options.memory:
        memory(options.memory, options.threads)
    elif options.memory == "":
        for kind in STEPS:
            arguments = [sys.argv[0], "--memory", kind, "--threads", str(options.threads)]
            subprocess.run([sys.executable, *arguments], check=True)
    else:
        compare(options.rounds, options.threads)


if __name__ == "__main__":
    main()
