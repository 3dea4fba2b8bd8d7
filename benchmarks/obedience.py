"""Measure how a result obeys a palette and strokes, on sketches with a trained model.

    python benchmarks/obedience.py models/cyclegan [FOLDER]

Palettes: 24 hues and 4 greys as the only colour; the error of a part is the CIEDE2000 between the colour
asked for and the median of the composite over what the network painted of the part, without ink. Strokes: one
dot in each of the largest parts; leak is the share of pixels outside of it that move by more than ΔE 5
against the image without the stroke. Parts are those that the colorizer finds, so coverage and leak say
nothing of parts that it divides or joins wrongly.
"""

import colorsys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from cli import argument_parser
from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Color, Request
from sketch2color.imaging import SUFFIXES, ImageArray
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIZE = 512


def to_color(levels: tuple[float, float, float]) -> Color:
    red, green, blue = (round(255 * level) for level in levels)
    return red, green, blue


HUES = [to_color(colorsys.hsv_to_rgb(turn / 24, 0.8, 0.85)) for turn in range(24)]
GREYS: list[Color] = [(level, level, level) for level in (50, 100, 150, 200)]
INK = 0.1
STROKES = 4


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "sketches", type=Path, nargs="?", default=Path("data/clean/products/test/sketch"), metavar="FOLDER"
    )
    chosen = parser.parse_args()
    colorizer = Colorizer.load(chosen.model)
    paths = sorted(path for path in chosen.sketches.iterdir() if path.suffix in SUFFIXES)
    errors, hues, greys, coverages, leaks = [], [], [], [], []
    for path in progress(paths, "sketches"):
        image = imaging.read(path)
        scale = SIZE / max(image.shape[:2])
        analysis = Analysis.of(
            imaging.resize(image, round(image.shape[1] * scale), round(image.shape[0] * scale)), colorizer
        )
        for number, color in enumerate([*HUES, *GREYS]):
            lab, asked, painted = measure(analysis, color)
            if not painted.any():
                continue
            errors += [deltaE_ciede2000(np.median(lab[part], 0), asked) for part in parts(analysis, painted)]
            chroma = np.hypot(*lab[painted][:, 1:].T)
            if number < len(HUES):
                hues.append(chroma[near(lab[painted], asked)].sum() / chroma.sum().clip(1e-6))
            else:
                greys.append(np.median(chroma))
        covered, leaked = strokes(analysis)
        coverages += covered
        leaks += leaked
    print(f"{len(paths)} sketches, {len(errors)} parts and colours")
    show("CIEDE2000 of a part in the composite", errors)
    show("share of chroma within 22 degrees of the hue", hues)
    show("chroma of greys", greys)
    show("coverage of a stroke's part", coverages)
    show("leak of a stroke", leaks)


def measure(analysis: Analysis, color: Color) -> tuple[NDArray[np.float64], NDArray[np.float64], Mask]:
    """Return CIELAB of the composite, of the colour, and where the network painted, without ink."""
    lab = rgb2lab(composite(analysis.layers(Request((color,)))))
    painted = (analysis.layer.min(2) < 0.94) & (analysis.areas > 0)[analysis.parts]
    return lab, rgb2lab(np.array(color) / 255.0), painted & paper(analysis.image)


def paper(image: ImageArray) -> Mask:
    return np.asarray(image.max(2) > 255 * (1 - INK))


def parts(analysis: Analysis, painted: Mask) -> list[Mask]:
    counts = np.bincount(analysis.parts[painted], minlength=len(analysis.areas))
    return [painted & (analysis.parts == part) for part in np.flatnonzero(counts >= 100)]


def near(lab: Floats, asked: Floats) -> Mask:
    hue, wanted = np.arctan2(lab[:, 2], lab[:, 1]), np.arctan2(asked[2], asked[1])
    away = np.abs((hue - wanted + np.pi) % (2 * np.pi) - np.pi)
    return np.asarray(away <= np.radians(22))


def strokes(analysis: Analysis) -> tuple[list[float], list[float]]:
    """Return for a dot in each of the largest parts how much of its part it covers, and its leak."""
    before = rgb2lab(composite(analysis.layers(Request())))
    counts = np.bincount(analysis.parts[paper(analysis.image)], minlength=len(analysis.areas))
    covered, leaked = [], []
    for part in np.argsort(-counts)[:STROKES]:
        inside = analysis.parts == part
        rows, columns = np.nonzero(inside & paper(analysis.image))
        if len(rows) < 100:
            continue
        fill = np.zeros((*inside.shape, 4), np.uint8)
        fill[rows[len(rows) // 2], columns[len(rows) // 2]] = 200, 20, 30, 255
        layers = analysis.layers(Request(fill=fill))
        (flat,) = [layer.pixels for layer in layers if layer.name.startswith("flat")]
        covered.append(float((flat[inside, 3] == 255).mean()))
        moved = deltaE_ciede2000(rgb2lab(composite(layers)), before) > 5
        leaked.append(float(moved[~inside].mean()))
    return covered, leaked


def show(name: str, values: list[float]) -> None:
    low, middle, high = np.percentile(values, (5, 50, 95))
    print(f"{name}: median {middle:.3f}, 5 % {low:.3f}, 95 % {high:.3f}, n={len(values)}")


if __name__ == "__main__":
    main()
