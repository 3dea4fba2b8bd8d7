"""Where a report comes from: the stations of its images, from their source to the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sketch2color.manifest import CleanImageRow
from sketch2color.report.about import About


@dataclass(frozen=True)
class Station:
    """What lay where on the way: made by which stage, holding what, and DVC's hash of it if it went in."""

    place: str
    path: str
    stage: str
    holds: str
    hash: str


def stations(about: About, rows: Sequence[CleanImageRow], painted: int, styled: int) -> tuple[Station, ...]:
    """Return the stations in the order of their making; the two methods lie beside each other.

    Args:
        about: what was judged.
        rows: the manifest of the clean set.
        painted: images by CycleGAN.
        styled: images by style transfer.
    """
    source, clean = f"data/raw/{about.dataset}/source.json", f"data/clean/{about.dataset}"
    train = sum(row.split == "train" for row in rows)
    way = (
        ("source", source, "ingest", about.source.get("license", "no licence stated")),
        ("clean", clean, "clean", _images(len(rows))),
        ("model", "models/cyclegan", "train_cyclegan", f"learnt from {_images(train)}"),
        ("painted", "results/cyclegan", "evaluate", _images(painted)),
        ("styled", "results/style_transfer", "transfer_style", _images(styled)),
        ("report", "reports/evaluate", "evaluate", "this page"),
    )
    return tuple(Station(*each, about.inputs.get(each[1], "")) for each in way)


def _images(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"
