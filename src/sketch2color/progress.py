"""Progress bars."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(
    items: Iterable[T], what: str, total: int | None = None, unit: str = "image", start: int = 0
) -> "tqdm[T]":
    """Iterate over ``items`` with a progress bar on a terminal, and without output elsewhere.

    Args:
        items: anything iterable.
        what: the label of the bar.
        total: the number of items, if ``items`` has no length.
        unit: of an item.
        start: how many of ``total`` were done before.
    """
    return tqdm(
        items,
        desc=what,
        total=total,
        unit=unit,
        initial=start,
        disable=not (sys.stderr and sys.stderr.isatty()),
        dynamic_ncols=True,
    )
