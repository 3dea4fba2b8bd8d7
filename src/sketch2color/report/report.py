"""The report: one HTML page that needs nothing but itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color.manifest import DOMAINS, SPLITS, CleanImageRow, ImageRow
from sketch2color.metrics import registry
from sketch2color.metrics.figure import Metrics
from sketch2color.pages.credits import Credit, credits_of
from sketch2color.pages.page import data_uri, render_page
from sketch2color.report import contact, curves, data_flow, summary_table
from sketch2color.report.about import About
from sketch2color.report.curves import Curves
from sketch2color.report.evaluation_data import TRUTH, Judgement, to_data
from sketch2color.report.gallery import Faults, Gallery, Images, Scores
from sketch2color.report.results import (
    CYCLEGAN,
    METHODS,
    REAL,
    SKETCH,
    STYLE_TRANSFER,
    Case,
    Judged,
    Nearest,
    Result,
)
from sketch2color.report.statements import Statement, statements
from sketch2color.report.summary_table import Column, Row

NAMES = {SKETCH: "Sketch", STYLE_TRANSFER: "Style transfer", CYCLEGAN: "CycleGAN", REAL: "Real"}
RIVALS = (STYLE_TRANSFER, CYCLEGAN)
IMAGE_BYTES = 15_000_000  # base64 adds a third: the page stays below 25 MB
MOST_MEMORISED = 4
"""Pairs of an output and the training image it is nearest to, of each method."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the report shows.

    ``rows`` is the whole manifest of the clean set, ``label`` names the features of what compares whole sets,
    ``order`` is that of the gallery, ``drawn_on`` gives for each sketch, by id, the images that it and what
    was made of it draw on.
    """

    about: About
    rows: Sequence[CleanImageRow]
    sketches: Sequence[Case]
    judged: Mapping[str, Judged]
    metrics: Metrics
    differences: Metrics
    label: str
    curves: Curves
    order: Sequence[str]
    drawn_on: Mapping[str, Sequence[ImageRow]]


@dataclass(frozen=True)
class Pair:
    """An output beside the training image that it is nearest to."""

    column: Column
    id: str
    relation: str
    output: str
    nearest: str


def render(content: Content) -> str:
    """Return the page: UTF-8, a script for sorting and looking closer, nothing loaded from anywhere."""
    return render_page("sketch2color.report", "report.html", _context(content))


def _context(content: Content) -> dict[str, Any]:
    results = _gallery(content)
    worst = results.worst(content.order)
    images = _images(content, first={each.id for each in worst})
    shown = [name for name in content.order if name in images]
    credits = _credits(content, shown)
    table = [
        summary_table.row(measure, content.metrics, columns(REAL), REAL, content.differences)
        for measure in registry.of({key for figures in content.metrics.values() for key in figures})
    ]
    return {
        "about": content.about,
        "data_set": _data_set(content.rows),
        "stations": data_flow.stations(content.about, content.rows, *_made(content)),
        "judgement": to_data(_judgement(content, images, credits)),
        "verdict": table,
        "standing": standing(table),
        "columns": columns(REAL),
        "rivals": [column for column in columns(REAL) if column.rival],
        "count": len(content.sketches),
        "reference": sum(row.domain == "color" and row.split != "train" for row in content.rows),
        "real": len(content.judged[REAL].results),
        "holes": {
            NAMES[method]: sum(bool(r.fault) for r in content.judged[method].results) for method in METHODS
        },
        "label": content.label,
        "differences": list(_differences(content)),
        "drawings": list(curves.drawings([content.curves])),
        "measures": results.measures,
        "choices": _choices(),
        "gallery": list(results.rows(shown, images)),
        "worst": worst,
        "images": images,
        "pairs": list(_pairs(content)),
        "table": results.table(content.order),
        "shown": set(shown),
        "credits": credits,
    }


def columns(last: str) -> tuple[Column, ...]:
    """Return the columns of the verdict, whose ``last`` is REAL, or of the gallery, where it is TRUTH."""
    return (
        *(Column(method, NAMES[method], rival=method in RIVALS) for method in METHODS),
        Column(last, NAMES[REAL], rival=False),
    )


def standing(table: Sequence[Row]) -> str:
    """Say in how many rows each of the rivals is the better one."""
    leads = [(cell.column.key, cell.standing) for row in table for cell in row.cells if cell.standing]
    if not leads:
        return "On no measure can the two be told apart."
    wins = Counter(key for key, _ in leads)
    first, second = sorted(RIVALS, key=lambda method: -wins[method])
    sure = sum(key == first and standing == "surely better" for key, standing in leads)
    judged = sum(row.measure.better != "neither" for row in table)
    return (
        f"{NAMES[first]} does better on {wins[first]} of {judged} measures, on {sure} of them beyond chance; "
        f"{NAMES[second]} on {wins[second]}."
    )


def _choices() -> list[tuple[str, str]]:
    """Return whose scores may sort the gallery: CycleGAN's first, as it is; and by their difference."""
    first, second = CYCLEGAN, STYLE_TRANSFER
    return [
        (first, NAMES[first]),
        (second, NAMES[second]),
        (f"{first}|{second}", f"{NAMES[first]} against {NAMES[second]}"),
    ]


