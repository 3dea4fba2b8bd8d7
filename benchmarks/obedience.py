"""Measure how a result obeys a palette and strokes, on sketches with a trained model.

    python benchmarks/obedience.py models/cyclegan data/clean/products/test/sketch

The figures are those of the report's section Colour on demand (``evaluation/on_demand.py``), in 512 pixels.
"""

from pathlib import Path

from cli import argument_parser, markdown_table
from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.evaluation.on_demand import Measured, measure, summarize
from sketch2color.imaging import SUFFIXES
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress

EDGE = 512


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "sketches",
        nargs="?",
        type=Path,
        default=Path("data/clean/products/test/sketch"),
        help="a folder (default: the test sketches of products)",
    )
    chosen = parser.parse_args()
    colorizer = Colorizer.load(chosen.model)
    measured = list[Measured]()
    for path in progress(sorted(p for p in chosen.sketches.iterdir() if p.suffix in SUFFIXES), "sketches"):
        image = imaging.read(path)
        scale = EDGE / max(image.shape[:2])
        size = round(image.shape[1] * scale), round(image.shape[0] * scale)
        measured += measure(Analysis.of(imaging.resize(image, *size), colorizer))
    figures = summarize(measured)
    print(
        markdown_table(
            ["", "median", "5 %", "95 %", "n"], [[name, *row.values()] for name, row in figures.items()]
        )
    )


if __name__ == "__main__":
    main()
