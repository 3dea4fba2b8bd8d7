"""Where a report comes from: the stations of its pictures, from their source to the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sketch2color.evaluation.about import About
from sketch2color.manifest import CleanPicture


@dataclass(frozen=True)
class Station:
    """What lay where on the way: made by which stage, holding what, and DVC's hash of it if it went in."""

    place: str
    path: str
    stage: str
    holds: str
    hash: str


def stations(about: About, rows: Sequence[CleanPicture], painted: int, styled: int) -> tuple[Station, ...]:
    """Return the stations in the order of their making; the two methods lie beside each other.

    Args:
        about: what was judged.
        rows: the manifest of the clean set.
        painted: pictures by CycleGAN.
        styled: pictures by style transfer.
    """
    source, clean = f"data/raw/{about.dataset}/source.json", f"data/clean/{about.dataset}"
    train = sum(row.split == "train" for row in rows)
    way = (
        ("source", source, "ingest", about.source.get("license", "no licence stated")),
        ("clean", clean, "clean", _pictures(len(rows))),
        ("model", "models/cyclegan", "train_cyclegan", f"learnt from {_pictures(train)}"),
        ("painted", "results/cyclegan", "evaluate", _pictures(painted)),
        ("styled", "results/style_transfer", "transfer_style", _pictures(styled)),
        ("report", "reports/evaluate", "evaluate", "this page"),
    )
    return tuple(Station(*each, about.inputs.get(each[1], "")) for each in way)


def _pictures(count: int) -> str:
    return f"{count:,} {'picture' if count == 1 else 'pictures'}"
