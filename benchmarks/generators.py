"""Compare generators: train each candidate on the same data, score it on val, show what it paints.

    python benchmarks/generators.py data/clean/sample /tmp/generators --steps 1000
    python benchmarks/generators.py data/clean/sample /tmp/generators --time

The first trains one candidate after another and prints a row of the table for each; the second times steps
of all, interleaved, so that whatever else the machine does falls on all alike. Neither reads test.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from skimage.color import rgb2lab
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.cyclegan.data import DRAWS, Batch, Batches, load, load_training
from sketch2color.cyclegan.objective import Networks
from sketch2color.cyclegan.processes import launch
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.evaluation.colorfulness import colorfulness
from sketch2color.images import PictureArray, write_png
from sketch2color.networks.discriminators import PatchDiscriminator
from sketch2color.networks.generators import Generator, ResnetGenerator
from sketch2color.networks.initialization import initialize
from sketch2color.networks.lines import brightest
from sketch2color.networks.multiply import MultiplyGenerator, ScreenGenerator
from sketch2color.networks.palette import PALETTE, palette
from sketch2color.networks.tensors import to_picture, to_tensor
from sketch2color.params import TrainCyclegan
from sketch2color.progress import progress
from sketch2color.sheets import contact_sheet

QUICK = TrainCyclegan(
    generator="multiply",
    augmentation="move",
    learning_rate=5e-4,
    identity_every=4,
    average_decay=0.995,
    precision="bf16",
)


class Dilated(nn.Module):
    """A first trial's recipe: space-to-depth, six dilated residual blocks, zero padding, no wider view."""

    def __init__(self, outputs: int, width: int = 64) -> None:
        super().__init__()
        self.stem = nn.Conv2d(48, width, 3, padding=1)
        self.blocks = nn.ModuleList(self._block(width, dilation) for dilation in (1, 2, 4, 1, 2, 4))
        self.head = nn.Conv2d(width, 4 * outputs, 3, padding=1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """See :class:`Generator`."""
        features = F.relu(F.instance_norm(self.stem(F.pixel_unshuffle(picture, 4))))
        for block in self.blocks:
            features = features + block(features)
        half = F.pixel_shuffle(self.head(features), 2).float()
        return torch.sigmoid(F.interpolate(half, scale_factor=2, mode="bilinear", align_corners=False))

    @staticmethod
    def _block(width: int, dilation: int) -> nn.Sequential:
        def convolution() -> nn.Conv2d:
            return nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)

        norm = nn.InstanceNorm2d(width)
        return nn.Sequential(convolution(), norm, nn.ReLU(), convolution(), norm)


