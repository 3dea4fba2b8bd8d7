"""Colouring a person's own sketches with a trained model."""

import sys
from pathlib import Path

from sketch2color import imaging
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging.batch import plan_outputs
from sketch2color.terminal import print_line


def colorize_files(source: Path, out: Path, model: Path) -> int:
    """Colour a sketch, or all in a folder and its subfolders; results are PNG, in their sketch's size.

    Prints one line a file: on stdout, or, for a file that failed, on stderr with the reason.

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
    failed = 0
    for sketch, target in jobs:
        try:
            imaging.write_png(target, colorizer.colorize(imaging.read(sketch)))
        except (imaging.ImageError, OSError) as error:
            print_line(f"{sketch}: not coloured: {error}", sys.stderr)
            failed += 1
        else:
            print_line(f"{sketch} -> {target}")
    return failed
