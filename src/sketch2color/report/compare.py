"""Several runs side by side: one page made of what their reports carry."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sketch2color.errors import UserError
from sketch2color.metrics import bootstrap, registry
from sketch2color.metrics.figure import Figure, Metrics, difference
from sketch2color.pages.credits import Credit
from sketch2color.pages.page import render_page
from sketch2color.report import curves, evaluation_data, summary_table
from sketch2color.report.evaluation_data import TRUTH, Judgement
from sketch2color.report.gallery import Gallery, Item
from sketch2color.report.report import IMAGE_BYTES, NAMES, RIVALS
from sketch2color.report.results import CYCLEGAN, REAL, SKETCH, STYLE_TRANSFER
from sketch2color.report.statements import Statement, statements
from sketch2color.report.summary_table import Column, Row

SEED = 0
"""Of the bootstrap."""
SHOWN = (SKETCH, CYCLEGAN, STYLE_TRANSFER, REAL)
HASH = 8
"""Digits of a hash that are shown."""


@dataclass(frozen=True)
class Run:
    """A judgement, and what the user calls it."""

    name: str
    judgement: Judgement


@dataclass(frozen=True)
class Contestant:
    """A method's results in the first of the runs that all have the same ones."""

    column: Column
    method: str
    run: Run

    @property
    def scores(self) -> Mapping[str, Mapping[str, float]]:
        """By sketch's id and measure."""
        return self.run.judgement.scores.get(self.method, {})


def read(name: str, page: str) -> Run:
    """Return the run that a report shows.

    Raises:
        UserError: the page is no report, or one that carries no data yet.
    """
    try:
        return Run(name, evaluation_data.from_page(page))
    except ValueError as error:
        raise UserError(f"{name}: its report cannot be compared ({error}): run `dvc repro`") from error


def render(runs: Sequence[Run]) -> str:
    """Return the page for two runs or more; what their reports have in common is shown once.

    Raises:
        UserError: two runs have the same name.
    """
    if twice := [name for name, count in Counter(run.name for run in runs).items() if count > 1]:
        raise UserError(f"{twice[0]} is named twice: name different runs")
    return render_page("sketch2color.report", "compare.html", _context(runs))


def contestants(runs: Sequence[Run]) -> Iterator[Contestant]:
    """Give every method of every run, but once what is the same in several."""
    for method in SHOWN:
        groups: list[list[Run]] = []
        for run in runs:
            same = (group for group in groups if _same(group[0].judgement, run.judgement, method))
            group = next(same, None)
            if group is None:
                groups.append([run])
            else:
                group.append(run)
        for group in groups:
            names = "" if len(groups) == 1 else ", ".join(run.name for run in group)
            column = Column(f"{method}/{runs.index(group[0])}", NAMES[method], names, method in RIVALS)
            yield Contestant(column, method, group[0])


def paired(first: Contestant, second: Contestant) -> dict[str, Figure]:
    """Return the differences ``first - second`` by measure, over the sketches that both have a score for."""
    found = {}
    for measure in registry.PER_IMAGE:
        values = [
            (first.scores[name][measure.key], second.scores[name][measure.key])
            for name in sorted(first.scores.keys() & second.scores.keys())
            if measure.key in first.scores[name] and measure.key in second.scores[name]
        ]
        if values:
            ours, theirs = zip(*values, strict=True)
            figure = bootstrap.difference(ours, theirs, SEED)
            if figure:
                found[measure.key] = figure
    return found


def _same(one: Judgement, other: Judgement, method: str) -> bool:
    """Tell whether two runs have the same figures and scores of a method, to all digits."""
    return all(
        first.get(method) == second.get(method)
        for first, second in (
            (one.figures, other.figures),
            (one.scores, other.scores),
            (one.faults, other.faults),
        )
    )


def _context(runs: Sequence[Run]) -> dict[str, Any]:
    found = list(contestants(runs))
    columns = [each.column for each in found]
    real = next(each.column.key for each in found if each.method == REAL)
    figures = {each.column.key: each.run.judgement.figures.get(each.method, {}) for each in found}
    rivals = [each for each in found if each.column.rival]
    gaps = {
        difference(second.column.key, first.column.key): paired(second, first)
        for first, second in combinations(rivals, 2)
    }
    table = [
        summary_table.row(measure, figures, columns, real, gaps)
        for measure in registry.of({key for each in figures.values() for key in each})
    ]
    gallery = _gallery(found, figures, real)
    choices = _choices(rivals)
    inputs = _differing([_short(run.judgement.about.inputs) for run in runs])
    common = set.intersection(*(set(run.judgement.order) for run in runs))
    images = _images(found, sorted(common))
    return {
        "names": [run.name for run in runs],
        "count": len(common),
        "counts": {run.name: len(run.judgement.order) for run in runs},
        "columns": columns,
        "verdict": table,
        "wins": _wins(table),
        "differences": list(_differences(rivals, gaps, figures, real)),
        "same": [NAMES[each.method] for each in rivals if not each.column.run],
        "code": [path for path, _ in inputs if path.startswith("src/")],
        "parameters": _differing([run.judgement.about.parameters for run in runs]),
        "inputs": inputs,
        "drawings": list(curves.drawings([run.judgement.losses for run in runs])),
        "measures": gallery.measures,
        "choices": choices,
        "gallery": _sorted(gallery.rows(sorted(images), images), gallery, choices[0][0]),
        "table": gallery.table(sorted(common)),
        "rivals": [each.column for each in rivals],
        "shown": set(images),
        "credits": _credits(runs),
    }


