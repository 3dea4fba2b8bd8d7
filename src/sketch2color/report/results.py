"""Each method's image for each test sketch: found, or the reason why not, and its scores."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.manifest import CleanImageRow, select
from sketch2color.metrics.features import Features

SKETCH, STYLE_TRANSFER, CYCLEGAN, REAL = "sketch", "style_transfer", "cyclegan", "real"
METHODS = (SKETCH, STYLE_TRANSFER, CYCLEGAN)


@dataclass(frozen=True)
class Case:
    """A sketch of the test split, and its coloured counterpart where the manifest knows one."""

    id: str
    sketch: Path
    truth: Path | None


@dataclass(frozen=True)
class Nearest:
    """The training image that a result is most like, and how near it is.

    ``relation`` is the distance in features by the spacing of real images: 0 for a copy, 1 for as near as
    real images come to each other.
    """

    path: Path
    relation: float


@dataclass(frozen=True)
class Result:
    """What a method made of one sketch: scores when there is an image, otherwise why there is none.

    A score that does not apply is absent. ``features`` (d) and ``palette`` (2) are what figures over whole
    sets are taken from.
    """

    id: str
    path: Path
    fault: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    features: Features | None = None
    palette: Features | None = None
    nearest: Nearest | None = None


@dataclass(frozen=True)
class Judged:
    """All results of one method, in the order of the sketches."""

    method: str
    results: tuple[Result, ...]

    def values(self, key: str) -> list[float]:
        """Return the scores of ``key`` of all images that have one."""
        return [result.scores[key] for result in self.results if key in result.scores]

    @property
    def keys(self) -> set[str]:
        """The names of all scores that any image has."""
        return {key for result in self.results for key in result.scores}

    def shared_with(self, other: "Judged") -> Iterator[tuple[Result, Result]]:
        """Give the results of the sketches of which both have an image, side by side."""
        theirs = {result.id: result for result in other.results if not result.fault}
        return ((each, theirs[each.id]) for each in self.results if not each.fault and each.id in theirs)


def held_out(clean: Path, rows: Sequence[CleanImageRow]) -> list[Case]:
    """Return the sketches of the test split by id, each with its pair among the test split's colours.

    Raises:
        UserError: the test split has no sketch.
    """
    colors = select(rows, split="test", domain="color")
    truths = {row.pair: file_of(clean, row) for row in colors if row.pair}
    sketches = select(rows, split="test", domain="sketch")
    if not sketches:
        raise UserError(f"{clean} has no test sketch to judge on: raise ingest.test in params.yaml")
    return [
        Case(row.id, file_of(clean, row), truths.get(row.pair))
        for row in sorted(sketches, key=lambda row: row.id)
    ]


def file_of(clean: Path, row: CleanImageRow) -> Path:
    """Return where the image of a manifest row lies in the clean set."""
    return clean / row.split / row.domain / f"{row.id}.png"
