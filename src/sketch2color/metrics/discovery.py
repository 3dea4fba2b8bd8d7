"""All metrics, found in the files of this package."""

import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module

from sketch2color import metrics
from sketch2color.metrics.metric import DEFINED, Metric

for module in pkgutil.iter_modules(metrics.__path__, f"{metrics.__name__}."):
    import_module(module.name)

METRICS = tuple(sorted(DEFINED, key=lambda metric: (metric.order, metric.key)))
SET_METRICS = tuple(metric for metric in METRICS if {"features", "palettes"} & set(metric.needs))
IMAGE_METRICS = tuple(metric for metric in METRICS if metric not in SET_METRICS)


def describe(keys: Iterable[str]) -> tuple[Metric, ...]:
    """Return the metrics of values with these keys, in the order of tables; unknown keys are left out.

    Values over different features have keys of their own: each gets a metric with its key.
    """
    found = []
    for key in set(keys):
        matching = [each for each in METRICS if key == each.key or key.startswith(labelled(each.key, ""))]
        if matching:
            found.append(replace(max(matching, key=lambda metric: len(metric.key)), key=key))
    return tuple(sorted(found, key=lambda metric: (metric.order, metric.key)))


def labelled(key: str, label: str) -> str:
    """Return the key of a value over the features that ``label`` names."""
    return f"{key}_{label}"
