"""The results of an evaluation, which its report embeds: a report alone can be compared with others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from parsel import Selector
from pydantic import TypeAdapter

from sketch2color import confidence_intervals
from sketch2color.confidence_intervals import Estimates, rounded
from sketch2color.files import parse_json
from sketch2color.pages.credits import Credit
from sketch2color.report.curves import Curves

DATA, IMAGE = "data-evaluation", "data-image"
"""Attributes of the report's elements that hold the data, and an image of a method and sketch."""

Scores = Mapping[str, Mapping[str, float]]
"""By sketch's id and metric."""


@dataclass(frozen=True)
class About:
    """What was evaluated. Nothing here changes from one clone to the next.

    Attributes:
        dataset: its name.
        source: attribution, license and homepage of the data set, as far as stated.
        parameters: of all stages, flat, such as ``train_cyclegan.epochs``.
        inputs: DVC's hash of all that evaluate read, code included, by path.
    """

    dataset: str
    source: Mapping[str, str]
    parameters: Mapping[str, str | int | float | bool | None]
    inputs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EvaluationData:
    """The estimates of all methods, with the scores and images that they are computed from.

    Attributes:
        about: what was evaluated.
        estimates: by method and metric.
        scores: by method, sketch's id and metric.
        faults: why there is no image, by method and sketch's id.
        order: the sketches' ids, worst first.
        losses: of the training.
        images: data URIs by sketch's id and method (``real``: the sketch's coloured counterpart), of as many
            sketches as the report shows.
        credits: of all images that it shows.
    """

    about: About
    estimates: Estimates
    scores: Mapping[str, Scores]
    faults: Mapping[str, Mapping[str, str]]
    order: tuple[str, ...]
    losses: Curves
    images: Mapping[str, Mapping[str, str]]
    credits: tuple[Credit, ...]


_ADAPTER = TypeAdapter(EvaluationData)


def to_json(data: EvaluationData) -> dict[str, Any]:
    """Return what the report embeds: all but the images, which it shows."""
    return {
        "about": asdict(data.about),
        "estimates": confidence_intervals.to_json(data.estimates),
        "scores": {
            method: {
                name: {key: rounded(value) for key, value in each.items()} for name, each in found.items()
            }
            for method, found in data.scores.items()
        },
        "faults": data.faults,
        "order": data.order,
        "credits": [asdict(credit) for credit in data.credits],
        "losses": {
            name: [[rounded(step), rounded(loss)] for step, loss in points]
            for name, points in data.losses.items()
        },
    }


def from_page(page: str) -> EvaluationData:
    """Return what a report embeds.

    Raises:
        ValueError: it is no report, or one of another version.
    """
    selector = Selector(page, type="html")
    images: dict[str, dict[str, str]] = {}
    for image in selector.css(f"img[{IMAGE}]"):
        method, _, name = image.attrib[IMAGE].partition("/")
        images.setdefault(name, {})[method] = image.attrib.get("src", "")
    try:
        data = parse_json(selector.css(f"script[{DATA}]::text").get(""))
        losses = {
            name: tuple((float(step), float(loss)) for step, loss in points)
            for name, points in data["losses"].items()
        }
        content = {"estimates": confidence_intervals.from_json(data["estimates"]), "losses": losses}
        return _ADAPTER.validate_python(data | content | {"images": images})
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"it does not embed {error}") from None