def _choices(rivals: Sequence[Contestant]) -> list[tuple[str, str]]:
    """Return by whose scores the gallery may be sorted: by how much worse they got, and by each one's own."""
    changes = (
        (f"{second.column.key}|{first.column.key}", f"{second.column.name} against {first.column.name}")
        for first, second in _opponents(rivals)
    )
    return [*changes, *((each.column.key, each.column.name) for each in rivals)]


def _opponents(rivals: Sequence[Contestant]) -> Iterator[tuple[Contestant, Contestant]]:
    """Give the first run's results of each method, with those of every other that differ."""
    for method in RIVALS[::-1]:
        first, *others = [each for each in rivals if each.method == method]
        for other in others:
            yield first, other


def _differences(
    rivals: Sequence[Contestant], gaps: Metrics, figures: Metrics, real: str
) -> Iterator[tuple[Column, Column, list[Statement]]]:
    for first, second in _opponents(rivals):
        found = gaps[difference(second.column.key, first.column.key)]
        yield second.column, first.column, list(statements(second.column, first.column, found, figures, real))


def _wins(table: Sequence[Row]) -> list[tuple[Column, int, int]]:
    """Return for each rival in how many rows it is the best one, and in how many of them beyond chance."""
    leads = [[(cell.column, cell.standing) for cell in row.cells if cell.column.rival] for row in table]
    wins = {column: [row[i][1] for row in leads] for i, (column, _) in enumerate(leads[0] if leads else [])}
    return [(column, sum(map(bool, found)), found.count("surely better")) for column, found in wins.items()]


def _gallery(found: Sequence[Contestant], figures: Metrics, real: str) -> Gallery:
    scores = {each.column.key: each.scores for each in found}
    scored = {key for by_id in scores.values() for each in by_id.values() for key in each}
    return Gallery(
        columns=[each.column for each in found],
        measures=[measure for measure in registry.PER_IMAGE if measure.key in scored],
        scores=scores,
        faults={each.column.key: each.run.judgement.faults.get(each.method, {}) for each in found},
        figures=figures,
        real=real,
    )


def _images(found: Sequence[Contestant], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the images of the sketches that every report shows, until ``IMAGE_BYTES`` are spent."""
    images: dict[str, dict[str, str]] = {}
    left = IMAGE_BYTES
    for name in names:
        shown = [each.run.judgement.images.get(name) for each in found]
        if not all(shown):
            continue
        row = {
            each.column.key: (uris or {}).get(TRUTH if each.method == REAL else each.method, "")
            for each, uris in zip(found, shown, strict=True)
        }
        left -= sum(len(uri) * 3 // 4 for uri in row.values())
        if left < 0:
            break
        images[name] = row
    return images


def _sorted(items: Iterator[Item], gallery: Gallery, choice: str) -> list[Item]:
    """Sort as the page's script does at its first choice: the first measure, the worst change first."""
    key = gallery.measures[0].key if gallery.measures else ""
    first, _, second = choice.partition("|")

    def badness(item: Item) -> tuple[bool, float]:
        losses = item.losses.get(key, {})
        if first not in losses or (second and second not in losses):
            return not any(each.fault for each in item.shown), 0.0
        return False, losses.get(second, 0.0) - losses[first]

    return sorted(items, key=badness)


def _credits(runs: Sequence[Run]) -> list[Credit]:
    """Return the credits of all reports; what several of them credit is taken to be the same images."""
    found: dict[tuple[str, str, str], Credit] = {}
    for credit in (credit for run in runs for credit in run.judgement.credits):
        texts = credit.license, credit.attribution, credit.homepage
        found[texts] = max(credit, found.get(texts, credit), key=lambda each: each.images)
    return sorted(found.values(), key=lambda each: (-each.images, each.license, each.attribution))


def _short(inputs: Mapping[str, str]) -> dict[str, str]:
    return {path: hash[:HASH] for path, hash in inputs.items()}


def _differing(runs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return what is not the same in all runs, with a dash for a run that lacks it."""
    names = sorted({name for run in runs for name in run})
    rows = [(name, [str(run.get(name, "–")) for run in runs]) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]
