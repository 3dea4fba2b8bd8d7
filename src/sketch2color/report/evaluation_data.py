"""What an evaluation found, as its report carries it along: a report alone can be compared with others."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from typing import Any

from sketch2color.metrics import figure
from sketch2color.metrics.figure import Metrics
from sketch2color.pages.credits import Credit
from sketch2color.report.about import About
from sketch2color.report.curves import Point

TRUTH = "truth"
"""In place of a method: a sketch's coloured counterpart by its designer."""
ISLAND, IMAGE = "data-judgement", "data-image"
"""Attributes of the report's elements that hold the data, and an image of a method and sketch."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The figures of all methods, and the scores and images that they rest on.

    ``scores`` and ``faults`` are by method, sketch's id, and measure; where there is a fault there is no
    image. ``order`` has the sketches' ids, worst first. ``losses`` are the points (step, loss) of training
    by the losses' names. ``images`` are data URIs by sketch's id and method (or ``TRUTH``), of as many
    sketches as the report shows; ``credits`` are those of all images that it shows.
    """

    about: About
    figures: Metrics
    scores: Mapping[str, Mapping[str, Mapping[str, float]]]
    faults: Mapping[str, Mapping[str, str]]
    order: tuple[str, ...]
    losses: Mapping[str, tuple[Point, ...]]
    images: Mapping[str, Mapping[str, str]]
    credits: tuple[Credit, ...]


def to_data(judgement: Judgement) -> dict[str, Any]:
    """Return what JSON takes of it: all but the images, which the page shows anyway."""
    return {
        "about": asdict(judgement.about),
        "figures": json.loads(figure.to_json(judgement.figures, {})),
        "scores": {
            method: {name: _rounded(found) for name, found in by_id.items()}
            for method, by_id in judgement.scores.items()
        },
        "faults": judgement.faults,
        "order": judgement.order,
        "credits": [asdict(credit) for credit in judgement.credits],
        "losses": {
            name: [[_round(step), _round(loss)] for step, loss in points]
            for name, points in judgement.losses.items()
        },
    }


def from_page(page: str) -> Judgement:
    """Return what a report carries.

    Raises:
        ValueError: it is no report, or one of before reports carried anything.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    try:
        data = json.loads(reader.data)
        figures, _ = figure.from_json(json.dumps(data["figures"]))
        return Judgement(
            about=About(**data["about"]),
            figures=figures,
            scores=data["scores"],
            faults=data["faults"],
            order=tuple(data["order"]),
            losses={name: tuple(map(_point, points)) for name, points in data["losses"].items()},
            images=reader.images,
            credits=tuple(Credit(**credit) for credit in data["credits"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it does not carry {error}") from None


class _Reader(HTMLParser):
    """Finds the data and the images in a report."""

    def __init__(self) -> None:
        super().__init__()
        self.data = ""
        self.images: dict[str, dict[str, str]] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._inside = tag == "script" and ISLAND in found
        method, slash, name = (found.get(IMAGE) or "").partition("/")
        if slash:
            self.images.setdefault(name, {})[method] = found.get("src") or ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    return {key: _round(value) for key, value in scores.items()}


def _round(value: float) -> float:
    return float(f"{value:.{figure.DIGITS}g}")


def _point(values: list[float]) -> Point:
    step, loss = values
    return float(step), float(loss)
