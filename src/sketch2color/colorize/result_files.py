"""The files of a result, and which of them an earlier run wrote.

The record in the result's PNG lists what belongs beside it. So the PNG is written first: whatever ends a run,
a file that is listed and missing is made again, and one that is not as listed is somebody's, and is kept.
"""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sketch2color.colorize.layer_files import LayerFormat, existing_layers
from sketch2color.colorize.record import Record
from sketch2color.files import write_bytes
from sketch2color.imaging.batch import foreign_file, read_result
from sketch2color.imaging.signed_png import origin_of, sign_png


def read_record(target: Path, place: str, sketch: str) -> Record | None:
    """Return the record of what an earlier run wrote; None if it wrote nothing.

    Where the image was deleted, the JSON file says what there still is of its result.

    Args:
        target: the result's image.
        place: of the sketch, a word that is in the image's text chunk before the record.
        sketch: its SHA-256.

    Raises:
        UserError: ``target`` is somebody else's file, or the result of another sketch.
    """
    content, beside = read_result(target), target.with_suffix(".json")
    with suppress(OSError, ValueError):
        if content is not None:
            before, _, text = (origin_of(content) or "").partition(" ")
            record = Record.model_validate_json(text)
            if before == place or record.sketch == sketch:  # the folder of sketches may have been renamed
                return record
        elif not beside.is_symlink():
            record = Record.model_validate_json(text := beside.read_text())
            return record if record.sketch == sketch and record.to_json() == text else None
    if content is not None:
        raise foreign_file(target)
    return None


def is_current(target: Path, before: Record | None, record: Record) -> bool:
    """Return whether all files of a result of the same sketch, model and request are there, edited or not."""
    if before is None or before.model_copy(update={"layers": {}}) != record:
        return False
    return all(path.exists() for path in (target, *_beside(target, before)))


def unchanged_files(
    target: Path, before: Record | None, after: Record, layers: LayerFormat | None
) -> list[Path]:
    """Return the files beside a result that an earlier run wrote and nobody edited, the JSON file last.

    Raises:
        UserError: another file has a name that the next result needs.
    """
    listed = _beside(target, before).items() if before else ()
    unchanged = [path for path, digest in listed if _digest(path, target.parent) == digest]
    needed = existing_layers(target, layers) if layers else []
    if after.request:
        needed.append(target.with_suffix(".json"))
    for path in needed:
        if os.path.lexists(path) and path not in unchanged:
            raise foreign_file(path)
    return unchanged


def write_result(target: Path, place: str, record: Record, png: bytes, layers: Mapping[str, bytes]) -> None:
    """Write a result: its image, the files of layers by the ends of their names, and a request's record."""
    digests = {end: hashlib.sha256(content).hexdigest() for end, content in layers.items()}
    record = record.model_copy(update={"layers": digests})
    write_bytes(target, sign_png(png, f"{place} {record.to_json(indent=None)}"))
    for end, content in layers.items():
        write_bytes(target.parent / (target.stem + end), content)
    if record.request:
        write_bytes(target.with_suffix(".json"), record.to_json().encode())


def _beside(target: Path, record: Record) -> dict[Path, str]:
    """Return the SHA-256 of the files beside a result with this record."""
    digests = {target.parent / (target.stem + end): digest for end, digest in record.layers.items()}
    if record.request:
        digests[target.with_suffix(".json")] = hashlib.sha256(record.to_json().encode()).hexdigest()
    return digests


def _digest(path: Path, folder: Path) -> str:
    """Return the SHA-256 of a file; empty where there is none, or only through a link below ``folder``."""
    if path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""
