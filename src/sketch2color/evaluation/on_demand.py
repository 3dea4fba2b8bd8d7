"""Colour on demand, measured: how exactly does a result have the colours that were asked for, and where?"""

import colorsys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Color, Request, parse_palette
from sketch2color.files import write_bytes, write_json
from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.report.report import ColorOnDemand
from sketch2color.report.scored_images import Case

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Figure = Literal["color_error", "hue_share", "grey_chroma", "stroke_error", "stroke_leak"]

HUES: list[Color] = [
    (round(255 * red), round(255 * green), round(255 * blue))
    for red, green, blue in (colorsys.hsv_to_rgb(turn / 24, 0.8, 0.85) for turn in range(24))
]
RED: Color = (200, 20, 30)
GREYS: list[Color] = [(level, level, level) for level in (50, 100, 150, 200)]
SHOWN = {
    "left to the model": "",
    "blue, orange, dark grey": "royalblue,darkorange,#333338",
    "red, dark grey, off-white": "crimson,#333338,#eeeae0",
    "teal, gold": "teal,gold",
    "grey, yellow-green": "dimgrey,yellowgreen",
}
"""Palettes on the contact sheet, by their titles."""
TITLES: Mapping[Figure, str] = {
    "color_error": "Colour of a part against the colour asked for, CIEDE2000",
    "hue_share": "Share of the chroma within 22° of the hue asked for",
    "grey_chroma": "Chroma where grey was asked for",
    "stroke_error": "Colour of a part against that of a stroke in it, CIEDE2000",
    "stroke_leak": "Share of the rest that a stroke changes",
}
TAIL: Mapping[Figure, str] = {key: "p5" if key == "hue_share" else "p95" for key in TITLES}
"""The percentile on the side that is worse."""
MAX_SHOWN = 6
INK = 0.1  # share of the light, from which a pixel is ink
PAINTED = 0.06  # likewise, from which the network painted
HUE = np.radians(22)
MOVED = 5.0  # ΔE from which a pixel moved
MIN_PIXELS = 100  # of a part: the median of fewer is of its rim
STROKES = 4  # parts of a sketch that get one, the largest


Summary = Mapping[str, float]
"""``median``, ``p5``, ``p95`` and ``n``."""


class Measured(NamedTuple):
    """A value of one part, palette or stroke of a sketch."""

    figure: Figure
    value: float


def evaluate(
    colorizer: Colorizer, sketches: Sequence[Case], report: Path, threads: int
) -> ColorOnDemand | None:
    """Measure the generator on all sketches; write on_demand.json, and palettes.png with the first few.

    Returns:
        None for a generator that makes no layers, which cannot be asked, or if no sketch can be read.
    """
    if not colorizer.network.layered:
        return None

    def analyze(sketch: Case) -> tuple[Case, Analysis, list[Measured]] | None:
        try:
            analysis = Analysis.of(imaging.read(sketch.sketch), colorizer)
        except (imaging.ImageError, FileNotFoundError):
            return None  # scored as a missing image
        return sketch, analysis, list(measure(analysis))

    analyzed = thread_map(analyze, sketches, threads)
    found = [each for each in progress(analyzed, "colour on demand", total=len(sketches)) if each]
    if not found:
        return None
    figures = summarize(each for _, _, measured in found for each in measured)
    write_json(report / "on_demand.json", figures)
    sheet = contact([analysis for _, analysis, _ in found[:MAX_SHOWN]])
    write_bytes(report / "palettes.png", png := imaging.encode_png(sheet))
    rows = [(TITLES[key], each["median"], each[TAIL[key]], each["n"]) for key, each in figures.items()]
    return ColorOnDemand([case.id for case, _, _ in found[:MAX_SHOWN]], png, rows)


def contact(analyses: Sequence[Analysis]) -> ImageArray:
    """Return the contact sheet of sketches, each with every palette of ``SHOWN``."""
    requests = [Request(parse_palette(text) if text else ()) for text in SHOWN.values()]
    rows = [[each.image, *(composite(each.layers(request)) for request in requests)] for each in analyses]
    return contact_sheet(rows, ["Sketch", *SHOWN], cell=192)


