"""Painting a person's own sketches with a trained model."""

import sys
from pathlib import Path

from sketch2color import images
from sketch2color.errors import UserError
from sketch2color.networks.trained import Painter, load_generator, paint


def colorize(source: Path, out: Path, model: Path) -> int:
    """Paint a sketch, or all in a folder and the folders in it; results are PNG, in their sketch's size.

    Says one line a file on stdout, or, of a file that could not be painted, on stderr with the reason.

    Args:
        source: a picture of any size and form, or a folder.
        out: a folder, or, if ``source`` is one picture and this ends in ``.png``, a file.
        model: the directory that training wrote.

    Returns:
        The number of files that could not be painted.

    Raises:
        UserError: there is nothing to paint, or the model cannot be read.
    """
    jobs = plan(source, out)
    painter = load_generator(model)
    return sum(not _one(painter, sketch, target) for sketch, target in jobs)


def plan(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """Return which sketch is painted into which file, in the order of the sketches' names.

    Below a folder the results lie as the sketches lie. A result is called ``<stem>.png``, or ``<name>.png``
    where several sketches share folder and stem, so that none is written over another.

    Raises:
        UserError: ``source`` does not exist or is a folder without pictures, or ``out`` cannot be a folder.
    """
    if source.is_file():
        return [(source, out if out.suffix.lower() == ".png" else out / f"{source.stem}.png")]
    if not source.is_dir():
        raise UserError(f"{source} does not exist: give a sketch or a folder of sketches")
    if out.is_file():
        raise UserError(f"{out} is a file: a folder of sketches is painted into a folder")
    sketches = sorted(
        path
        for path in source.rglob("*")
        if path.is_file() and path.suffix.lower() in images.SUFFIXES and not path.is_relative_to(out)
    )
    if not sketches:
        raise UserError(f"{source} has no pictures ({', '.join(sorted(images.SUFFIXES))})")
    stems = [path.with_suffix("") for path in sketches]
    return [
        (
            path,
            out
            / path.relative_to(source).parent
            / f"{path.stem if stems.count(stem) == 1 else path.name}.png",
        )
        for path, stem in zip(sketches, stems, strict=True)
    ]


def _one(painter: Painter, sketch: Path, target: Path) -> bool:
    try:
        images.write_png(target, paint(painter, images.read(sketch)))
    except (images.PictureError, OSError) as error:
        print(f"{sketch}: not painted: {error}", file=sys.stderr, flush=True)
        return False
    print(f"{sketch} -> {target}", flush=True)
    return True
