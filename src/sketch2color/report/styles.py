"""Scores by drawing style, of the methods and of the designer's coloured image."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sketch2color.metrics import discovery
from sketch2color.metrics.metric import Metric
from sketch2color.report.scored_images import DESIGNER, NAMES, RANKED, Case, Scored
from sketch2color.report.summary_table import number

METRICS = discovery.describe(("paper_noise", "color_bleed", "part_purity", "part_leak", "part_white"))[::-1]
"""Those of parts come first."""
METHODS = (*RANKED, DESIGNER)
ALL = "all"


@dataclass(frozen=True)
class StyleScore:
    """The mean of a method's scores in one metric over the ``n`` sketches of a style that have one."""

    style: str
    method: str
    metric: str
    n: int
    value: float


def by_style(sketches: Sequence[Case], scored: Scored) -> Iterator[StyleScore]:
    """Yield the scores of each style, by name, and at last of ``ALL`` of them; none without styles."""
    styles = {case.id: case.style for case in sketches if case.style}
    for style in (*sorted(set(styles.values())), *([ALL] if styles else [])):
        for method in METHODS:
            known = [image for image in scored[method] if image.id in styles]
            images = [image for image in known if style in (styles[image.id], ALL)]
            for metric in METRICS:
                found = [image.scores[metric.key] for image in images if metric.key in image.scores]
                if found:
                    yield StyleScore(style, method, metric.key, len(found), fmean(found))


def table(sketches: Sequence[Case], scores: Sequence[StyleScore]) -> dict[str, Any]:
    """Return the template variables of the report's table, a row a style; none without styles."""
    found = {(each.style, each.method, each.metric): each.value for each in scores}
    metrics = [metric for metric in METRICS if metric.key in {each.metric for each in scores}]

    def text(style: str, method: str, metric: Metric) -> str:
        value = found.get((style, method, metric.key))
        return "" if value is None else number(value, metric.digits)

    counts = Counter(sketch.style for sketch in sketches if sketch.style)
    counts[ALL] = counts.total()
    rows = [
        (
            f"{style} ({counts[style]})",
            [[text(style, each, metric) for each in METHODS] for metric in metrics],
        )
        for style in dict.fromkeys(each.style for each in scores)
    ]
    columns = [{"name": NAMES[method]} for method in METHODS]
    return {"table": rows, "metrics": metrics, "columns": columns} if rows else {}
