"""Colouring a person's own sketches with a trained model."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketch2color import imaging
from sketch2color.colorize.asked import Asked
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layer_files import encode_layers, layers_end
from sketch2color.colorize.record import Record, describe_model
from sketch2color.colorize.result_files import is_current, read_record, unchanged_files, write_result
from sketch2color.errors import UserError
from sketch2color.imaging.batch import Summary, describe_failure, plan_outputs
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
    it. One that is there already is skipped, and made again where its sketch, the model or the request
    changed or a file of it is missing; any other file is left, as is an edited one, and its sketch fails.
    Prints one line a file, on stdout, or, for a file that failed, on stderr with the reason; and the counts
    at the end.

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
    numbers = [""] if asked.variants == 1 else [f"-{n + 1}" for n in range(asked.variants)]
    beside = [layers_end(asked.layers)] if asked.layers else []
    ends = [number + end for number in numbers for end in (".png", ".json", *beside)]
    jobs = [
        (sketch, [target.with_stem(target.stem + number) for number in numbers])
        for sketch, target in plan_outputs(source, out, ".png", ends)
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


def _colorize_file(sketch: Path, name: str, targets: Sequence[Path], work: _Work) -> bool:
    """Write the results of a sketch, unless they are there; return whether any was written."""
    content, asked = sketch.read_bytes(), work.asked
    place = hashlib.sha256(os.fsencode(sketch.resolve())).hexdigest()
    digest = hashlib.sha256(content).hexdigest()
    requests = [asked.describe(name, variant) for variant in range(len(targets))]
    records = [Record(sketch=digest, request=each, **work.model) for each in requests]
    before = [read_record(target, place, digest) for target in targets]
    if all(map(is_current, targets, before, records)):
        return False
    replaced = [unchanged_files(*each, asked.layers) for each in zip(targets, before, records, strict=True)]
    decoded = imaging.decode(content)
    results = asked.results(work.colorizer, decoded, name)
    for target, record, stale, (image, layers) in zip(targets, records, replaced, results, strict=True):
        png = imaging.encode_png(image, decoded.tags)
        encoded = encode_layers(layers, asked.layers, decoded.tags) if asked.layers else {}
        for path in stale:
            path.unlink()
        write_result(target, place, record, png, encoded)
    return True
