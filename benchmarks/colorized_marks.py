"""Measure the mark-like area that models add to the same sketches, trained with and without cleaning.

    dvc repro                                      # clean.remove_marks is true
    cp -r models/cyclegan .scratch/cleaned
    dvc exp run -S clean.remove_marks=false train_cyclegan
    cp -r models/cyclegan .scratch/uncleaned
    git checkout params.yaml dvc.lock && dvc checkout
    python benchmarks/colorized_marks.py data/clean/products .scratch/cleaned .scratch/uncleaned

``reports/evaluate`` of the two runs has the figure too, but there each model colorizes its own run's
sketches, and areas that are marks on the sketch do not count. Here all models colorize the test sketches of
one clean set, without those on which anything is detected, sure or doubtful. The interval is the 95 %
bootstrap.
"""

import statistics
from pathlib import Path

from cli import argument_parser
from sketch2color import imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.confidence_intervals import bootstrap_mean
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow
from sketch2color.metrics.mark_area import marks_on, painted_marks
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.report.scored_images import held_out
from sketch2color.watermarks.detect import detect

SEED = 2020


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path, help="the clean set whose test sketches are colorized")
    parser.add_argument("models", type=Path, nargs="+", help="folders of trained models")
    chosen = parser.parse_args()
    rows = manifest.read(chosen.clean / "manifest.csv", CleanImageRow)
    sketches = [imaging.read(case.sketch) for case in held_out(chosen.clean, rows)]
    found = [detect(sketch) for sketch in sketches]
    unmarked = [
        sketch for sketch, marks in zip(sketches, found, strict=True) if not (marks.sure or marks.doubtful)
    ]
    print(f"{len(unmarked)} of {len(sketches)} test sketches have no detection")
    if not unmarked:
        raise SystemExit("no unmarked test sketch")
    areas = {model: added_marks(model, unmarked) for model in chosen.models}
    first, *others = chosen.models
    for model, shares in areas.items():
        print(f"{model}: {describe(shares)} of the area on {sum(map(bool, shares))} images")
    for model in others:
        more = [here - there for here, there in zip(areas[model], areas[first], strict=True)]
        print(f"{model} - {first}: {describe(more)}")


def added_marks(model: Path, sketches: list[ImageArray]) -> list[float]:
    """Return for each sketch the share of the colorized image that looks like a mark."""
    colorizer = Colorizer.load(model)
    return [
        painted_marks(marks_on(colorizer.colorize(sketch)), marks_on(sketch))
        for sketch in progress(sketches, str(model))
    ]


def describe(values: list[float]) -> str:
    figure = bootstrap_mean(values, SEED)
    if figure is None or figure.low is None:
        return f"{statistics.fmean(values):.3%}"
    return f"{figure.value:.3%} ({figure.low:.3%} to {figure.high:.3%})"


if __name__ == "__main__":
    main()
