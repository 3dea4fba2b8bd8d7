"""Measure what each remedy against CycleGAN's artefacts contributes, over several seeds.

    python benchmarks/remedies.py data/clean/industrial /tmp/remedies --steps 500 --seeds 0 1 2
    python benchmarks/remedies.py data/clean/industrial /tmp/remedies --table

The first trains what has no result in the folder yet, so it can be interrupted and resumed, and prints the
table; the second only prints it. Trains on train, scores on val; test is not read.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from cli import argument_parser, markdown_table, mean_and_spread
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.data import Batches, load, load_training
from sketch2color.cyclegan.networks import Networks, build, min_image_size
from sketch2color.cyclegan.runtime import launch
from sketch2color.cyclegan.train import Trainer
from sketch2color.files import write_text
from sketch2color.imaging import ImageArray, read, write_png
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.metrics import palette_spread as palettes_of
from sketch2color.metrics.checkerboard import checkerboard
from sketch2color.metrics.color_bleed import color_bleed
from sketch2color.metrics.colorfulness import colorfulness
from sketch2color.metrics.paper_noise import paper_noise
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.initialization import initialize
from sketch2color.models.palette import palette
from sketch2color.models.tensors import to_tensor
from sketch2color.progress import progress

QUICK = TrainCyclegan(
    **yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))["presets"][
        "quick"
    ]["train_cyclegan"]
)


def replace(params: TrainCyclegan, **changes: Any) -> TrainCyclegan:
    """Return the parameters with some changed."""
    return params.model_copy(update=changes)


BARE = replace(QUICK, paper_weight=0.0)
RESNET = replace(BARE, generator="resnet", generator_width=12, learning_rate=2e-4)


class Partly(MultiplyGenerator):
    """The multiplying generator without some of its remedies."""

    def __init__(self, width: int, palettes: bool = False, view: bool = False, edges: bool = False) -> None:
        super().__init__(width)
        self.palettes = palettes
        self.edges = edges
        if not view:
            self.unet.register_forward_pre_hook(lambda _, seen: (*seen[:2], torch.zeros_like(seen[2])))

    def predict(self, ink: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        """Predict with a grey palette if palettes are disabled."""
        return super().predict(ink, palette if self.palettes else torch.full_like(palette, 0.5))

    def layer(
        self, logits: torch.Tensor, ink: torch.Tensor, palette: torch.Tensor, pixel: float = 1.0
    ) -> torch.Tensor:
        """Keep colour from spreading, as if all were ink, if edges are disabled."""
        main = palette if self.palettes else torch.full_like(palette, 0.5)
        return super().layer(logits, ink if self.edges else torch.full_like(ink, -1.0), main, pixel)


@dataclass(frozen=True)
class Remedy:
    """Parameters of a training, and a generator that replaces theirs."""

    params: TrainCyclegan
    generator: Callable[[int], MultiplyGenerator] | None = None

    def networks(self, seed: int) -> Networks:
        """Build and initialize the networks."""
        networks = build(self.params, seed)
        if self.generator:
            networks.generators.sketch_to_color = self.generator(self.params.generator_width)
            initialize(networks, torch.Generator().manual_seed(seed))
        return networks


REMEDIES: Mapping[str, Remedy] = {
    "resnet-9, thin": Remedy(RESNET),
    "multiply, bare": Remedy(BARE, Partly),
    "bare + palettes": Remedy(BARE, lambda width: Partly(width, palettes=True)),
    "bare + wide view": Remedy(BARE, lambda width: Partly(width, view=True)),
    "bare + edge-aware": Remedy(BARE, lambda width: Partly(width, edges=True)),
    "multiply": Remedy(BARE),
    "paper term": Remedy(replace(BARE, paper_weight=10.0)),
    "quick": Remedy(QUICK),
}
"""From "paper term" on, each is added to "multiply", which has palettes, wide view and edges."""


def fit(remedy: Remedy, clean: Path, steps: int, seed: int, label: str) -> tuple[Colorizer, float]:
    """Train, and return the averaged colorizer and the seconds of processor time a step."""
    params = replace(remedy.params, threads=1)  # leaves a core to another process
    networks = remedy.networks(seed)
    images = load_training(
        clean, networks.generators.sketch_to_color.stride, min_image_size(networks, params)
    )
    trainer = Trainer(launch(params), networks, params, steps, seed)
    batches = Batches(images, params.batch_size, params.augmentation, seed)
    begin = time.process_time()
    for step in progress(range(steps), label, unit="step"):
        trainer.run_step(step, batches[step])
    seconds = (time.process_time() - begin) / steps
    palettes = torch.cat([palette(to_tensor(image)) for image in images["color"]])
    return Colorizer(trainer.averaged.eval().sketch_to_color, palettes, images["color"][0].shape[0]), seconds


def score(sketches: Sequence[ImageArray], colorized: Sequence[ImageArray]) -> dict[str, float | None]:
    """Return the means over the images that have a score, and the spread over all."""

    def mean(measure: Callable[[ImageArray, ImageArray], float | None]) -> float | None:
        scores = [measure(image, sketch) for image, sketch in zip(colorized, sketches, strict=True)]
        known = [value for value in scores if value is not None]
        return float(np.mean(known)) if known else None

    palettes = map(palettes_of.palette, colorized, sketches)
    known = [each for each in palettes if each is not None]
    return {
        "paper noise": mean(paper_noise),
        "colour bleed": mean(color_bleed),
        "colourfulness": mean(colorfulness),
        "checkerboard": mean(checkerboard),
        "palette spread": palettes_of.palette_spread(np.stack(known)) if known else None,
    }


def measure(name: str, clean: Path, out: Path, steps: int, seed: int) -> None:
    """Train one remedy with one seed, and write its figures and colorized sketches."""
    colorizer, seconds = fit(REMEDIES[name], clean, steps, seed, f"{name}, seed {seed}")
    sketches = load(clean, "val", "sketch")
    colorized = [colorizer.colorize(sketch) for sketch in sketches]
    for number, image in enumerate(colorized):
        write_png(out / "colorized" / f"{name}, {seed}" / f"{number}.png", image)
    figures = {**score(sketches, colorized), "seconds a step": seconds}
    write_text(_result(out, name, seed), json.dumps({"steps": steps, **figures}, indent=2) + "\n")


def table(names: Sequence[str], clean: Path, out: Path) -> None:
    """Print mean ± standard deviation over the seeds with a result; write a contact sheet of seed 0."""
    real = load(clean, "train", "color") + load(clean, "val", "color")
    figures = score(real, real)
    columns = [*figures, "seconds a step"]
    rows: list[list[object]] = []
    for name in names:
        results = [json.loads(path.read_text()) for path in sorted(out.glob(f"{name}, [0-9]*.json"))]
        cells = [mean_and_spread([result[column] for result in results]) for column in columns]
        rows.append([name, len(results), *cells])
    rows.append(["real colour images", "", *(mean_and_spread([value]) for value in figures.values()), ""])
    print(markdown_table(["", "seeds", *columns], rows))
    _write_sheet([name for name in names if _result(out, name, 0).exists()], clean, out)


def _write_sheet(names: Sequence[str], clean: Path, out: Path) -> None:
    sketches = load(clean, "val", "sketch")
    folders = [out / "colorized" / f"{name}, 0" for name in names]
    colorized = [[read(path) for path in sorted(folder.iterdir())] for folder in folders]
    rows = [list(row) for row in zip(sketches, *colorized, strict=True)]
    write_png(out / "remedies.png", contact_sheet(rows, ["sketch", *names], cell=192))


def _result(out: Path, name: str, seed: int) -> Path:
    return out / f"{name}, {seed}.json"


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=REMEDIES, default=list(REMEDIES))
    parser.add_argument("--table", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    for seed in () if arguments.table else arguments.seeds:
        for name in arguments.only:
            if not _result(arguments.out, name, seed).exists():
                measure(name, arguments.clean, arguments.out, arguments.steps, seed)
    table(arguments.only, arguments.clean, arguments.out)


if __name__ == "__main__":
    main()
