"""The comparison of several runs: one page made of what their reports embed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sketch2color.confidence_intervals import Estimate, difference_key, paired_difference
from sketch2color.errors import UserError
from sketch2color.metrics import discovery
from sketch2color.pages.credits import Credit
from sketch2color.pages.page import render_page
from sketch2color.report import evaluation_data, summary_table, template_variables
from sketch2color.report.columns import Column, Run, columns
from sketch2color.report.gallery import Gallery, Images, Item
from sketch2color.report.scored_images import RANKED

SEED = 0  # of the bootstrap


def read(name: str, page: str) -> Run:
    """Return the run that a report shows.

    Raises:
        UserError: the page is no report, or one that embeds no data.
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


def differences(first: Column, second: Column) -> dict[str, Estimate]:
    """Return the paired differences ``first - second`` by metric."""
    found = {
        metric.key: paired_difference(first.scores, second.scores, metric.key, SEED)
        for metric in discovery.IMAGE_METRICS
    }
    return {key: estimate for key, estimate in found.items() if estimate}


def _context(runs: Sequence[Run]) -> dict[str, Any]:
    results = template_variables.gallery(list(columns(runs)))
    ranked = results.ranked
    between = {difference_key(b.key, a.key): differences(b, a) for a, b in combinations(ranked, 2)}
    pairs = _pairs(ranked)
    choices = [(f"{a.key}|{b.key}", f"{a.name} against {b.name}") for a, b in pairs]
    choices += [(column.key, column.name) for column in ranked]
    common = sorted(set.intersection(*(set(run.data.order) for run in runs)))
    images = _images(results.columns, common)
    shared = template_variables.context(runs, results, between, pairs, common, images, choices)
    hashes = [{path: hash[:8] for path, hash in run.data.about.inputs.items()} for run in runs]
    inputs = _differing(hashes)
    return {
        **shared,
        "names": [run.name for run in runs],
        "counts": {run.name: len(run.data.order) for run in runs},
        "wins": summary_table.wins(shared["summary"]),
        "same": [column.title for column in ranked if not column.run],
        "code": [path for path, _ in inputs if path.startswith("src/")],
        "parameters": _differing([run.data.about.parameters for run in runs]),
        "inputs": inputs,
        "gallery": _sorted(shared["gallery"], results, choices[0][0]),
        "credits": _credits(runs),
    }


def _pairs(ranked: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Return each column beside the first run's of the same method, the baseline: CycleGAN's first."""
    pairs = []
    for method in reversed(RANKED):
        baseline, *others = [column for column in ranked if column.method == method]
        pairs += [(other, baseline) for other in others]
    return pairs


def _images(columns: Sequence[Column], names: Sequence[str]) -> Images:
    """Return the images of the sketches that every report shows, of as many as fit on the page."""
    rows = {
        name: {column.key: column.source.images[name].get(column.method, "") for column in columns}
        for name in names
        if all(name in column.source.images for column in columns)
    }
    sizes = {name: sum(len(uri) * 3 // 4 for uri in row.values()) for name, row in rows.items()}
    return {name: rows[name] for name in template_variables.within_limit(sizes)}


def _sorted(items: Sequence[Item], results: Gallery, choice: str) -> list[Item]:
    """Sort as the page's script does at its first choice: the first metric, the worst change first."""
    key = results.metrics[0].key if results.metrics else ""
    first, _, second = choice.partition("|")

    def rank(item: Item) -> tuple[bool, float]:
        costs = item.costs.get(key, {})
        if first not in costs or (second and second not in costs):
            return not any(tile.fault for tile in item.tiles), 0.0
        return False, costs.get(second, 0.0) - costs[first]

    return sorted(items, key=rank)


def _credits(runs: Sequence[Run]) -> list[Credit]:
    """Return the credits of all reports; equal ones of several reports are taken to be of the same images."""
    found: dict[tuple[str, str, str], Credit] = {}
    for credit in (credit for run in runs for credit in run.data.credits):
        texts = credit.license, credit.attribution, credit.homepage
        found[texts] = max(credit, found.get(texts, credit), key=lambda each: each.images)
    return sorted(found.values(), key=lambda each: (-each.images, each.license, each.attribution))


def _differing(runs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return what is not the same in all runs, with a dash for a run that lacks it."""
    names = sorted({name for run in runs for name in run})
    rows = [(name, [str(run.get(name, "–")) for run in runs]) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]
