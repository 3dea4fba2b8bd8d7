"""What the benchmarks share: the command line, Markdown tables, and figures over seeds."""

import argparse
from collections.abc import Iterable, Sequence

import numpy as np


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that shows a module's docstring unchanged."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with one line per row.

    >>> print(markdown_table(["a", "b"], [[1, "x"]]))
    | a | b |
    |---|---|
    | 1 | x |
    """
    lines = [columns, *rows]
    text = [f"| {' | '.join(map(str, line))} |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(columns), *text[1:]])


def mean_and_spread(values: Sequence[float | None]) -> str:
    """Return mean ± standard deviation of the known values, "" if there are none.

    >>> mean_and_spread([1.0, None, 3.0])
    '2 ± 1.41'
    """
    known = [value for value in values if value is not None]
    spread = f" ± {np.std(known, ddof=1):.3g}" if len(known) > 1 else ""
    return f"{np.mean(known):.3g}{spread}" if known else ""
