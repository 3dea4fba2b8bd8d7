"""The stage that looks at the test split: colours its sketches and judges all methods on them."""

import csv
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from sketch2color import files, images, manifest
from sketch2color.evaluation import contact, curves, features, page
from sketch2color.evaluation.features import Features
from sketch2color.evaluation.results import (
    CYCLEGAN,
    REAL,
    SKETCH,
    STYLE_TRANSFER,
    Case,
    Judged,
    file_of,
    held_out,
    judge,
    judge_real,
    worst_first,
)
from sketch2color.evaluation.summary import Metrics, flat, rounded, summarise
from sketch2color.manifest import CleanPicture
from sketch2color.networks import trained
from sketch2color.networks.perceptual import PerceptualNet
from sketch2color.params import Evaluate
from sketch2color.progress import progress


def evaluate(
    clean: Path,
    model: Path,
    style: Path,
    results: Path,
    report: Path,
    losses: Path,
    params: Evaluate,
    seed: int,
    about: Mapping[str, str],
) -> dict[str, float]:
    """Colour the test sketches with the trained generator and judge all methods on them.

    Compared are the untouched sketch, style transfer, CycleGAN and, as what a perfect forger would score,
    real coloured pictures: as many of the training split, drawn by the seed, as there are test sketches. KID
    and FID compare each with all coloured pictures of val and test, which no training has seen. On 24 test
    sketches and 48 such pictures, redrawing the real ones moves KID by 0.013, while the sketches score 0.14:
    few, but enough, and training pictures in the reference would reward memorising them.

    Args:
        clean: the clean set.
        model: the trained generator.
        style: results of style transfer, ``<id>.png``; one that is missing is a hole in the report.
        results: where the generator's pictures go, ``<id>.png``.
        report: where metrics.json, report.html and contact_sheet.png go.
        losses: the table of training losses.
        params: of this stage.
        seed: of all random draws.
        about: what was run, as shown on top of the report.

    Returns:
        The figures of metrics.json under names such as ``cyclegan/paper_noise``.

    Raises:
        UserError: there is no test sketch, no trained model, or an extractor's weights cannot be had.
    """
    torch.set_num_threads(params.threads)
    rows = manifest.read(clean / "manifest.csv", CleanPicture)
    sketches = held_out(clean, rows)
    paint(model, sketches, files.empty_directory(results))
    net = features.load(params.extractor)
    folders = {SKETCH: clean / "test" / "sketch", STYLE_TRANSFER: style, CYCLEGAN: results}
    judged = {method: judge(method, folder, sketches, net) for method, folder in folders.items()}
    judged[REAL] = judge_real(forger(clean, rows, len(sketches), seed), net)
    metrics = summarise_all(judged, reference(clean, rows, net), features.label(net), seed)
    order = worst_first(judged[CYCLEGAN])
    write_metrics(report / "metrics.json", metrics)
    images.write_png(report / "contact_sheet.png", contact.sheet(sketches, judged, order))
    content = page.Content(
        about=about,
        sketches=sketches,
        judged=judged,
        metrics=metrics,
        label=features.label(net),
        curves=curves.read(losses),
        order=order,
        drawn_on=drawn_on(rows, sketches, style / "references.csv"),
        seed=seed,
    )
    files.write_text(report / "report.html", page.render(content))
    return flat(metrics)


def paint(model: Path, sketches: Sequence[Case], results: Path) -> None:
    """Write the generator's picture of each sketch; where it makes none, there is no file.

    A generator with weights that are not finite paints nothing: its NaN would turn into colours in 8 bits.

    Raises:
        UserError: there is no trained model.
    """
    painter = trained.load_generator(model)
    if not all(bool(weights.isfinite().all()) for weights in painter.network.parameters()):
        return
    for sketch in progress(sketches, "colouring"):
        try:
            picture = trained.paint(painter, images.read(sketch.sketch))
        except (images.PictureError, FileNotFoundError):
            continue  # judged as a result that is missing
        images.write_png(results / f"{sketch.id}.png", picture)


def forger(clean: Path, rows: Sequence[CleanPicture], count: int, seed: int) -> list[Path]:
    """Return the files of ``count`` coloured training pictures, or of all when there are fewer."""
    colors = [row for row in rows if row.domain == "color" and row.split == "train"]
    colors.sort(key=lambda row: row.id)
    drawn = random.Random(seed).sample(colors, min(count, len(colors)))
    return [file_of(clean, row) for row in sorted(drawn, key=lambda row: row.id)]


def reference(clean: Path, rows: Sequence[CleanPicture], net: PerceptualNet) -> Features:
    """Return the features of all coloured pictures of val and test, m × d, by id."""
    colors = [row for row in rows if row.domain == "color" and row.split != "train"]
    paths = [file_of(clean, row) for row in sorted(colors, key=lambda row: row.id)]
    return features.describe_files(net, paths, "real pictures")


def drawn_on(
    rows: Sequence[CleanPicture], sketches: Sequence[Case], references: Path
) -> dict[str, list[CleanPicture]]:
    """Return for each sketch, by id, whose work the report shows with it.

    That is the sketch, its coloured counterpart, and the training picture that style transfer took the style
    from, as far as there is one and the table ``references``, of sketches and their references, names it.
    """
    by_id = {row.id: row for row in rows}
    lent: dict[str, str] = {}
    if references.is_file():
        with references.open(newline="", encoding="utf-8") as file:
            lent = {row["sketch"]: row["reference"] for row in csv.DictReader(file)}
    used = {each.id: (each.id, each.truth.stem if each.truth else "", lent.get(each.id)) for each in sketches}
    return {sketch: [by_id[name] for name in names if name in by_id] for sketch, names in used.items()}


def summarise_all(judged: Mapping[str, Judged], real: Features, label: str, seed: int) -> Metrics:
    """Return the figures of all methods, as metrics.json holds them."""
    return rounded({method: summarise(each, real, label, seed) for method, each in judged.items()})


def write_metrics(path: Path, metrics: Metrics) -> None:
    """Write the figures as JSON that DVC shows and compares."""
    files.write_text(path, json.dumps(metrics, indent=2, sort_keys=True, allow_nan=False) + "\n")
