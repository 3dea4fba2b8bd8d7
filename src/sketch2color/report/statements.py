"""Differences between two contestants, said in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sketch2color.metrics import registry
from sketch2color.metrics.figure import Figure
from sketch2color.metrics.registry import Measure
from sketch2color.report.summary_table import Column, apart, excludes_zero, interval, loss, number

Outcome = Literal["better", "worse", "other", "open"]
"""``other``: surely different, and nothing says which is the better; ``open``: it may be chance."""


@dataclass(frozen=True)
class Statement:
    """What is said of one measure."""

    measure: Measure
    outcome: Outcome
    text: str


def statements(
    first: Column,
    second: Column,
    differences: Mapping[str, Figure],
    figures: Mapping[str, Mapping[str, Figure]],
    real: str,
) -> Iterator[Statement]:
    """Say what the differences ``first - second`` mean, measure by measure.

    Args:
        first: the contestant that is spoken of.
        second: what it is compared with.
        differences: by measure.
        figures: by column and measure.
        real: the column of real drawings.
    """
    for measure in registry.of(differences):
        found = differences[measure.key]
        values = [figures[key].get(measure.key) for key in (first.key, second.key, real)]
        outcome = _outcome(measure, found, *values)
        yield Statement(measure, outcome, _text(measure, found, first.name, second.name, outcome))


def _outcome(
    measure: Measure, found: Figure, first: Figure | None, second: Figure | None, real: Figure | None
) -> Outcome:
    if not excludes_zero(found):
        return "open"
    mark = real.value if real else None
    if first is None or second is None or not apart(measure, found, first, second, mark):
        return "other"
    losses = loss(measure, first.value, mark), loss(measure, second.value, mark)
    if losses[0] is None or losses[1] is None:
        return "other"
    return "better" if losses[0] < losses[1] else "worse"


def _text(measure: Measure, found: Figure, first: str, second: str, outcome: Outcome) -> str:
    """Say it, such as: CycleGAN is lower than Style transfer by 2.7 ΔE (95 %: 2.5 to 2.9; 24 sketches)."""
    over = f"{found.n} {'sketch' if found.n == 1 else 'sketches'}"
    if found.value == 0 and not excludes_zero(found):
        return f"{first} and {second} are equal (over {over})."
    unit = f" {measure.unit}" if measure.unit else ""
    way = "higher" if found.value > 0 else "lower"
    by = f"{first} is {way} than {second} by {_amount(abs(found.value), measure.digits)}{unit}"
    bounds = interval(_turned(found), measure.digits)
    if not bounds:
        return f"{by}; one sketch says nothing of others."
    chance = ", which may be chance" if outcome == "open" else ""
    return f"{by}{chance}{_nearness(measure, outcome)} (95 %: {bounds}; {over})."


def _amount(value: float, digits: int) -> str:
    least = 10.0**-digits
    return number(value, digits) if value >= least / 2 else f"less than {number(least, digits)}"


def _nearness(measure: Measure, outcome: Outcome) -> str:
    if measure.better != "like real":
        return ""
    return {"better": ", nearer to Real", "worse": ", farther from Real"}.get(outcome, "")


def _turned(found: Figure) -> Figure:
    """Return the amount of a difference with its interval: what is lower by 2 to 3 differs by −3 to −2."""
    if found.value >= 0 or found.low is None or found.high is None:
        return found
    return Figure(-found.value, found.n, -found.high, -found.low)
