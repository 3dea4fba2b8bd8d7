"""Progress of long work: what, how far, how long still."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(
    items: Iterable[T], what: str, total: int | None = None, unit: str = "image", start: int = 0
) -> "tqdm[T]":
    """Iterate over ``items`` with a bar on a terminal, and silently in a log.

    Of ``total`` items ``start`` were done before.

    ``set_postfix_str`` of the returned bar shows a line's worth of current figures.
    """
    return tqdm(
        items,
        desc=what,
        total=total,
        unit=unit,
        initial=start,
        disable=not sys.stderr.isatty(),
        dynamic_ncols=True,
    )
