"""The report: one HTML page that needs nothing but itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sketch2color.evaluation import contact, measures
from sketch2color.evaluation.bootstrap import interval
from sketch2color.evaluation.curves import Curve
from sketch2color.evaluation.measures import Measure
from sketch2color.evaluation.results import (
    CYCLEGAN,
    METHODS,
    REAL,
    SKETCH,
    STYLE_TRANSFER,
    Case,
    Judged,
    Result,
)
from sketch2color.evaluation.summary import KEY_N, KEY_N_REFERENCE, Metrics
from sketch2color.manifest import Picture
from sketch2color.pages.credits import Credit, credits_of
from sketch2color.pages.page import data_uri, render_page

NAMES = {SKETCH: "Sketch", STYLE_TRANSFER: "Style transfer", CYCLEGAN: "CycleGAN", REAL: "Real"}
RIVALS = (STYLE_TRANSFER, CYCLEGAN)
PICTURE_BYTES = 7_000_000  # base64 adds a third: the page stays below 10 MB


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the report shows.

    ``label`` names the features of KID and FID, ``order`` is that of the gallery, ``drawn_on`` gives for each
    sketch, by id, the pictures that it and what was made of it draw on, ``seed`` is that of the bootstrap.
    """

    about: Mapping[str, str]
    sketches: Sequence[Case]
    judged: Mapping[str, Judged]
    metrics: Metrics
    label: str
    curves: Sequence[Curve]
    order: Sequence[str]
    drawn_on: Mapping[str, Sequence[Picture]]
    seed: int


@dataclass(frozen=True)
class Cell:
    """A figure of one method: ``text`` is empty where there is none."""

    method: str
    text: str = ""
    note: str = ""
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the verdict."""

    measure: Measure
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Shown:
    """A picture of the gallery as a data URI, or the fault in its place."""

    method: str
    uri: str = ""
    fault: str = ""
    scores: tuple[Cell, ...] = field(default_factory=tuple)


def render(content: Content) -> str:
    """Return the page: UTF-8, no script, nothing loaded from anywhere."""
    return render_page("sketch2color.evaluation", "report.html", _context(content))


def _context(content: Content) -> dict[str, Any]:
    verdict = [
        verdict_row(content, m) for m in (*measures.over_features(content.label), *measures.PER_PICTURE)
    ]
    gallery = list(_gallery(content))
    return {
        "about": content.about,
        "names": NAMES,
        "verdict": verdict,
        "standing": standing(verdict),
        "count": len(content.sketches),
        "reference": int(content.metrics[SKETCH][KEY_N_REFERENCE]),
        "real": int(content.metrics[REAL][KEY_N]),
        "holes": {
            NAMES[method]: sum(bool(r.fault) for r in content.judged[method].results) for method in METHODS
        },
        "label": content.label,
        "curves": content.curves,
        "gallery": gallery,
        "measures": measures.PER_PICTURE,
        "rivals": RIVALS,
        "table": _table(content),
        "credits": _credits(content, max(len(gallery), contact.MOST_ROWS)),
        "shown": {name for name, _ in gallery},
    }


def verdict_row(content: Content, measure: Measure) -> Row:
    """Return one figure for all methods, the better of the two rivals marked."""
    values = {method: content.metrics[method].get(measure.key) for method in NAMES}
    best = _best(measure, values)
    return Row(measure, tuple(_cell(content, measure, method, method == best) for method in NAMES))


def standing(verdict: Sequence[Row]) -> str:
    """Say in how many rows each of the rivals is the better one.

    >>> rows = [Row(m, (Cell("cyclegan", "2.0", best=m.digits == 1),)) for m in measures.PER_PICTURE]
    >>> standing(rows)
    'CycleGAN does better on 2 of 5 measures, style transfer on 0.'
    """
    best = [cell.method for row in verdict for cell in row.cells if cell.best]
    if not best:
        return "On no measure can the two be told apart."
    first, second = sorted(RIVALS, key=best.count, reverse=True)
    other = "style transfer" if second == STYLE_TRANSFER else NAMES[second]
    wins, losses = best.count(first), best.count(second)
    judged = sum(row.measure.better != "neither" for row in verdict)
    return f"{NAMES[first]} does better on {wins} of {judged} measures, {other} on {losses}."


def _best(measure: Measure, values: Mapping[str, float | None]) -> str | None:
    """Return the better rival; None when either has no figure, both have the same, or real has none."""

    def loss(method: str) -> float | None:
        value, real = values[method], values[REAL]
        if value is None or measure.better == "neither" or (measure.better == "like real" and real is None):
            return None
        return {"lower": value, "higher": -value, "like real": abs(value - (real or 0.0))}[measure.better]

    losses = {method: loss(method) for method in RIVALS}
    known = {method: value for method, value in losses.items() if value is not None}
    if len(known) < len(RIVALS) or len(set(known.values())) == 1:
        return None
    return min(known, key=lambda method: known[method])


def _cell(content: Content, measure: Measure, method: str, best: bool) -> Cell:
    figures, judged = content.metrics[method], content.judged[method]
    if measure.key not in figures:
        return Cell(method)
    if measure.spread_key:
        note = f"± {number(figures[measure.spread_key], measure.digits)}"
    else:
        bounds = interval(judged.values(measure.key), content.seed)
        note = " – ".join(number(bound, measure.digits) for bound in bounds) if bounds else ""
    return Cell(method, number(figures[measure.key], measure.digits), note, best)


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign, and without one before zero.

    >>> number(-1.26, 1), number(-0.001, 2)
    ('−1.3', '0.00')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _gallery(content: Content) -> Iterator[tuple[str, list[Shown]]]:
    """Give the pictures of one sketch after the other, until ``PICTURE_BYTES`` are spent."""
    truths = {sketch.id: sketch.truth for sketch in content.sketches}
    found = _by_id(content)
    spent = 0
    for name in content.order:
        shown = [_shown(method, found[method][name]) for method in METHODS]
        truth = truths[name]
        if truth:
            shown.append(Shown(REAL, uri=data_uri(truth.read_bytes())))
        spent += sum(len(each.uri) for each in shown) * 3 // 4
        if spent > PICTURE_BYTES:
            return
        yield name, shown


def _shown(method: str, result: Result) -> Shown:
    if result.fault:
        return Shown(method, fault=result.fault)
    return Shown(
        method,
        data_uri(result.path.read_bytes()),
        scores=tuple(_scores(method, result)) if method in RIVALS else (),
    )


def _scores(method: str, result: Result) -> Iterator[Cell]:
    for measure in measures.PER_PICTURE:
        if measure.key in result.scores:
            yield Cell(method, number(result.scores[measure.key], measure.digits), measure.short)


def _credits(content: Content, shown: int) -> list[Credit]:
    """Return the credits of the first ``shown`` sketches: those of the gallery and of the contact sheet."""
    pictures = [picture for name in content.order[:shown] for picture in content.drawn_on[name]]
    return credits_of({picture.id: picture for picture in pictures}.values())


def _table(content: Content) -> list[tuple[str, list[list[str]]]]:
    """Return each sketch's scores, for each measure those of the rivals; empty where there is none."""
    found = _by_id(content)
    return [
        (name, [[_score(found[method][name], m) for method in RIVALS] for m in measures.PER_PICTURE])
        for name in content.order
    ]


def _score(result: Result, measure: Measure) -> str:
    return number(result.scores[measure.key], measure.digits) if measure.key in result.scores else ""


def _by_id(content: Content) -> dict[str, dict[str, Result]]:
    return {method: {r.id: r for r in content.judged[method].results} for method in METHODS}
