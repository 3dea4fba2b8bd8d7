"""Colouring a person's own sketches with a trained model."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color import files, imaging
from sketch2color.colorize.asked import Asked
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layer_files import layers_path, write_layers
from sketch2color.colorize.record import Record, describe_model
from sketch2color.errors import UserError
from sketch2color.imaging.batch import (
    Summary,
    describe_failure,
    foreign_file,
    plan_outputs,
    read_result,
)
from sketch2color.imaging.signed_png import origin_of, sign_png
from sketch2color.models.generators.registry import CONFIG, WEIGHTS
from sketch2color.text import quote


@dataclass(frozen=True)
class _Work:
    """What all sketches of a command share; ``model`` are the entries of a record about it."""

    colorizer: Colorizer
    model: Mapping[str, Any]
    asked: Asked


def colorize_files(source: Path, out: Path, model: Path, asked: Asked | None = None) -> int:
    """Colour a sketch, or all in a folder and its subfolders; results are PNG, in their sketch's size.

    A result says in a text chunk what it was made of, and, if anything was asked for, in a JSON file beside
    it. One that is there already is skipped, and coloured again where its sketch, the model or the request
    changed; any other file is left, and its sketch fails. Prints one line a file, on stdout, or, for a file
    that failed, on stderr with the reason; and the counts at the end.

    Args:
        source: an image of any size and format, or a folder.
        out: a folder, or, if ``source`` is one image and this ends in ``.png``, a file.
        model: the directory that training wrote.
        asked: palettes, strokes, the number of variants, layers; None: all is left to the model.

    Returns:
        The number of files that failed.

    Raises:
        UserError: there is nothing to colour, a sketch would be overwritten, the model cannot be read, or a
            palette is for none of the sketches.
    """
    asked = asked or Asked()
    jobs = [
        (sketch, _variants(target, asked.variants)) for sketch, target in plan_outputs(source, out, ".png")
    ]
    if len(jobs) > 1 and (asked.is_drawn or asked.request):
        raise UserError("strokes are for one sketch: give a file instead of a folder")
    names = [
        sketch.relative_to(source if source.is_dir() else source.parent).as_posix() for sketch, _ in jobs
    ]
    if unknown := sorted(asked.palettes.keys() - set(names)):
        raise UserError(f"a palette is given for {quote(unknown[0])}, which is no sketch of {source}")
    colorizer = Colorizer.load(model)
    contents = {name: (model / name).read_bytes() for name in (CONFIG, WEIGHTS)}
    work = _Work(colorizer, describe_model(contents), asked)
    summary = Summary("coloured")
    for name, (sketch, targets) in zip(names, jobs, strict=True):
        try:
            is_new = _colorize_file(sketch, name, targets, work)
        except Exception as error:  # one bad image never stops the others
            summary.fail(sketch, describe_failure(error))
        else:
            note = "" if is_new else "up to date, skipped"
            summary.add(sketch, targets[0], note, skipped=not is_new)
    return summary.finish()


def _variants(target: Path, count: int) -> list[Path]:
    return [target] if count == 1 else [target.with_stem(f"{target.stem}-{n + 1}") for n in range(count)]


def _colorize_file(sketch: Path, name: str, targets: Sequence[Path], work: _Work) -> bool:
    """Write the results of a sketch, unless they are there; return whether any was written."""
    content = sketch.read_bytes()
    place = hashlib.sha256(os.fsencode(sketch.resolve())).hexdigest()
    digest = hashlib.sha256(content).hexdigest()
    requests = [work.asked.describe(name, variant) for variant in range(len(targets))]
    records = [Record(sketch=digest, request=each, **work.model).to_dict() for each in requests]
    origins = [f"{place} {json.dumps(each, sort_keys=True)}" for each in records]
    current = [_is_current(*each, work.asked) for each in zip(targets, origins, strict=True)]
    if all(current):
        return False
    decoded = imaging.decode(content)
    results = work.asked.results(work.colorizer, decoded, name)
    for target, record, origin, (image, layers) in zip(targets, records, origins, results, strict=True):
        if work.asked.layers:
            write_layers(layers, target, work.asked.layers, decoded.tags)
        if "request" in record:
            files.write_json(target.with_suffix(".json"), record)
        files.write_bytes(target, sign_png(imaging.encode_png(image, decoded.tags), origin))
    return True


def _is_current(target: Path, origin: str, asked: Asked) -> bool:
    """Return whether a result is there and of the same sketch, model and request.

    Raises:
        UserError: somebody else's file, or the result of another sketch, has the name of one to be written.
    """
    beside = [layers_path(target, asked.layers)] if asked.layers else []
    there = read_result(target)
    for path in (target.with_suffix(".json"), *beside):
        if path.is_symlink() or (there is None and path.exists()):  # what a link leads to is not ours
            raise foreign_file(path)
    if there is None:
        return False
    before = origin_of(there) or ""
    if before == origin:
        return all(path.exists() for path in beside)
    if before.partition(" ")[0] != origin.partition(" ")[0]:  # another sketch's
        raise foreign_file(target)
    return False
