"""Measure how much mark-like area models paint on the same sketches: trained with and without cleaning.

    dvc repro                                      # clean.remove_marks is true
    cp -r models/cyclegan .scratch/cleaned
    dvc exp run -S clean.remove_marks=false train_cyclegan
    cp -r models/cyclegan .scratch/uncleaned
    git checkout params.yaml dvc.lock && dvc checkout
    python benchmarks/painted_marks.py data/clean/sample .scratch/cleaned .scratch/uncleaned

``reports/evaluate`` of the two runs has the figure too, but there each model paints its own run's sketches,
and where a sketch bears a mark nothing counts as painted. Here all paint the test sketches of one clean set;
those on which the finder sees anything, in doubt or not, are left out. The interval is the 95 % bootstrap.
"""

import statistics
from pathlib import Path

from cli import argument_parser
from sketch2color import imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.estimates import bootstrap_mean
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow
from sketch2color.metrics.mark_area import marks_on, painted_marks
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.report.scored import held_out
from sketch2color.watermarks.detect import detect

SEED = 2020


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path, help="the clean set whose test sketches are painted")
    parser.add_argument("models", type=Path, nargs="+", help="folders of trained models")
    chosen = parser.parse_args()
    rows = manifest.read(chosen.clean / "manifest.csv", CleanImageRow)
    sketches = [imaging.read(case.sketch) for case in held_out(chosen.clean, rows)]
    found = [detect(sketch) for sketch in sketches]
    unmarked = [
        sketch for sketch, marks in zip(sketches, found, strict=True) if not (marks.sure or marks.doubtful)
    ]
    print(f"{len(unmarked)} of {len(sketches)} test sketches have nothing like a mark")
    if not unmarked:
        raise SystemExit("none is left to paint")
    areas = {model: painted(model, unmarked) for model in chosen.models}
    first, *others = chosen.models
    for model, shares in areas.items():
        print(
            f"{model}: {described(shares)} of the area painted as marks, on {sum(map(bool, shares))} images"
        )
    for model in others:
        more = [here - there for here, there in zip(areas[model], areas[first], strict=True)]
        print(f"{model} - {first}: {described(more)}")


def painted(model: Path, sketches: list[ImageArray]) -> list[float]:
    """Return for each sketch which share of the model's image of it looks like a mark."""
    colorizer = Colorizer.load(model)
    return [
        painted_marks(marks_on(colorizer.colorize(sketch)), marks_on(sketch))
        for sketch in progress(sketches, str(model))
    ]


def described(values: list[float]) -> str:
    figure = bootstrap_mean(values, SEED)
    if figure is None or figure.low is None:
        return f"{statistics.fmean(values):.3%}"
    return f"{figure.value:.3%} ({figure.low:.3%} to {figure.high:.3%})"


if __name__ == "__main__":
    main()
