"""Train the textbook CycleGAN and `lite` for the same processor time on the same images, and score both.

    python benchmarks/equal_time.py data/clean/products /tmp/equal --minutes 60 --seeds 2020
    python benchmarks/equal_time.py data/clean/products /tmp/equal --table

The first trains what has no model in the folder yet, so it can be interrupted and resumed; it counts the
processor time of its own process, so that other load on the machine does not matter. With ``--threads 1``
two trainings can run at once, each for twice as long. The second scores all models on the test sketches, as
the stage evaluate does, and prints the table.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from cli import argument_parser, markdown_table, mean_and_spread
from sketch2color.confidence_intervals import Estimate, from_json
from sketch2color.config.params import Evaluate, TrainCyclegan, parse
from sketch2color.cyclegan.train import train
from sketch2color.evaluation.evaluate import evaluate
from sketch2color.files import write_text
from sketch2color.metrics.discovery import labelled
from sketch2color.metrics.features import label, load
from sketch2color.report.evaluation_data import About
from training import stepper

SEED = 2020
CORES = 2
"""Cores whose time is given, whatever the number of threads."""
COLUMNS = {
    "KID": "kid",
    "paper noise": "paper_noise",
    "checkerboard": "checkerboard",
    "colour bleed": "color_bleed",
    "colourfulness": "colorfulness",
    "palette spread": "palette_spread",
    "lines lost": "lines_lost",
    "lines invented": "lines_invented",
}
MEASURED = {"textbook": (1, 2), "lite": (12, 24)}
"""Numbers of steps to warm up, and to measure the cost of a step."""


class Quiet:
    """A logger that discards everything."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Discard metrics."""

    def files(self, *paths: Path) -> None:
        """Discard files."""


def params_of(kind: str, threads: int) -> TrainCyclegan:
    """Return the parameters of `lite`, or of the published training in the published arithmetic."""
    preset = "paper" if kind == "textbook" else kind
    values = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params = parse({**values, "preset": preset}, Path()).train_cyclegan
    precision = "fp32" if kind == "textbook" else params.precision
    return params.model_copy(update={"threads": threads, "precision": precision})


def cost(kind: str, threads: int) -> float:
    """Return the seconds of processor time that a step takes, over all threads."""
    step = stepper(kind, threads)
    warm, counted = MEASURED[kind]
    for number in range(warm):
        step(number)
    begin = time.process_time()
    for number in range(warm, warm + counted):
        step(number)
    return (time.process_time() - begin) / counted


def fit(params: TrainCyclegan, kind: str, clean: Path, folder: Path, minutes: float, seed: int) -> None:
    """Train for as many epochs as `minutes` of two cores allow, resuming an earlier call."""
    plan = folder / "plan.json"
    if not plan.exists():
        epoch = params.steps_per_epoch or max(
            sum(1 for _ in (clean / "train" / domain).iterdir()) for domain in ("sketch", "color")
        )
        step = cost(kind, params.threads)
        epochs = max(1, round(minutes * 60 * CORES / (step * epoch)))
        write_text(plan, json.dumps({"epochs": epochs, "steps": epochs * epoch, "seconds_a_step": step}))
    params = params.model_copy(update={"epochs": json.loads(plan.read_text())["epochs"]})
    spent = folder / "seconds.txt"
    begin = time.process_time()
    try:
        train(clean, folder / "models", folder / "report", folder / "scratch", params, seed, Quiet())
    finally:
        before = float(spent.read_text()) if spent.exists() else 0.0
        write_text(spent, f"{before + time.process_time() - begin:.0f}\n")


def score(clean: Path, folder: Path) -> dict[str, dict[str, Estimate]]:
    """Score a training's images of the test sketches, without style transfer."""
    report = folder / "scores"
    if not (report / "metrics.json").exists():
        losses, nowhere = folder / "report" / "losses.csv", folder / "no style transfer"
        about = About(clean.name, {}, {"training": folder.name}, {})
        evaluate(
            clean, folder / "models", nowhere, folder / "results", report, losses, Evaluate(), SEED, about
        )
    return from_json(json.loads((report / "metrics.json").read_text(encoding="utf-8")))


def table(clean: Path, out: Path, kinds: Sequence[str]) -> None:
    """Print each training's figures on test: means over seeds, or the 95 % interval of a single one."""
    scores = {
        kind: [
            score(clean, folder)
            for folder in sorted(out.glob(f"{kind}, *"))
            if (folder / "models" / "config.json").exists()
        ]
        for kind in kinds
    }
    rows = {kind: [metrics["cyclegan"] for metrics in found] for kind, found in scores.items() if found}
    for name in ("sketch", "real"):
        rows[name] = [next(iter(scores.values()))[0][name]]
    keys = [_key(column) for column in COLUMNS.values()]
    lines: list[list[object]] = []
    for name, found in rows.items():
        cells = [_cell([figures.get(key) for figures in found]) for key in keys]
        lines.append([name, len(found) if name in kinds else "", *cells])
    print(markdown_table(["", "trainings", *COLUMNS], lines))


def _key(start: str) -> str:
    return labelled(start, label(load(Evaluate().extractor))) if start == "kid" else start


def _cell(figures: Sequence[Estimate | None]) -> str:
    known = [figure for figure in figures if figure is not None]
    if len(known) == 1 and known[0].low is not None and known[0].high is not None:
        return f"{known[0].value:.3g} ({known[0].low:.3g} to {known[0].high:.3g})"
    return mean_and_spread([figure.value for figure in known])


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0, help="of two cores, for each training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[2020])
    parser.add_argument("--only", nargs="+", choices=MEASURED, default=list(MEASURED))
    parser.add_argument("--threads", type=int, default=CORES)
    parser.add_argument("--table", action="store_true", help="train nothing")
    options = parser.parse_args()
    for seed in () if options.table else options.seeds:
        for kind in options.only:
            folder = options.out / f"{kind}, {seed}"
            if not (folder / "models" / "config.json").exists():
                params = params_of(kind, options.threads)
                fit(params, kind, options.clean, folder, options.minutes, seed)
    table(options.clean, options.out, options.only)


if __name__ == "__main__":
    main()
