"""What a report shows, made without scoring: three sketches, two of them paired, one missing image."""

from pathlib import Path

import numpy as np

from sketch2color import imaging
from sketch2color.confidence_intervals import bootstrap_mean, paired_difference
from sketch2color.manifest import CleanImageRow
from sketch2color.report.evaluation_data import About
from sketch2color.report.report import Content
from sketch2color.report.scored_images import Case, Nearest, ScoredImage

LABEL = "vgg19-c34748d2-relu4_1"
IDS = ("aa11", "bb22", "cc33")
PAPER = {"style_transfer": (1.25, None, 3.0), "cyclegan": (0.25, 0.5, 0.75)}
COLOUR = {"style_transfer": (30.0, None, 12.0), "cyclegan": (40.0, 50.0, 45.0), "real": (33.0, 31.0, 35.0)}


def image(name, domain="sketch", split="test", license="CC0-1.0", attribution="", homepage=""):
    return CleanImageRow(
        id=name,
        domain=domain,
        split=split,
        group=name,
        pair="",
        source=name,
        license=license,
        sha256=name,
        width=9,
        height=9,
        attribution=attribution,
        homepage=homepage,
        marks="",
        mark_area=0.0,
        confidence=1.0,
        action="none",
    )


def scores(method, index):
    """The scores of one result; None where it has no image."""
    paper, colour = (table.get(method, (0.0,) * 3)[index] for table in (PAPER, COLOUR))
    if paper is None or colour is None:
        return None
    found = {
        "paper_noise": paper,
        "colorfulness": colour,
        "painted_marks": paper / 100,
        "mark_area": paper / 50,
    }
    return {**found, "psnr": 12.0 + paper} if index < 2 else found


def scored(folder: Path, method: str) -> list[ScoredImage]:
    results = []
    for index, name in enumerate(IDS):
        path, found = folder / method / f"{name}.png", scores(method, index)
        near = Nearest(folder / "train" / "tr00.png", 1.5 - index / 10)
        if found is None:
            results.append(ScoredImage(name, path, fault="not found"))
        else:
            results.append(ScoredImage(name, path, scores=found, nearest=near))
    return results


def estimates(images: list[ScoredImage]) -> dict:
    keys = ("paper_noise", "colorfulness", "psnr", "painted_marks", "mark_area")
    values = {key: [image.scores[key] for image in images if key in image.scores] for key in keys}
    return {key: estimate for key in keys if (estimate := bootstrap_mean(values[key], seed=0))}


def differences(first: list[ScoredImage], second: list[ScoredImage]) -> dict:
    ours, theirs = ({image.id: image.scores for image in images} for images in (first, second))
    keys = ("paper_noise", "colorfulness", "psnr")
    found = {key: paired_difference(ours, theirs, key, seed=0) for key in keys}
    return {key: estimate for key, estimate in found.items() if estimate}


def write_images(folder: Path, tint: int = 0) -> None:
    """Write a file for every image, each of its own colour."""
    for row, method in enumerate(("sketch", "style_transfer", "cyclegan", "truth", "train")):
        for column, name in enumerate((*IDS, "tr00")):
            square = np.full((64, 64, 3), (50 * row + tint, 60 * column, 99), np.uint8)
            square[20:40, 20:44] = 255
            imaging.write_png(folder / method / f"{name}.png", square)


def make(folder: Path, tint: int = 0) -> Content:
    """Return the content of a report whose images lie in ``folder``."""
    write_images(folder, tint)
    methods = {method: scored(folder, method) for method in ("sketch", "style_transfer", "cyclegan", "real")}
    lent = image("ss44", "color", "train", "CC-BY-4.0", "Bo", "javascript:alert(1)")
    truth = image("tt11", "color", "test", "<i>own</i>", "Ana & Co", "https://example.org/ana?a=1&b=2")
    near = image("tr00", "color", "train", "CC-BY-4.0", "Cy")
    sketches = [image(name) for name in IDS]
    return Content(
        about=About(
            "<b>mine</b> & yours",
            {"license": "CC0", "homepage": "https://example.org/set"},
            {"preset": "quick", "seed": 7, "train_cyclegan.epochs": 8, "train_cyclegan.steps": None},
            {"models/cyclegan": "ab" * 16 + ".dir"},
        ),
        rows=[*sketches, truth, lent, near],
        sketches=[
            Case(name, folder / "sketch" / f"{name}.png", truth and folder / "truth" / f"{name}.png")
            for name, truth in zip(IDS, (True, True, None), strict=True)
        ],
        scored=methods,
        estimates={method: estimates(each) for method, each in methods.items()},
        differences={
            f"cyclegan - {other}": differences(methods["cyclegan"], methods[other])
            for other in ("style_transfer", "sketch")
        },
        label=LABEL,
        curves={"gan": ((1.0, 0.5), (2.0, 0.25)), "cycle": ((1.0, 3.0), (2.0, 1.5))},
        order=["cc33", "bb22", "aa11"],
        sources={"aa11": [sketches[0], truth, lent], "bb22": [sketches[1], lent], "cc33": [sketches[2]]},
    )
