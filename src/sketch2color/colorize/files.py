"""Painting a person's own sketches with a trained model."""

import sys
from pathlib import Path

from sketch2color import imaging
from sketch2color.colorize.colorizer import Painter, load_generator, paint
from sketch2color.imaging.batch import plan_outputs


def colorize(source: Path, out: Path, model: Path) -> int:
    """Paint a sketch, or all in a folder and the folders in it; results are PNG, in their sketch's size.

    Says one line a file on stdout, or, of a file that could not be painted, on stderr with the reason.

    Args:
        source: an image of any size and form, or a folder.
        out: a folder, or, if ``source`` is one image and this ends in ``.png``, a file.
        model: the directory that training wrote.

    Returns:
        The number of files that could not be painted.

    Raises:
        UserError: there is nothing to paint, a sketch would be written over, or the model cannot be read.
    """
    jobs = plan_outputs(source, out, ".png")
    painter = load_generator(model)
    return sum(not _one(painter, sketch, target) for sketch, target in jobs)


def _one(painter: Painter, sketch: Path, target: Path) -> bool:
    try:
        imaging.write_png(target, paint(painter, imaging.read(sketch)))
    except (imaging.ImageError, OSError) as error:
        print(f"{sketch}: not painted: {error}", file=sys.stderr, flush=True)
        return False
    print(f"{sketch} -> {target}", flush=True)
    return True
