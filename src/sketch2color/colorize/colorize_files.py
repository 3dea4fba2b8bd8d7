"""Colouring a person's own sketches with a trained model."""

import hashlib
import os
from pathlib import Path

from sketch2color import files, imaging
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging.batch import Summary, describe_failure, foreign_file, plan_outputs, read_result
from sketch2color.imaging.signed_png import origin_of, sign_png
from sketch2color.models.generators.registry import CONFIG, WEIGHTS


def colorize_files(source: Path, out: Path, model: Path) -> int:
    """Colour a sketch, or all in a folder and its subfolders; results are PNG, in their sketch's size.

    A result says in a text chunk what it was made of. One that is there already is skipped, and coloured
    again where its sketch or the model changed; any other file is left, and its sketch fails. Prints one line
    a file, on stdout, or, for a file that failed, on stderr with the reason; and the counts at the end.

    Args:
        source: an image of any size and format, or a folder.
        out: a folder, or, if ``source`` is one image and this ends in ``.png``, a file.
        model: the directory that training wrote.

    Returns:
        The number of files that failed.

    Raises:
        UserError: there is nothing to colour, a sketch would be overwritten, or the model cannot be read.
    """
    jobs = plan_outputs(source, out, ".png")
    colorizer = Colorizer.load(model)
    version = hashlib.sha256(b"".join((model / name).read_bytes() for name in (CONFIG, WEIGHTS))).digest()
    summary = Summary("coloured")
    for sketch, target in jobs:
        try:
            is_new = _colorize_file(sketch, target, colorizer, version)
        except Exception as error:  # one bad image never stops the others
            summary.fail(sketch, describe_failure(error))
        else:
            summary.add(sketch, target, "" if is_new else "up to date, skipped", skipped=not is_new)
    return summary.finish()


def _colorize_file(sketch: Path, target: Path, colorizer: Colorizer, version: bytes) -> bool:
    """Write the result of a sketch, unless it is there; return whether it was written."""
    content = sketch.read_bytes()
    place = hashlib.sha256(os.fsencode(sketch.resolve())).hexdigest()
    made_of = hashlib.sha256(version + content).hexdigest()
    if (there := read_result(target)) is not None:
        origin = (origin_of(there) or " ").split(" ")
        if origin[1] == made_of:
            return False
        if origin[0] != place:  # somebody else's file, or the result of another sketch
            raise foreign_file(target)
    colored = colorizer.colorize(imaging.read(content))
    files.write_bytes(target, sign_png(imaging.encode_png(colored), f"{place} {made_of}"))
    return True
