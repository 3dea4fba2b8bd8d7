"""The stage that looks at the test split: colours its sketches and judges all methods on them."""

import csv
import io
import random
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import torch

from sketch2color import files, imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.config.params import Evaluate
from sketch2color.evaluation.score import Judge
from sketch2color.evaluation.summary import compare, summarise
from sketch2color.manifest import CleanImageRow, Split
from sketch2color.metrics import features, perceptual_distance, registry
from sketch2color.metrics.figure import DIGITS, difference, flat, to_json
from sketch2color.metrics.paper_noise import KEY_PAPER_NOISE
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.report import contact, curves
from sketch2color.report import report as page
from sketch2color.report.about import About
from sketch2color.report.results import (
    CYCLEGAN,
    REAL,
    SKETCH,
    STYLE_TRANSFER,
    Case,
    Judged,
    Result,
    file_of,
    held_out,
)


def evaluate(
    clean: Path,
    model: Path,
    style: Path,
    results: Path,
    report: Path,
    losses: Path,
    params: Evaluate,
    seed: int,
    about: About,
) -> dict[str, float]:
    """Colour the test sketches with the trained generator and judge all methods on them.

    Compared are the untouched sketch, style transfer, CycleGAN and, as what a perfect forger would score,
    real coloured images: as many of the training split, drawn by the seed, as there are test sketches. The
    set figures compare each with all coloured images of val and test, which no training has seen. On 24
    test sketches and 48 such images, redrawing the real ones moves KID by 0.013, while the sketches score
    0.14: few, but enough, and training images in the reference would reward memorising them.

    Args:
        clean: the clean set.
        model: the trained generator.
        style: results of style transfer, ``<id>.png``; one that is missing is a hole in the report.
        results: where the generator's images go, ``<id>.png``.
        report: where metrics.json, scores.csv, report.html and contact_sheet.png go.
        losses: the table of training losses.
        params: of this stage.
        seed: of all random draws.
        about: what was run, as shown in the report.

    Returns:
        The figures of metrics.json under names such as ``cyclegan/paper_noise``.

    Raises:
        UserError: there is no test sketch, no trained model, or an extractor's weights cannot be had.
    """
    torch.set_num_threads(params.threads)
    rows = manifest.read(clean / "manifest.csv", CleanImageRow)
    sketches = held_out(clean, rows)
    paint(model, sketches, files.empty_directory(results))
    offline = perceptual_distance.extractor()
    net = offline if params.extractor == "vgg19" else features.load(params.extractor)
    training = colored(clean, rows, {"train"})
    torch.set_num_threads(1)  # from here on images are looked at side by side, each on one
    judge = Judge(net, offline, training, params.threads)
    folders = {SKETCH: clean / "test" / "sketch", STYLE_TRANSFER: style, CYCLEGAN: results}
    judged = judge_all(judge, sketches, folders, forger(training, len(sketches), seed))
    reference = judge.features(colored(clean, rows, {"val", "test"}), "real images")
    label = features.label(net)
    metrics = {method: summarise(each, reference, label, seed) for method, each in judged.items()}
    differences = {
        difference(CYCLEGAN, other): compare(judged[CYCLEGAN], judged[other], reference, label, seed)
        for other in (STYLE_TRANSFER, SKETCH)
    }
    order = worst_first(judged[CYCLEGAN])
    files.write_text(report / "metrics.json", to_json(metrics, differences))
    files.write_text(report / "scores.csv", scores_table(judged))
    imaging.write_png(report / "contact_sheet.png", contact.sheet(sketches, judged, order))
    content = page.Content(
        about=about,
        rows=rows,
        sketches=sketches,
        judged=judged,
        metrics=metrics,
        differences=differences,
        label=label,
        curves=curves.read(losses),
        order=order,
        drawn_on=drawn_on(rows, sketches, style / "references.csv"),
    )
    files.write_text(report / "report.html", page.render(content))
    return flat({**metrics, **differences})


