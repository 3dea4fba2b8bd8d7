"""The template variables that the report and the comparison share: see scored_images.html."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from sketch2color.confidence_intervals import Estimates, difference_key
from sketch2color.metrics import discovery
from sketch2color.report import curves, summary_table
from sketch2color.report.columns import Column, Run
from sketch2color.report.gallery import Gallery, Images
from sketch2color.report.scored_images import REAL
from sketch2color.report.statements import statements

IMAGE_BYTES = 15_000_000  # of one page; base64 adds a third: it stays below 25 MB


def gallery(columns: Sequence[Column]) -> Gallery:
    """Return the gallery of all metrics that any image has a score of."""
    scored = {key for column in columns for scores in column.scores.values() for key in scores}
    real = next(column.estimates for column in columns if column.method == REAL)
    return Gallery(columns, [metric for metric in discovery.IMAGE_METRICS if metric.key in scored], real)


def context(
    runs: Sequence[Run],
    results: Gallery,
    differences: Estimates,
    pairs: Sequence[tuple[Column, Column]],
    order: Sequence[str],
    images: Images,
    choices: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return the shared variables.

    Args:
        runs: that the page shows.
        results: of :func:`gallery`.
        differences: between columns.
        pairs: of columns whose differences are shown.
        order: the sketches' ids, the worst first.
        images: that are shown.
        choices: whose scores can sort the gallery, as key and title: a column, or a pair.
    """
    found = {key for column in results.columns for key in column.estimates}
    return {
        "columns": results.columns,
        "ranked": results.ranked,
        "metrics": results.metrics,
        "count": len(order),
        "summary": [
            summary_table.row(metric, results.columns, results.real, differences)
            for metric in discovery.describe(found)
        ],
        "choices": choices,
        "differences": [
            (a, b, list(statements(a, b, differences.get(difference_key(a.key, b.key), {}), results.real)))
            for a, b in pairs
        ],
        "curves": list(curves.draw([run.data.losses for run in runs])),
        "gallery": list(results.items([name for name in order if name in images], images)),
        "table": results.table(order),
        "shown": set(images),
    }


def within_limit(sizes: Mapping[str, int]) -> list[str]:
    """Return the first sketches whose images, of these sizes in bytes, fit on a page."""
    totals = zip(sizes, accumulate(sizes.values()), strict=True)
    return [name for name, total in totals if total <= IMAGE_BYTES]