def _scores(content: Content) -> Scores:
    return {method: {r.id: r.scores for r in each.results} for method, each in content.judged.items()}


def _faults(content: Content) -> Faults:
    return {
        method: {r.id: r.fault for r in each.results if r.fault} for method, each in content.judged.items()
    }


def _judgement(content: Content, images: Images, credits: Sequence[Credit]) -> Judgement:
    return Judgement(
        about=content.about,
        figures=content.metrics,
        scores=_scores(content),
        faults=_faults(content),
        order=tuple(content.order),
        losses=content.curves,
        images=images,
        credits=tuple(credits),
    )


def _images(content: Content, first: set[str]) -> dict[str, dict[str, str]]:
    """Return the images of one sketch after the other, until ``IMAGE_BYTES`` are spent.

    Args:
        content: of the report.
        first: sketches that go before the others, which follow in the gallery's order.
    """
    files: dict[str, dict[str, Path]] = {
        method: {r.id: r.path for r in content.judged[method].results if not r.fault} for method in METHODS
    }
    files[TRUTH] = {sketch.id: sketch.truth for sketch in content.sketches if sketch.truth}
    images: dict[str, dict[str, str]] = {}
    left = IMAGE_BYTES
    for name in sorted(content.order, key=lambda name: name not in first):
        row = {method: paths[name].read_bytes() for method, paths in files.items() if name in paths}
        left -= sum(map(len, row.values()))
        if left < 0:
            break
        images[name] = {method: data_uri(image) for method, image in row.items()}
    return images


def _gallery(content: Content) -> Gallery:
    scores = _scores(content)
    scored = {key for by_id in scores.values() for found in by_id.values() for key in found}
    return Gallery(
        columns=columns(TRUTH),
        measures=[measure for measure in registry.PER_IMAGE if measure.key in scored],
        scores=scores,
        faults=_faults(content),
        figures=content.metrics,
        real=REAL,
    )


def _differences(content: Content) -> Iterator[tuple[Column, Column, list[Statement]]]:
    """Give what is said of each pair of methods whose figures were compared image by image."""
    by_key = {column.key: column for column in columns(REAL)}
    for names, figures in content.differences.items():
        first, second = (by_key[key] for key in names.split(" - "))
        yield first, second, list(statements(first, second, figures, content.metrics, REAL))


def _pairs(content: Content) -> Iterator[Pair]:
    """Give the outputs of each method that are nearest to a training image, and that image."""
    for column in columns(REAL):
        for result, nearest in _nearest(content.judged[column.key]) if column.rival else ():
            uris = (data_uri(path.read_bytes()) for path in (result.path, nearest.path))
            yield Pair(column, result.id, summary_table.number(nearest.relation, 2), *uris)


def _nearest(judged: Judged) -> list[tuple[Result, Nearest]]:
    found = [(result, result.nearest) for result in judged.results if result.nearest]
    return sorted(found, key=lambda pair: (pair[1].relation, pair[0].id))[:MOST_MEMORISED]


def _data_set(rows: Sequence[CleanImageRow]) -> dict[str, Any]:
    counts = Counter((row.domain, row.split) for row in rows)
    return {
        "splits": SPLITS,
        "counts": {domain: [counts[domain, split] for split in SPLITS] for domain in DOMAINS},
        "licenses": Counter(row.license or "not stated" for row in rows).most_common(),
        "cleaned": sum(row.action == "removed" for row in rows),
    }


def _made(content: Content) -> Iterator[int]:
    """Yield how many images each of the two methods gave."""
    for method in (CYCLEGAN, STYLE_TRANSFER):
        yield sum(not result.fault for result in content.judged[method].results)


def _credits(content: Content, shown: Sequence[str]) -> list[Credit]:
    """Return the credits of all that is shown, also on the contact sheet."""
    names = {*shown, *content.order[: contact.MOST_ROWS]}
    near = {nearest.path.stem for method in RIVALS for _, nearest in _nearest(content.judged[method])}
    images = [image for name in names for image in content.drawn_on[name]]
    images += [row for row in content.rows if row.id in near]
    return credits_of({image.id: image for image in images}.values())