def judge_all(
    judge: Judge, sketches: Sequence[Case], folders: Mapping[str, Path], real: Sequence[Path]
) -> dict[str, Judged]:
    """Score each method's images ``<id>.png`` of all sketches, and the ``real`` ones beside them."""

    def results(case: Case) -> dict[str, Result]:
        return judge.results(case, {method: folder / f"{case.id}.png" for method, folder in folders.items()})

    found = list(progress(thread_map(results, sketches, judge.threads), "judging", total=len(sketches)))
    judged = {method: Judged(method, tuple(results[method] for results in found)) for method in folders}
    forged = progress(thread_map(judge.real, real, judge.threads), "judging real images", total=len(real))
    return {**judged, REAL: Judged(REAL, tuple(forged))}


def paint(model: Path, sketches: Sequence[Case], results: Path) -> None:
    """Write the generator's image of each sketch; where it makes none, there is no file.

    A generator with weights that are not finite paints nothing: its NaN would turn into colours in 8 bits.

    Raises:
        UserError: there is no trained model.
    """
    colorizer = Colorizer.load(model)
    if not all(bool(weights.isfinite().all()) for weights in colorizer.network.parameters()):
        return
    for sketch in progress(sketches, "colouring"):
        try:
            image = colorizer.colorize(imaging.read(sketch.sketch))
        except (imaging.ImageError, FileNotFoundError):
            continue  # judged as a result that is missing
        imaging.write_png(results / f"{sketch.id}.png", image)


def colored(clean: Path, rows: Sequence[CleanImageRow], splits: Collection[Split]) -> list[Path]:
    """Return the files of the coloured images of some splits, by id."""
    colors = [row for row in rows if row.domain == "color" and row.split in splits]
    return [file_of(clean, row) for row in sorted(colors, key=lambda row: row.id)]


def forger(training: Sequence[Path], count: int, seed: int) -> list[Path]:
    """Return ``count`` of the coloured training images, or all when there are fewer, by id."""
    return sorted(random.Random(seed).sample(training, min(count, len(training))))


def drawn_on(
    rows: Sequence[CleanImageRow], sketches: Sequence[Case], references: Path
) -> dict[str, list[CleanImageRow]]:
    """Return for each sketch, by id, whose work the report shows with it.

    That is the sketch, its coloured counterpart, and the training images that style transfer took the style
    from, as far as the table ``references``, of sketches and their references, names them.
    """
    by_id = {row.id: row for row in rows}
    lent: dict[str, list[str]] = {}
    if references.is_file():
        with references.open(newline="", encoding="utf-8") as file:
            lent = {row["sketch"]: row["reference"].split() for row in csv.DictReader(file)}
    used = {
        each.id: (each.id, each.truth.stem if each.truth else "", *lent.get(each.id, ())) for each in sketches
    }
    return {sketch: [by_id[name] for name in names if name in by_id] for sketch, names in used.items()}


def worst_first(judged: Judged) -> list[str]:
    """Return the sketches' ids: those without an image first, then the noisiest on paper, ties by id."""

    def order(result: Result) -> tuple[bool, float, str]:
        return not result.fault, -result.scores.get(KEY_PAPER_NOISE, -1.0), result.id

    return [result.id for result in sorted(judged.results, key=order)]


def scores_table(judged: Mapping[str, Judged]) -> str:
    """Return all scores as CSV, a line for each method and image; what has no score is empty."""
    keys = [measure.key for measure in registry.PER_IMAGE]
    text = io.StringIO()
    table = csv.DictWriter(text, ["method", "id", *keys, "nearest", "fault"], lineterminator="\n")
    table.writeheader()
    for method, each in judged.items():
        for result in each.results:
            scores = {key: f"{value:.{DIGITS}g}" for key, value in result.scores.items()}
            nearest = result.nearest.path.stem if result.nearest else ""
            table.writerow(
                {"method": method, "id": result.id, **scores, "nearest": nearest, "fault": result.fault}
            )
    return text.getvalue()
