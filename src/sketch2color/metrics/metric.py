"""The description of a metric: how it is computed, and how its values are read."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

Direction = Literal["lower", "higher", "like real", "none"]
"""Which value is better; ``like real``: that nearer to real coloured images; ``none``: no ranking."""

Features = NDArray[np.float64]

Input = Literal[
    # What a metric of single images may ask for. Images are uint8, H × W × 3, and all have the same shape.
    "image",  # what a method made of a sketch, without watermarks that it painted; or a real coloured image
    "result",  # the same with them
    "sketch",  # that the image was made from; a real image has none
    "line_art",  # the sketch, or for a real coloured image the image itself
    "truth",  # the sketch as its designer coloured it, where that is known
    "parts",  # of the sketch, where they are known: uint8, H × W, indices in ``manifest.ROLES``
    "marks",  # ``mark_area.Marks`` of the image
    "sketch_marks",  # those of the sketch
    "activations",  # of VGG-19, by layer: 1 × C × h × w
    "truth_activations",
    "nearest_distance",  # to the nearest training image, in features
    "training_spacing",  # how near training images come to each other, in features, above 0
    # What a metric of sets may ask for.
    "features",  # n × d, a row an image
    "palettes",  # n × 2
    "real_features",  # m × d, of the real coloured images to compare with
    "seed",
]


Compute = TypeVar("Compute", bound=Callable[..., float | None])


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric of single images, or of a whole set of them.

    Attributes:
        key: its name in metrics.json and scores.csv.
        title: its name in tables.
        short: its name where there is little room.
        unit: of its values, in tables; empty where they have none.
        direction: which value is better.
        digits: decimal places that are shown.
        order: position in tables, ascending.
        explanation: what it means, for a reader who has never heard of it.
        compute: the function; the names of its arguments, of ``Input``, are what it needs. None where the
            metric does not apply.
        half: of a set metric, the function for a random half of the images, as the confidence interval takes
            it, where it is another one than ``compute``.
        least, most: the range of the values of a set metric, at which confidence intervals end.
    """

    key: str
    title: str
    short: str
    unit: str = ""
    direction: Direction
    digits: int
    order: int
    explanation: str
    compute: Callable[..., float | None]
    half: Callable[..., float | None] | None = None
    least: float = 0.0
    most: float = math.inf

    @property
    def needs(self) -> tuple[Input, ...]:
        """The inputs that ``compute`` takes."""
        names = inspect.signature(self.compute).parameters
        return tuple(name for name in get_args(Input) if name in names)

    def __call__(self, inputs: Mapping[Input, Any]) -> float | None:
        """Return the value for these inputs; None where one that it needs is missing."""
        arguments = {name: inputs.get(name) for name in self.needs}
        return None if any(each is None for each in arguments.values()) else self.compute(**arguments)

    def cost(self, value: float, real: float | None) -> float | None:
        """Return how bad a value is, given that of real coloured images; None without a ranking."""
        if self.direction == "like real":
            return None if real is None else abs(value - real)
        return {"lower": value, "higher": -value}.get(self.direction)


DEFINED: list[Metric] = []
"""The metrics of all modules that are imported."""


def metric(
    title: str, short: str, unit: str = "", *, key: str = "", **fields: Any
) -> Callable[[Compute], Compute]:
    """Define a metric that the decorated function computes; ``key`` is by default the function's name."""

    def define(compute: Compute) -> Compute:
        texts = {"title": title, "short": short, "unit": unit, "explanation": vars(compute)["explanation"]}
        DEFINED.append(Metric(key=key or compute.__name__, compute=compute, **texts, **fields))
        return compute

    return define


def explained(text: str) -> Callable[[Compute], Compute]:
    """Attach an explanation to the function that :func:`metric` decorates."""

    def explain(compute: Compute) -> Compute:
        vars(compute)["explanation"] = text
        return compute

    return explain
