"""The images of each method for the test sketches, with their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.files import read_csv
from sketch2color.manifest import CleanImageRow, select
from sketch2color.metrics.metric import Features

SKETCH, STYLE_TRANSFER, CYCLEGAN, REAL = "sketch", "style_transfer", "cyclegan", "real"
METHODS = (SKETCH, STYLE_TRANSFER, CYCLEGAN)
RANKED = (STYLE_TRANSFER, CYCLEGAN)
DESIGNER = "designer"  # of the sketches' coloured counterparts
NAMES = {
    SKETCH: "Sketch",
    STYLE_TRANSFER: "Style transfer",
    CYCLEGAN: "CycleGAN",
    REAL: "Real",
    DESIGNER: "Designer",
}


@dataclass(frozen=True)
class Case:
    """A sketch of the test split, with its coloured counterpart, parts and drawing style where known."""

    id: str
    sketch: Path
    truth: Path | None
    parts: Path | None = None
    style: str = ""


@dataclass(frozen=True)
class Nearest:
    """The training image nearest to a result.

    ``relation`` is the distance in features divided by the spacing of real images: 0 for a copy, 1 for as
    near as real images come to each other.
    """

    path: Path
    relation: float


@dataclass(frozen=True)
class ScoredImage:
    """A method's image of one sketch with its scores, or the ``fault`` for which there is none.

    A score that does not apply is absent. Set metrics are computed from ``features`` (d) and ``palette`` (2).
    """

    id: str
    path: Path
    fault: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    features: Features | None = None
    palette: Features | None = None
    nearest: Nearest | None = None


Scored = Mapping[str, Sequence[ScoredImage]]
"""By method, in the order of the sketches."""


def held_out(clean: Path, rows: Sequence[CleanImageRow]) -> list[Case]:
    """Return the sketches of the test split by id, each with its pair among the test split's colour images.

    Raises:
        UserError: the test split has no sketch.
    """
    colors = select(rows, split="test", domain="color")
    truths = {row.pair: file_of(clean, row) for row in colors if row.pair}
    sketches = sorted(select(rows, split="test", domain="sketch"), key=lambda row: row.id)
    if not sketches:
        raise UserError(f"{clean} has no test sketch to evaluate on: raise ingest.test in params.yaml")
    details = clean / "truth" / "details.csv"
    styles = {row["id"]: row.get("style", "") for row in read_csv(details)} if details.exists() else {}
    parts = {row.id: clean / "truth" / f"{row.id}.parts.png" for row in sketches}
    return [
        Case(
            id=row.id,
            sketch=file_of(clean, row),
            truth=truths.get(row.pair),
            parts=parts[row.id] if parts[row.id].exists() else None,
            style=styles.get(row.id, ""),
        )
        for row in sketches
    ]


def file_of(clean: Path, row: CleanImageRow) -> Path:
    """Return the file of a manifest row in the clean set."""
    return clean / row.split / row.domain / f"{row.id}.png"
