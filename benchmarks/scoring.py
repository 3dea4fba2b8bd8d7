"""Measure the cost of scoring by the number of test sketches, apart from colorizing them.

    python benchmarks/scoring.py . /tmp/scoring

The first argument is a checkout after `dvc repro`. Its test sketches, with their coloured counterparts and
style results, are copied under new names up to the requested number, and evaluated in a process of their
own: seconds of both cores and peak memory. Colorizing is timed separately and subtracted.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cli import argument_parser, markdown_table
from sketch2color import manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.config import params
from sketch2color.evaluation.evaluate import colorize, evaluate
from sketch2color.manifest import CleanImageRow
from sketch2color.report.evaluation_data import About
from sketch2color.report.scored_images import held_out

COUNTS = (25, 100)


def multiply(run: Path, folder: Path, count: int) -> None:
    """Copy a clean set and its style results, with ``count`` test sketches."""
    clean = folder / "clean"
    shutil.copytree(run / "data/clean" / params.read(run / "params.yaml").dataset, clean)
    (folder / "style").mkdir()
    rows = manifest.read(clean / "manifest.csv", CleanImageRow)
    sketches = sorted(manifest.select(rows, split="test", domain="sketch"), key=lambda row: row.id)
    colors = {row.pair: row for row in manifest.select(rows, split="test", domain="color") if row.pair}
    rows = [row for row in rows if row.split != "test"]
    for number in range(count):
        sketch = sketches[number % len(sketches)]
        halves = [sketch, *([colors[sketch.pair]] if sketch.pair in colors else [])]
        for row in halves:
            name = manifest.sha256(f"{number} {row.id}".encode())[:16]
            place = clean / "test" / row.domain
            shutil.copy(place / f"{row.id}.png", place / f"{name}.png")
            rows.append(replace(row, id=name, pair=row.pair and f"{number} {row.pair}"))
            if row is sketch:
                shutil.copy(run / "results/style_transfer" / f"{row.id}.png", folder / f"style/{name}.png")
    manifest.write(clean / "manifest.csv", rows, CleanImageRow)


def measure(run: Path, folder: Path) -> dict[str, float]:
    """Return the seconds of scoring alone and the peak of this process's memory in MB."""
    model = run / "models/cyclegan"
    sketches = held_out(folder / "clean", manifest.read(folder / "clean/manifest.csv", CleanImageRow))
    start = time.perf_counter()
    colorize(Colorizer.load(model), sketches, folder / "colorized")
    colorized = time.perf_counter()
    evaluate(
        clean=folder / "clean",
        model=model,
        style=folder / "style",
        results=folder / "results",
        report=folder / "report",
        losses=run / "reports/train_cyclegan/losses.csv",
        params=params.Evaluate(),
        seed=2020,
        about=About("copies", {}, {}, {}),
    )
    seconds = (time.perf_counter() - colorized) - (colorized - start)
    return {"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(json.dumps(measure(options.run, options.folder)))
        return
    rows = []
    for count in options.counts:
        folder = options.folder / str(count)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        multiply(options.run, folder, count)
        command = [sys.executable, __file__, str(options.run), str(folder), "--measure"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        rows.append([count, f"{found['seconds']:.1f}", f"{found['megabytes']:.0f}"])
    print(markdown_table(["test sketches", "scoring, s", "peak memory, MB"], rows))


if __name__ == "__main__":
    main()
