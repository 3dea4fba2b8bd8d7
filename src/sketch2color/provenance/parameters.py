"""The parameters that a stage works with."""

from collections.abc import Mapping
from typing import Any

from sketch2color.provenance.flat import flatten

PRESET = "presets."


def effective(params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what dvc.lock has for a stage, by dotted name; what a section sets wins over the preset.

    >>> quick = {"presets.quick.train": {"steps": 80, "width": 24}}
    >>> effective({"params.yaml": {**quick, "train": {"steps": 9}, "seed": 1}})
    {'train.steps': 9, 'train.width': 24, 'seed': 1}
    """
    flat = {name: value for nested in params.values() for name, value in flatten(nested, ".").items()}
    presets = {name: value for name, value in flat.items() if name.startswith(PRESET)}
    own = {name: value for name, value in flat.items() if name not in presets}
    return {name.split(".", 2)[2]: value for name, value in presets.items()} | own
