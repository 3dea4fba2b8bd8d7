"""The record of a result: the sketch, the model and the request that it was made of.

A result carries it in a text chunk; one with a request has it in a JSON file beside it as well.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sketch2color.imaging.signed_png import origin_of

_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[\w.]+$")]
_LayerFile = Annotated[str, StringConstraints(pattern=r"^(\.psd|\.ora|-layers/[1-9][\w #()]+\.png)$")]


class Record(BaseModel):
    """What a result was made of; ``sketch`` and ``model`` are SHA-256, the model's of all its files.

    ``files`` are the MD5s of the model's files, by which DVC and MLflow's registry know them. ``request`` is
    empty where all was left to the model; strokes in it are SHA-256 of their pixels. ``layers`` are the
    SHA-256 of the files of layers, by what follows the image's stem in their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sketch: _Sha256
    model: _Sha256
    files: dict[_Name, _Md5] = Field(min_length=1)
    request: dict[str, str | int | list[str]] = {}
    layers: dict[_LayerFile, _Sha256] = {}

    def to_json(self, indent: int | None = 2) -> str:
        """Return the record as it is written, with a final newline if it is indented."""
        text = json.dumps(self.model_dump(exclude_defaults=True), indent=indent, sort_keys=True)
        return text + "\n" if indent else text

    def describe(self) -> list[str]:
        """Return lines about the record."""
        asked = (
            f"{key} {', '.join(value) if isinstance(value, list) else value}"
            for key, value in self.request.items()
        )
        request = "; ".join(asked) or "none, all was left to the model"
        return [f"sketch sha256 {self.sketch}", f"model sha256 {self.model}", f"request: {request}"]


def describe_model(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the entries of a record about a model with these files."""
    return {
        "model": hashlib.sha256(b"".join(files.values())).hexdigest(),
        "files": {name: hashlib.md5(content).hexdigest() for name, content in files.items()},
    }


def find_record(result: Path) -> tuple[Record, str] | None:
    """Return the record of a result or of its layers, and why it may not hold; None where there is none."""
    with suppress(OSError, ValueError):
        return Record.model_validate_json((origin_of(result.read_bytes()) or "").partition(" ")[2]), ""
    with suppress(OSError, ValueError):
        beside = result.with_suffix(".json")
        record = Record.model_validate_json(beside.read_bytes())
        return (
            record,
            f"only {beside.name} says what this was made of: the file itself carries no valid record",
        )
    return None
