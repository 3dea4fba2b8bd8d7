"""All metrics, found in the files of this package."""

import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module

from sketch2color import metrics
from sketch2color.metrics.metric import Metric, SetMetric


def _discover() -> tuple[Metric, ...]:
    """Return the ``METRICS`` of every module of this package that defines some, in the order of tables."""
    names = (module.name for module in pkgutil.iter_modules(metrics.__path__, f"{metrics.__name__}."))
    modules = [import_module(name) for name in names if name != __name__]
    found: list[Metric] = [metric for module in modules for metric in getattr(module, "METRICS", ())]
    return tuple(sorted(found, key=lambda metric: (metric.order, metric.key)))


METRICS = _discover()
IMAGE_METRICS = tuple(metric for metric in METRICS if not isinstance(metric, SetMetric))
SET_METRICS = tuple(metric for metric in METRICS if isinstance(metric, SetMetric))


def describe(keys: Iterable[str]) -> tuple[Metric, ...]:
    """Return the metrics of values with these keys, in the order of tables; unknown keys are left out.

    Values over different features have keys of their own: each gets a metric with its key.

    >>> [metric.key for metric in describe(["psnr", "images", "kid_vgg19-c34748d2-relu4_1"])]
    ['kid_vgg19-c34748d2-relu4_1', 'psnr']
    """
    found = [replace(metric, key=key) for key in sorted(set(keys)) if (metric := _metric(key))]
    return tuple(sorted(found, key=lambda metric: (metric.order, metric.key)))


def labelled(key: str, label: str) -> str:
    """Return the key of a value over the features that ``label`` names.

    >>> labelled("kid", "vgg19-c34748d2-relu4_1")
    'kid_vgg19-c34748d2-relu4_1'
    """
    return f"{key}_{label}"


def _metric(key: str) -> Metric | None:
    matching = (each for each in METRICS if key == each.key or key.startswith(labelled(each.key, "")))
    return max(matching, key=lambda metric: len(metric.key), default=None)
