"""Patterns of paths: ``*`` and ``?`` stay within a folder, ``**/`` is any depth."""

import re
from functools import lru_cache


def matches(path: str, glob: str) -> bool:
    """Return whether ``path`` matches ``glob``; ``*`` and ``?`` stay within a folder, ``**/`` is any depth.

    >>> matches("A/1.jpg", "A/*"), matches("A/old/1.jpg", "A/*"), matches("a/b/c.png", "**/*.png")
    (True, False, True)
    """
    ends = {0}  # of the beginnings of ``path`` that the parts of ``glob`` so far match
    for part in _glob_parts(glob):
        ends = _extend(path, part, ends)
    return len(path) in ends


@lru_cache
def _glob_parts(glob: str) -> list[str]:
    return [part for part in re.split(r"(\*\*/|\*\*|\*|\?)", glob) if part]


def _extend(path: str, part: str, ends: set[int]) -> set[int]:
    """Return where matches end that continue those ending at ``ends`` with ``part``, in linear time."""
    if part == "**":
        return set(range(min(ends, default=len(path) + 1), len(path) + 1))
    if part == "**/":
        first = min(ends, default=len(path))
        return ends | {at + 1 for at in range(first, len(path)) if path[at] == "/"}
    if part == "?":
        return {end + 1 for end in ends if path[end : end + 1] not in ("", "/")}
    if part != "*":
        return {end + len(part) for end in ends if path.startswith(part, end)}
    reached = set[int]()
    for end in sorted(ends):
        if end not in reached:
            reached.update(range(end, (path.find("/", end) + 1 or len(path) + 1)))
    return reached
