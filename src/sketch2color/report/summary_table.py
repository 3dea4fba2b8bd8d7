"""The verdict: each figure of every contestant beside the others', and which is the better one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sketch2color.metrics.figure import Figure, Metrics, difference
from sketch2color.metrics.registry import Measure

Standing = Literal["", "better", "surely better"]


@dataclass(frozen=True)
class Column:
    """A contestant, or a yardstick shown beside them; ``run`` names whose it is, where that matters."""

    key: str
    title: str
    run: str = ""
    rival: bool = True

    @property
    def name(self) -> str:
        """The whole of its name, in a line."""
        return f"{self.title}, {self.run}" if self.run else self.title


@dataclass(frozen=True)
class Cell:
    """A figure of one contestant: ``text`` is empty where there is none."""

    column: Column
    text: str = ""
    interval: str = ""
    n: int = 0
    standing: Standing = ""


@dataclass(frozen=True)
class Row:
    """One measure of all contestants."""

    measure: Measure
    cells: tuple[Cell, ...]


def row(
    measure: Measure,
    figures: Mapping[str, Mapping[str, Figure]],
    columns: Sequence[Column],
    real: str,
    differences: Metrics,
) -> Row:
    """Return one figure of all contestants, the best of the rivals marked.

    Args:
        measure: which figure.
        figures: by column and measure.
        columns: in their order.
        real: the column of real drawings, which some measures are to be near to.
        differences: between columns, as far as there are any.
    """
    found = {column: figures[column.key].get(measure.key) for column in columns}
    yardstick = figures.get(real, {}).get(measure.key)
    rivals = {column.key: each for column, each in found.items() if column.rival}
    leader, standing = _leader(measure, rivals, yardstick.value if yardstick else None, differences)
    return Row(
        measure,
        tuple(
            _cell(column, each, measure.digits, standing if column.key == leader else "")
            for column, each in found.items()
        ),
    )


def loss(measure: Measure, value: float, real: float | None) -> float | None:
    """Return how bad a value is, in the measure's unit; None where nothing says which is the better.

    >>> from sketch2color.metrics import registry
    >>> loss(registry.PER_IMAGE[0], 2.5, real=None)
    2.5
    """
    match measure.better:
        case "lower":
            return value
        case "higher":
            return -value
        case "like real":
            return None if real is None else abs(value - real)
    return None


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign, and without one before zero.

    >>> number(-1.26, 1), number(-0.001, 2)
    ('−1.3', '0.00')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def interval(figure: Figure, digits: int) -> str:
    """Return the interval's bounds, or nothing where there is none.

    >>> interval(Figure(2.0, 5, 1.5, 2.5), 1), interval(Figure(2.0, 1), 1)
    ('1.5 to 2.5', '')
    """
    if figure.low is None or figure.high is None:
        return ""
    return f"{number(figure.low, digits)} to {number(figure.high, digits)}"


def _cell(column: Column, figure: Figure | None, digits: int, standing: Standing) -> Cell:
    if figure is None:
        return Cell(column)
    return Cell(column, number(figure.value, digits), interval(figure, digits), figure.n, standing)


def _leader(
    measure: Measure, rivals: Mapping[str, Figure | None], real: float | None, differences: Metrics
) -> tuple[str, Standing]:
    """Return the best rival, and whether it surely is better than each of the others.

    None is the best when not all have a figure, or when the best two have the same.
    """
    found = {key: figure for key, figure in rivals.items() if figure is not None}
    losses = {key: loss(measure, figure.value, real) for key, figure in found.items()}
    known = {key: value for key, value in losses.items() if value is not None}
    if len(known) < len(rivals) or len(known) < 2:
        return "", ""
    first, *others = sorted(known, key=lambda key: known[key])
    if known[first] == known[others[0]]:
        return "", ""
    sure = all(
        apart(measure, _between(measure, first, other, differences), found[first], found[other], real)
        for other in others
    )
    return first, "surely better" if sure else "better"


def apart(
    measure: Measure, between: Figure | None, first: Figure, second: Figure, real: float | None
) -> bool:
    """Tell whether an interval parts two figures: that of their difference, or else their own.

    A difference does not say which of the two is nearer to real drawings.
    """
    if between is not None and measure.better != "like real":
        return excludes_zero(between)
    losses, others = loss_range(measure, first, real), loss_range(measure, second, real)
    return losses is not None and others is not None and (losses[1] < others[0] or others[1] < losses[0])


def _between(measure: Measure, first: str, second: str, differences: Metrics) -> Figure | None:
    pairs = difference(first, second), difference(second, first)
    found = (differences.get(pair, {}).get(measure.key) for pair in pairs)
    return next((each for each in found if each), None)


def excludes_zero(figure: Figure) -> bool:
    """Tell whether a difference has an interval, and zero is not in it."""
    return figure.low is not None and figure.high is not None and (figure.low > 0 or figure.high < 0)


def loss_range(measure: Measure, figure: Figure, real: float | None) -> tuple[float, float] | None:
    """Return the least and the greatest loss within a figure's interval; None where there is no interval."""
    if figure.low is None or figure.high is None:
        return None
    low, high = loss(measure, figure.low, real), loss(measure, figure.high, real)
    if low is None or high is None:
        return None
    across = measure.better == "like real" and real is not None and figure.low <= real <= figure.high
    return (0.0 if across else min(low, high)), max(low, high)
