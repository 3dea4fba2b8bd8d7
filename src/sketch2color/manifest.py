"""The tables that pass between the stages, such as ``manifest.csv``."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

from sketch2color.errors import UserError
from sketch2color.files import read_csv, write_csv
from sketch2color.text import quote

Domain = Literal["sketch", "color"]
Split = Literal["train", "val", "test"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
SPLITS: tuple[Split, ...] = get_args(Split)
ROLES = ("paper", "main", "accent", "dark", "light", "metal", "glass", "shadow")
"""What lies at a pixel of a product sketch: the values, from 0, of masks of parts."""


@dataclass(frozen=True, kw_only=True)
class ImageRow:
    """One row of the manifest that ingest writes.

    ``id`` is the first 16 hex digits of ``sha256``, the hash of the original bytes. Images of one
    ``group`` show the same object and are in one split. ``pair`` is equal for the two halves of a pair and
    empty for an unpaired image. ``width`` and ``height`` are in pixels, after EXIF orientation.
    """

    id: str
    domain: Domain
    split: Split
    group: str
    pair: str
    source: str
    license: str
    sha256: str
    width: int
    height: int
    attribution: str = ""
    homepage: str = ""


ImageAction = Literal["removed", "partly removed", "left", "none"]


@dataclass(frozen=True, kw_only=True)
class CleanImageRow(ImageRow):
    """One row of the manifest that clean writes: the marks found on the image and the action taken.

    ``marks`` are the kinds of the removed marks or, where none was removed, of those found, joined by ``+``;
    ``mark_area`` is the masked share of the image in [0, 1]; ``confidence`` in [0, 1] is the probability that
    the least certain decision about them is right; ``action`` is ``removed``, ``partly removed`` (a
    second look found a part of the marks), ``none`` (no mark found) or ``left`` (a mark was found, but was
    too uncertain or is kept by an override); ``remains`` is the share of the removed marks that the second
    look found, in [0, 1].
    """

    marks: str
    mark_area: float
    confidence: float
    action: ImageAction
    remains: float = 0.0


MarkAction = Literal["removed", "partly removed", "left", "kept by hand", "removed by hand"]


@dataclass(frozen=True, kw_only=True)
class FoundMark:
    """One row of ``marks.csv``: a mark on an image and the action taken.

    ``left``, ``top``, ``right`` and ``bottom`` are its box in pixels of the original, upright image, right
    and bottom excluded; ``area`` is the share of the image that its mask covers, in [0, 1]; ``confidence`` is
    the probability that it is a mark, 1 for one given by hand; ``remains`` is the share that remains of the
    image's marks where this one is partly removed, else 0.
    """

    id: str
    domain: Domain
    split: Split
    source: str
    kind: str
    left: int
    top: int
    right: int
    bottom: int
    area: float
    confidence: float
    action: MarkAction
    remains: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """One row of ``rejected.csv``: a rejected image and the reason."""

    source: str
    domain: str
    reason: str


Row = TypeVar("Row", ImageRow, CleanImageRow, FoundMark, Rejected)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hex digits; the first 16 are an image's ``id``."""
    return hashlib.sha256(content).hexdigest()


def write(path: Path, rows: Iterable[Row], row_type: type[Row]) -> None:
    """Write ``rows`` sorted by their values as text: equal tables are byte-identical."""
    table = sorted((asdict(row) for row in rows), key=lambda row: tuple(map(str, row.values())))
    write_csv(path, [field.name for field in fields(row_type)], table)


def read(path: Path, row_type: type[Row]) -> list[Row]:
    """Return the rows of a table.

    Raises:
        UserError: the file is missing, lacks a column, or a number is malformed.
    """
    try:
        return [_row(record, row_type) for record in read_csv(path)]
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: run `dvc repro`, which makes it") from None
    except (KeyError, ValueError) as error:
        raise UserError(f"{path} is not a table of {row_type.__name__} ({error}): run `dvc repro`") from error


def select(rows: Sequence[Row], **wanted: str) -> list[Row]:
    """Return the rows whose columns have the ``wanted`` values, as in ``select(rows, split="test")``."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def _row(record: dict[str, str], row_type: type[Row]) -> Row:
    convert = {int: int, float: float}
    values = {f.name: convert.get(cast(type, f.type), str)(record[f.name]) for f in fields(row_type)}
    for f in fields(row_type):
        allowed = get_args(f.type)
        if (allowed and values[f.name] not in allowed) or (f.name == "id" and "/" in str(values["id"])):
            raise ValueError(f"{f.name} is {quote(values[f.name])}")  # it becomes a part of a path
    return row_type(**values)
