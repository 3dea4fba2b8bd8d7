"""The report of an evaluation: one HTML page that needs no other file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color.confidence_intervals import Estimates
from sketch2color.manifest import DOMAINS, SPLITS, CleanImageRow, ImageRow
from sketch2color.pages.credits import Credit, credits_of
from sketch2color.pages.page import data_uri, render_page
from sketch2color.report import contact_sheet, data_flow, styles, summary_table, template_variables
from sketch2color.report.columns import Column, Run, columns
from sketch2color.report.curves import Curves
from sketch2color.report.evaluation_data import About, EvaluationData, to_json
from sketch2color.report.gallery import Images
from sketch2color.report.scored_images import METHODS, NAMES, RANKED, REAL, Case, Nearest, Scored, ScoredImage
from sketch2color.report.styles import StyleScore
from sketch2color.report.summary_table import Row, number

MAX_NEAREST = 4
"""Pairs of an output and the training image nearest to it, of each method."""


@dataclass(frozen=True)
class ColorOnDemand:
    """How well results have the colours asked for: the sketches' ids on a contact sheet in PNG, and a table.

    A row is a title, the median, the percentile (5th or 95th) on the worse side, and the number of values.
    """

    ids: Sequence[str]
    sheet: bytes
    rows: Sequence[tuple[str, float, float, float]]


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the report shows.

    Attributes:
        about: what was evaluated.
        rows: the whole manifest of the clean set.
        sketches: of the test split.
        scored: the images of all methods.
        estimates: of all methods.
        differences: between methods.
        label: of the features that sets are compared by.
        curves: the losses of training.
        order: the sketches' ids, the worst first.
        sources: the images that a sketch and its results derive from, by the sketch's id.
        styles: scores by drawing style; empty where styles are not known.
        color_on_demand: colour on demand; None for a generator that cannot be asked.
    """

    about: About
    rows: Sequence[CleanImageRow]
    sketches: Sequence[Case]
    scored: Scored
    estimates: Estimates
    differences: Estimates
    label: str
    curves: Curves
    order: Sequence[str]
    sources: Mapping[str, Sequence[ImageRow]]
    styles: Sequence[StyleScore] = ()
    color_on_demand: ColorOnDemand | None = None


def render(content: Content) -> str:
    """Return the page: UTF-8, with a script for sorting and enlarging images."""
    return render_page("sketch2color.report", "report.html", _context(content))


def _context(content: Content) -> dict[str, Any]:
    run = Run("", _data(content, {}, ()))
    by_method = {column.method: column for column in columns([run])}
    results = template_variables.gallery(list(by_method.values()))
    worst = results.worst(content.order)
    images = _images(content, first={each.id for each in worst})
    credits = _credits(content, images)
    sketch, style, cyclegan = (by_method[method] for method in METHODS)
    pairs = [(cyclegan, style), (cyclegan, sketch)] if content.differences else []
    choices = [(each.key, each.name) for each in (cyclegan, style)]
    choices.append((f"{cyclegan.key}|{style.key}", f"{cyclegan.name} against {style.name}"))
    shared = template_variables.context(
        [run], results, content.differences, pairs, content.order, images, choices
    )
    made = {method: sum(not image.fault for image in content.scored[method]) for method in METHODS}
    return {
        **shared,
        "about": content.about,
        "data_set": _data_set(content.rows),
        "data_flow": data_flow.steps(content.about, content.rows, made),
        "evaluation_data": to_json(_data(content, images, credits)),
        "ranking": ranking(shared["summary"]),
        "reference": sum(row.domain == "color" and row.split != "train" for row in content.rows),
        "real": len(content.scored[REAL]),
        "missing": {NAMES[method]: len(content.sketches) - count for method, count in made.items()},
        "label": content.label,
        "styles": styles.table(content.sketches, content.styles),
        "color_on_demand": content.color_on_demand,
        "palettes": data_uri(content.color_on_demand.sheet) if content.color_on_demand else "",
        "worst": worst,
        "images": images,
        "nearest_pairs": list(_nearest_pairs(content, by_method)),
        "credits": credits,
    }


def ranking(rows: Sequence[Row]) -> str:
    """Return in how many rows each of the methods is best, as a sentence."""
    wins = sorted(summary_table.wins(rows), key=lambda each: -each[1])
    if not wins or not wins[0][1]:
        return "In no metric is one better than the other."
    (first, best, significant), (second, others, _) = wins
    count = sum(row.metric.direction != "none" for row in rows)
    return (
        f"{first.name} is better in {best} of {count} metrics, in {significant} of them significantly; "
        f"{second.name} in {others}."
    )


def _data(content: Content, images: Images, credits: Sequence[Credit]) -> EvaluationData:
    scored = content.scored.items()
    return EvaluationData(
        about=content.about,
        estimates=content.estimates,
        scores={method: {image.id: image.scores for image in each} for method, each in scored},
        faults={method: {image.id: image.fault for image in each if image.fault} for method, each in scored},
        order=tuple(content.order),
        losses=content.curves,
        images=images,
        credits=tuple(credits),
    )


def _images(content: Content, first: set[str]) -> Images:
    """Return the images of as many sketches as fit on the page: those of ``first``, then by ``order``."""
    files: dict[str, dict[str, Path]] = {
        method: {image.id: image.path for image in content.scored[method] if not image.fault}
        for method in METHODS
    }
    files[REAL] = {sketch.id: sketch.truth for sketch in content.sketches if sketch.truth}
    rows = {
        name: {method: paths[name] for method, paths in files.items() if name in paths}
        for name in sorted(content.order, key=lambda name: name not in first)
    }
    sizes = {name: sum(path.stat().st_size for path in row.values()) for name, row in rows.items()}
    return {
        name: {method: data_uri(path.read_bytes()) for method, path in rows[name].items()}
        for name in template_variables.within_limit(sizes)
    }


def _nearest_pairs(content: Content, by_method: Mapping[str, Column]) -> Iterator[dict[str, Any]]:
    """Yield the outputs of each method that are nearest to a training image, with that image."""
    for method in RANKED:
        for image, nearest in _nearest(content.scored[method]):
            row = {"column": by_method[method], "id": image.id, "relation": number(nearest.relation, 2)}
            files = {"output": image.path, "nearest": nearest.path}
            yield row | {name: data_uri(path.read_bytes()) for name, path in files.items()}


def _nearest(images: Sequence[ScoredImage]) -> list[tuple[ScoredImage, Nearest]]:
    found = [(image, image.nearest) for image in images if image.nearest]
    return sorted(found, key=lambda pair: (pair[1].relation, pair[0].id))[:MAX_NEAREST]


def _data_set(rows: Sequence[CleanImageRow]) -> dict[str, Any]:
    counts = Counter((row.domain, row.split) for row in rows)
    return {
        "splits": SPLITS,
        "counts": {domain: [counts[domain, split] for split in SPLITS] for domain in DOMAINS},
        "licenses": Counter(row.license or "not stated" for row in rows).most_common(),
        "cleaned": sum("removed" in row.action for row in rows),
    }


def _credits(content: Content, shown: Images) -> list[Credit]:
    """Return the credits of all images of the page and of the contact sheet."""
    names = {*shown, *content.order[: contact_sheet.MAX_ROWS]}
    names |= set(content.color_on_demand.ids if content.color_on_demand else ())
    near = {nearest.path.stem for method in RANKED for _, nearest in _nearest(content.scored[method])}
    images = [image for name in names for image in content.sources[name]]
    images += [row for row in content.rows if row.id in near]
    return credits_of({image.id: image for image in images}.values())
