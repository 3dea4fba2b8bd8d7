"""Lists of image URLs: a CSV or Parquet file, read row by row."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sketch2color.errors import UserError
from sketch2color.ingest.fetch import url_checks
from sketch2color.ingest.fetch.crawl.store import ImageRequest
from sketch2color.manifest import DOMAINS
from sketch2color.text import printable

_REQUIRED = ("url", "domain")
_BATCH = 1024  # rows that are in memory at a time


def rows(path: Path) -> Iterator[ImageRequest]:
    """Yield the rows of a list in its order; rows are counted from 1, the header not included.

    Further columns that are not empty are the facts of an image. A row that lacks something, or has an
    unknown domain, an invalid URL or one that was listed before, has a ``problem``.

    Raises:
        UserError: the file is missing, is neither CSV (UTF-8) nor Parquet, or lacks a column.
    """
    for _ in _records(path):
        pass  # a list that cannot be read to its end is refused before its first URL is requested
    first: dict[bytes, int] = {}
    for number, record in enumerate(_records(path), start=1):
        row = _row(record, number)
        if not row.problem:  # the hash, not the URL: there may be millions
            before = first.setdefault(bytes.fromhex(url_checks.key(row.url)), number)
            row = row if before == number else replace(row, problem=f"listed twice, first in row {before}")
        yield row


def _row(record: Mapping[str | None, Any], number: int) -> ImageRequest:
    cells = {name: value for name, value in record.items() if name is not None}
    texts = {name: "" if value is None else str(value).strip() for name, value in cells.items()}
    url, domain = texts["url"], texts["domain"]
    if None in record:
        problem = "more cells than columns"
    elif domain not in DOMAINS:
        problem = f"domain is {printable(domain)!r}: must be one of {', '.join(DOMAINS)}"
    else:
        problem = url_checks.problem(url)
    return ImageRequest(
        url=url or f"row {number}",
        domain=next((known for known in DOMAINS if known == domain), None),
        facts={name: text for name, text in texts.items() if name not in _REQUIRED and text},
        problem=problem,
    )


def _records(path: Path) -> Iterator[Mapping[str | None, Any]]:
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        yield from _parquet_records(path) if is_parquet else _csv_records(path)
    except OSError as error:
        problem = f"cannot be read ({error.strerror})" if path.is_file() else "is not a file"
        raise UserError(f"{path} {problem}: put the list there, or correct path in source.yaml") from None


def _csv_records(path: Path) -> Iterator[Mapping[str | None, Any]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            reader = csv.DictReader(file)
            _check(path, list(reader.fieldnames or ()))
            yield from reader
        except UnicodeDecodeError:
            raise UserError(f"{path} is neither Parquet nor CSV in UTF-8: save it as one of them") from None
        except csv.Error as error:
            raise UserError(f"{path}, line {reader.line_num + 1}: not CSV ({error})") from None


def _parquet_records(path: Path) -> Iterator[Mapping[str | None, Any]]:
    # pyarrow takes a while to import, and most data sets have no Parquet file.
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            _check(path, file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, ArithmeticError, LookupError, OSError, ValueError) as error:
        raise UserError(f"{path} is a damaged Parquet file ({' '.join(str(error).split())})") from None


def _check(path: Path, columns: list[str]) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        has = ", ".join(printable(name) for name in columns) or "none"
        raise UserError(f"{path} lacks the column {' and '.join(missing)}; its columns: {has}")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UserError(f"{path} has the column {printable(twice[0])!r} twice: rename one of them")
