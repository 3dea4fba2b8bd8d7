"""The data flow of an evaluation, from the source to the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from sketch2color.manifest import CleanImageRow
from sketch2color.report.evaluation_data import About


@dataclass(frozen=True)
class Step:
    """An output of the pipeline; ``place`` is its cell in the drawing, ``hash`` DVC's of an input."""

    place: str
    path: str
    stage: str
    contents: str
    hash: str


def steps(about: About, rows: Sequence[CleanImageRow], cyclegan: int, styled: int) -> list[Step]:
    """Return the outputs in the order of their making.

    Args:
        about: what was evaluated.
        rows: the manifest of the clean set.
        cyclegan: number of images by CycleGAN.
        styled: number of images by style transfer.
    """
    train = sum(row.split == "train" for row in rows)
    outputs = (
        (
            "source",
            f"data/raw/{about.dataset}/source.json",
            "ingest",
            about.source.get("license", "no licence stated"),
        ),
        ("clean", f"data/clean/{about.dataset}", "clean", _images(len(rows))),
        ("model", "models/cyclegan", "train_cyclegan", f"trained on {_images(train)}"),
        ("cyclegan", "results/cyclegan", "evaluate", _images(cyclegan)),
        ("styled", "results/style_transfer", "transfer_style", _images(styled)),
        ("report", "reports/evaluate", "evaluate", "this page"),
    )
    return [Step(*each, about.inputs.get(each[1], "")) for each in outputs]


def _images(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"
