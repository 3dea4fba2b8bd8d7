"""Read and write files; every write is atomic."""

import csv
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sketch2color.errors import UserError
from sketch2color.text import printable

MAX_CELL = 32_767
"""Characters of a cell: spreadsheets show no more, and Python's csv reads no more than four times as many."""
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
"""Begins a cell that a spreadsheet would run, or such a cell with apostrophes before it."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success rename it to ``path``.

    On any exception the temporary file is removed and ``path`` stays as it was.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_write(target) as temporary:
    ...     _ = temporary.write_text("complete")
    >>> target.read_text()
    'complete'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(
        f".{os.getpid()}.{secrets.token_hex(8)}.part"
    )  # short: any name may be the longest
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)  # a failed write does not name its file
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends; what is not valid in UTF-8 is escaped."""
    write_bytes(path, text.encode(errors="backslashreplace"))


def write_json(path: Path, content: Any, *, sort_keys: bool = True) -> None:
    """Write ``content`` as JSON, indented by two spaces, with a final newline."""
    write_text(path, json.dumps(content, indent=2, sort_keys=sort_keys) + "\n")


def parse_json(content: str | bytes) -> Any:
    """Return the value of a JSON document.

    Raises:
        ValueError: it is none, or is nested too deeply.
    """
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a CSV table with a header row, in the order of ``rows``; a missing value is an empty cell.

    Texts are made printable and cut to ``MAX_CELL``. One that a spreadsheet would run as a formula gets an
    apostrophe in front, and so does one of apostrophes and a formula; :func:`parse_csv` takes it off.

    Raises:
        ValueError: a row has a key that is no column.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writerow({name: _cell(name) for name in columns})
    table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    write_text(path, text.getvalue())


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = printable(value)[:MAX_CELL]
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_csv(path: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a table in UTF-8 that :func:`write_csv` or a spreadsheet wrote.

    Raises:
        ValueError: it is none, or it is to have ``columns`` and lacks one, or has no row.
    """
    try:
        rows = parse_csv(path.read_text(encoding="utf-8-sig"))  # spreadsheets begin it with a mark
    except UnicodeDecodeError as error:
        raise ValueError(f"not CSV in UTF-8: {error}") from None
    if columns and not (rows and rows[0].keys() >= set(columns)):
        names = " and ".join(columns)
        raise ValueError(f"needs the column{'s' * (len(columns) > 1)} {names}, and a row")
    return rows


def parse_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a table that :func:`write_csv` wrote; a ValueError if it is none."""
    try:
        names, *rows = [list(map(_text, row)) for row in csv.reader(io.StringIO(text, newline=""))] or [[]]
    except csv.Error as error:
        raise ValueError(f"not CSV: {error}") from None
    return [dict(zip_longest(names, row[: len(names)], fillvalue="")) for row in rows if row]


def _text(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def remove(path: Path) -> None:
    """Remove an output, a file or a folder with everything in it; nothing where it does not exist.

    Raises:
        UserError: a relative path leaves the current folder or leads through a link: what a link points to
            is no output, and stays as it is.
    """
    if ".." in path.parts or not path.name:
        raise UserError(f"{path} is no output: nothing there is removed")
    for part in [path] if path.is_absolute() else [path, *path.parents]:
        if part.is_symlink():
            raise UserError(
                f"{part} is a link to {part.readlink()}: nothing there is removed; remove the link"
            )
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def empty_directory(path: Path) -> Path:
    """Make an output an existing, empty directory and return it; a UserError as :func:`remove`."""
    remove(path)
    path.mkdir(parents=True)
    return path