def measure(analysis: Analysis) -> Iterator[Measured]:
    """Ask for 24 hues and 4 greys as the only colour, and for a red dot in each of the largest parts.

    Yields:
        ``color_error``: CIEDE2000 between the colour asked for and the median of what is painted of a part,
        without ink. ``hue_share``: the share of the chroma (CIELAB) that is within 22° of the hue asked for.
        ``grey_chroma``: the median chroma where a grey was asked for. ``stroke_error``: CIEDE2000 between red
        and the median of a part with a red dot, without ink; ``stroke_leak``: the share of the rest that
        moves by more than ΔE 5. Parts are those that the colorizer finds: the last two say nothing of parts
        that it divides wrongly.
    """
    shown, parts = _painted(analysis), _over_image(analysis.parts, analysis)
    inside = [part for part in _largest(parts[shown]) if (parts[shown] == part).sum() >= MIN_PIXELS]
    for color in (*HUES, *GREYS) if shown.any() else ():
        lab = rgb2lab(composite(analysis.layers(Request((color,)))))
        asked = rgb2lab(np.array(color) / 255.0)
        for part in inside:
            median = np.median(lab[shown & (parts == part)], 0)
            yield Measured("color_error", float(deltaE_ciede2000(median, asked)))
        chroma = np.hypot(lab[shown][:, 1], lab[shown][:, 2])
        if color in GREYS:
            yield Measured("grey_chroma", float(np.median(chroma)))
        elif chroma.sum() > 0:
            yield Measured("hue_share", float(chroma[_near(lab[shown], asked)].sum() / chroma.sum()))
    yield from _strokes(analysis, parts)


def _strokes(analysis: Analysis, parts: NDArray[np.int32]) -> Iterator[Measured]:
    before = rgb2lab(composite(analysis.layers(Request())))
    blank = _blank(analysis.image)
    asked = rgb2lab(np.array(RED) / 255.0)
    for part in _largest(parts[blank])[:STROKES]:
        rows, columns = np.nonzero((parts == part) & blank)
        if len(rows) < MIN_PIXELS:
            continue
        fill = np.zeros((*parts.shape, 4), np.uint8)
        fill[rows[len(rows) // 2], columns[len(rows) // 2]] = *RED, 255
        lab = rgb2lab(composite(analysis.layers(Request(fill=fill))))
        yield Measured("stroke_error", float(deltaE_ciede2000(np.median(lab[rows, columns], 0), asked)))
        moved = deltaE_ciede2000(lab, before) > MOVED
        if (parts != part).any():
            yield Measured("stroke_leak", float(moved[parts != part].mean()))


def _painted(analysis: Analysis) -> Mask:
    """Return what the network painted of painted parts, without ink, H × W."""
    layer = _over_image(analysis.layer.min(2), analysis) < 1 - PAINTED
    parts = (analysis.areas > 0)[_over_image(analysis.parts, analysis)]
    return np.asarray(layer & parts & _blank(analysis.image))


def _over_image(values: NDArray[Any], analysis: Analysis) -> NDArray[Any]:
    height, width = analysis.image.shape[:2]
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_NEAREST))


def _blank(image: ImageArray) -> Mask:
    return np.asarray(image.max(2) > 255 * (1 - INK))


def _largest(parts: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the numbers of the parts that occur, the most frequent first."""
    counts = np.bincount(parts.ravel())
    return np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]


def _near(lab: Floats, asked: Floats) -> Mask:
    hue, wanted = np.arctan2(lab[:, 2], lab[:, 1]), np.arctan2(asked[2], asked[1])
    return np.asarray(np.abs((hue - wanted + np.pi) % (2 * np.pi) - np.pi) <= HUE)


def summarize(measured: Iterable[Measured]) -> dict[Figure, Summary]:
    """Return median, 5th and 95th percentile and number of each figure."""
    values: dict[Figure, list[float]] = {}
    for figure, value in measured:
        values.setdefault(figure, []).append(value)
    return {
        figure: {
            "median": round(float(np.median(each)), 4),
            "p5": round(float(np.percentile(each, 5)), 4),
            "p95": round(float(np.percentile(each, 95)), 4),
            "n": len(each),
        }
        for figure, each in values.items()
    }
