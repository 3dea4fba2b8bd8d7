"""A trace as an indented tree, and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from sketch2color.provenance.audit_text import ID
from sketch2color.provenance.lineage import Origin
from sketch2color.provenance.paths import is_source
from sketch2color.provenance.trace import Trace

HASH = 8
"""Hex digits of a hash that are shown."""


def to_text(trace: Trace) -> str:
    """Return the way back, each step below what it led to; a step that stands above is not told again."""
    lines = [trace.subject, *(f"  {fact}" for fact in trace.facts)]
    lines += _lines(trace.origin, "  ", set())
    return "\n".join(lines) + "\n"


def to_json(trace: Trace) -> str:
    """Return the same with whole hashes and all of the code."""
    content = {
        "subject": trace.subject,
        "facts": list(trace.facts),
        "whole": trace.whole,
        "origin": _plain(trace.origin, set()),
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def _lines(origin: Origin, indent: str, told: set[tuple[str, str]]) -> Iterator[str]:
    title = f"{indent}<- {origin.path} {origin.md5[:HASH]}".rstrip()
    if (origin.path, origin.md5) in told:
        yield f"{title} (see above)"
        return
    told.add((origin.path, origin.md5))
    yield title
    inner = f"{indent}   "
    yield from (f"{inner}{fact}" for fact in origin.facts)
    if origin.gap:
        yield f"{inner}THE CHAIN BREAKS HERE: {origin.gap}"
    yield from (f"{inner}{line}" for line in _making(origin))
    for source in origin.sources:
        yield from _lines(source, inner, told)


def _making(origin: Origin) -> Iterator[str]:
    if origin.run:
        edited = ", edited (see diff.patch)" if origin.run.tags.get("git.dirty") == "true" else ""
        others = f"; {origin.others} more made the same" if origin.others else ""
        commit = f"commit {origin.run.commit[:ID]}" if origin.run.commit else "no commit"
        yield f"made by {origin.stage}: run {origin.run.id[:ID]}, {commit}{edited}{others}"
    elif origin.stage:
        yield f"made by {origin.stage}"
    if origin.params:
        yield "with " + ", ".join(f"{name}={value}" for name, value in sorted(origin.params.items()))
    if origin.code:
        yield f"by the code of {len(origin.code)} files and folders: `{origin.cmd}`"


def _plain(origin: Origin, told: set[tuple[str, str]]) -> dict[str, Any]:
    plain: dict[str, Any] = {"path": origin.path, "md5": origin.md5}
    if (origin.path, origin.md5) in told:
        return {**plain, "above": True}
    told.add((origin.path, origin.md5))
    plain |= {"facts": list(origin.facts), "gap": origin.gap}
    if is_source(origin.path):
        return plain
    run = origin.run
    made = {
        "run": run.id if run else None,
        "others": origin.others,
        "commit": run.commit if run else None,
        "environment": run.environment if run else {},
    }
    return {
        **plain,
        "stage": origin.stage,
        "command": origin.cmd,
        **made,
        "params": dict(origin.params),
        "code": dict(origin.code),
        "sources": [_plain(source, told) for source in origin.sources],
    }