class DilatedMultiply(Generator):
    """The recipe's painter."""

    stride = 4

    def __init__(self) -> None:
        super().__init__()
        self.layer = Dilated(3)

    def forward(self, picture: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """See :class:`Generator`."""
        return picture.add(1.0).mul(self.layer(picture)).sub(1.0)


class DilatedScreen(Generator):
    """The recipe's way back."""

    stride = 4

    def __init__(self) -> None:
        super().__init__()
        self.layer = Dilated(1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """See :class:`Generator`."""
        return (1.0 - (1.0 - brightest(picture)) * self.layer(picture)).expand(-1, 3, -1, -1)


class Unpaletted(MultiplyGenerator):
    """The multiplying U-Net without a palette: always the same."""

    def forward(self, sketch: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """See :class:`Generator`."""
        return super().forward(sketch, torch.full_like(palette, 0.5))


class Blind(MultiplyGenerator):
    """The multiplying U-Net, not told what lies outside of the drawing."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.unet.register_forward_pre_hook(lambda _, inputs: (*inputs[:2], torch.zeros_like(inputs[2])))


@dataclass(frozen=True)
class Candidate:
    """What to train, and how."""

    painter: Callable[[], Generator]
    drawer: Callable[[], Generator]
    critic: Callable[[], nn.Module] = lambda: PatchDiscriminator(48, shrink=2)
    params: TrainCyclegan = field(default=QUICK)

    def networks(self) -> Networks:
        """Build and initialise; the same for each call."""
        torch.manual_seed(0)
        networks = Networks(self.painter(), self.drawer(), self.critic(), self.critic())
        initialize(networks, torch.Generator().manual_seed(0))
        return networks


CANDIDATES = {
    "dilated": Candidate(DilatedMultiply, DilatedScreen),
    "resnet-6, thin": Candidate(lambda: ResnetGenerator(16, 6), lambda: ResnetGenerator(16, 6)),
    "unet, no palette": Candidate(lambda: Unpaletted(32), lambda: ScreenGenerator(16)),
    "unet, not told of outside": Candidate(lambda: Blind(32), lambda: ScreenGenerator(16)),
    "unet, 70 px critics": Candidate(
        lambda: MultiplyGenerator(32), lambda: ScreenGenerator(16), lambda: PatchDiscriminator(32)
    ),
    "unet, narrow": Candidate(lambda: MultiplyGenerator(24), lambda: ScreenGenerator(12)),
    "unet": Candidate(lambda: MultiplyGenerator(32), lambda: ScreenGenerator(16)),
}


def zones(sketch: PictureArray) -> tuple[np.ndarray, np.ndarray]:
    """Return where blank paper is, >= 10 px from ink and outside the drawing, and where its inside is."""
    value = sketch.max(2)
    ink = value < 200
    parts, _ = ndimage.label(~ink)
    rim = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    outside = np.isin(parts, rim[rim > 0])
    distance = ndimage.distance_transform_edt(~ink)
    return outside & (value >= 240) & (distance >= 10), ~outside & ~ink & (distance >= 2)


def score(
    sketches: Sequence[PictureArray], painted: Sequence[PictureArray], colors: Sequence[PictureArray]
) -> dict[str, float]:
    """Paper noise (ΔE76), share of the inside with ΔE > 10, colourfulness, PSNR, spread of mean colours."""
    noise, share, means = [], [], []
    for sketch, picture in zip(sketches, painted, strict=True):
        paper, inside = zones(sketch)
        lab = rgb2lab(picture)
        change = np.linalg.norm(lab - rgb2lab(sketch), axis=2)
        noise.append(change[paper].mean())
        if inside.sum() >= 200:
            share.append((change[inside] > 10).mean())
            means.append(lab[inside][:, 1:].mean(0))
    scores = [colorfulness(picture, sketch) for sketch, picture in zip(sketches, painted, strict=True)]
    colorful = [score for score in scores if score is not None]
    errors = [np.mean((a.astype(float) - b) ** 2) for a, b in zip(painted, colors, strict=True)]
    return {
        "paper noise": float(np.mean(noise)),
        "coloured inside": float(np.mean(share)),
        "colourfulness": float(np.mean(colorful)),
        "PSNR": float(np.mean(10 * np.log10(255**2 / np.array(errors)))),
        "palette spread": float(np.linalg.norm(np.std(means, axis=0))),
    }


def cost(network: nn.Module) -> tuple[float, float]:
    """Return the millions of parameters and the GMAC of one 256 x 256 picture."""
    arguments = [torch.zeros(1, 3, 256, 256), torch.zeros(1, PALETTE)]
    with FlopCounterMode(display=False) as flops, torch.no_grad():
        network(*arguments)
    return sum(weight.numel() for weight in network.parameters()) / 1e6, flops.get_total_flops() / 2e9


def fit(name: str, clean: Path, steps: int) -> nn.Module:
    """Train a candidate and return its (averaged) painter."""
    candidate = CANDIDATES[name]
    trainer = Trainer(launch(candidate.params), candidate.networks(), candidate.params, steps, seed=0)
    batches = Batches(
        load_training(clean, 32, 64), candidate.params.batch_size, candidate.params.augmentation, 0
    )
    for step in progress(range(steps), name, unit="step"):
        trainer.step(step, batches[step])
    painter: nn.Module = trainer.averaged[0]
    return painter.eval()


@torch.no_grad()
def compare(names: Sequence[str], clean: Path, out: Path, steps: int) -> None:
    """Train, score and show candidates."""
    sketches, colors = load(clean, "val", "sketch"), load(clean, "val", "color")
    learned = load_training(clean, 32, 64)["color"]
    palettes = torch.cat([palette(to_tensor(picture)) for picture in learned])
    sheet = [list(sketches), list(colors)]
    for name in names:
        with torch.enable_grad():
            painter = fit(name, clean, steps)
        picks = [palettes[17 * i % len(palettes)][None] for i in range(len(sketches))]
        painted = [to_picture(painter(to_tensor(s), p)) for s, p in zip(sketches, picks, strict=True)]
        sheet.append(painted)
        figures = {
            "M parameters": cost(painter)[0],
            "GMAC": cost(painter)[1],
            **score(sketches, painted, colors),
        }
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in figures.values()) + " |", flush=True)
        rows = [list(row) for row in zip(*sheet, strict=True)]
        write_png(out / "generators.png", contact_sheet(rows, ["sketch", "true", *names], cell=192))


def clock(names: Sequence[str], rounds: int = 25) -> None:
    """Print the fastest and the median step of each candidate."""
    pictures = torch.rand(1, 3, 256, 256) * 2 - 1
    batch = Batch(pictures, pictures, torch.rand(1, DRAWS))
    fabric = launch(QUICK)
    trainers = {
        name: Trainer(fabric, CANDIDATES[name].networks(), CANDIDATES[name].params, 1000, 0) for name in names
    }
    times: dict[str, list[float]] = {name: [] for name in names}
    for step in range(4 * rounds):
        for name, trainer in trainers.items():
            begin = time.perf_counter()
            trainer.step(step, batch)
            times[name].append(1e3 * (time.perf_counter() - begin))
    for name in names:
        taken = np.reshape(times[name][4:], (-1, 4)).mean(1)  # one step of four has the identity term
        print(f"| {name} | {taken.min():.0f} | {np.median(taken):.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--only", nargs="*", choices=CANDIDATES, default=list(CANDIDATES))
    arguments = parser.parse_args()
    if arguments.time:
        clock(arguments.only)
    else:
        compare(arguments.only, arguments.clean, arguments.out, arguments.steps)


if __name__ == "__main__":
    main()
