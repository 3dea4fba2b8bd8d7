"""A difference as text, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from sketch2color.provenance.checks.pipeline import short
from sketch2color.provenance.diff import Difference, Images, Pairs
from sketch2color.provenance.figures import Figure
from sketch2color.provenance.findings import NAMED

TITLES = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "split": "in another split",
    "otherwise": "cleaned otherwise",
    "unread": "neither in the cache nor in the record (`dvc fetch --all-commits`)",
}


def to_text(difference: Difference) -> str:
    """Return a heading for each kind of thing that differs, and below it what does."""
    lines = [f"{difference.left} -> {difference.right}"]
    for title, content in (
        ("parameters", list(_pairs(difference.parameters))),
        ("data", [*_pairs(difference.data_sets), *_images(difference.images)]),
        ("code", list(difference.code)),
        ("environment", list(_pairs(difference.environment))),
        ("scores", list(_scores(difference.scores))),
    ):
        if content:
            lines += [title, *(f"  {line}" for line in content)]
    return "\n".join(lines if len(lines) > 1 else [*lines, "nothing differs"]) + "\n"


def to_json(difference: Difference) -> str:
    """Return the same, with all images."""
    return json.dumps(asdict(difference), indent=2, default=str) + "\n"


def _pairs(pairs: Pairs) -> Iterator[str]:
    for name, (one, other) in pairs.items():
        yield f"{name}: {short(one)} -> {short(other)}"


def _images(images: Images) -> Iterator[str]:
    for kind in fields(images):
        names = getattr(images, kind.name)
        if names:
            yield f"{len(names)} {TITLES[kind.name]}"
            yield from (f"  {name}" for name in names[:NAMED])
            if len(names) > NAMED:
                yield f"  and {len(names) - NAMED} more (--json names all)"


def _scores(scores: Mapping[str, tuple[Figure | None, Figure | None]]) -> Iterator[str]:
    for name, (one, other) in scores.items():
        yield f"{name}: {_figure(one)} -> {_figure(other)}"


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return "missing"
    text = _number(figure.value)
    if figure.low is not None and figure.high is not None:
        text += f" [{_number(figure.low)}, {_number(figure.high)}]"
    return text + (f" n={figure.n}" if figure.n is not None else "")


def _number(value: Any) -> str:
    return f"{value:.6g}"
