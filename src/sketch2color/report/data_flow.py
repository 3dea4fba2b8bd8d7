"""The data flow of an evaluation, from the source to the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sketch2color.manifest import CleanImageRow
from sketch2color.report.evaluation_data import About
from sketch2color.report.scored_images import CYCLEGAN, STYLE_TRANSFER


@dataclass(frozen=True)
class Step:
    """An output of the pipeline; ``place`` is its cell in the drawing, ``hash`` DVC's of an input."""

    place: str
    path: str
    stage: str
    contents: str
    hash: str


def steps(about: About, rows: Sequence[CleanImageRow], made: Mapping[str, int]) -> list[Step]:
    """Return the outputs in the order of the stages.

    ``rows`` is the manifest of the clean set, ``made`` the number of images by method.
    """
    train = sum(row.split == "train" for row in rows)
    license = about.source.get("license", "no licence stated")
    outputs = (
        ("source", f"data/raw/{about.dataset}/source.json", "ingest", license),
        ("clean", f"data/clean/{about.dataset}", "clean", _images(len(rows))),
        ("model", "models/cyclegan", "train_cyclegan", f"trained on {_images(train)}"),
        ("cyclegan", "results/cyclegan", "evaluate", _images(made[CYCLEGAN])),
        ("styled", "results/style_transfer", "transfer_style", _images(made[STYLE_TRANSFER])),
        ("report", "reports/evaluate", "evaluate", "this page"),
    )
    return [Step(*each, about.inputs.get(each[1], "")) for each in outputs]


def _images(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"
