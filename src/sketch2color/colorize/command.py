"""The command ``colorize``; torch is imported on use."""

import argparse
from pathlib import Path
from typing import Any


def add_colorize(commands: Any) -> None:
    """Add ``sketch2color colorize``."""
    parser = commands.add_parser(
        "colorize",
        help="colour a sketch or a folder of sketches",
        description="Colour a sketch, or every sketch of a folder, of any size: scans, photos of paper, PNG "
        "with alpha. Results are PNG and have the size of their sketches.",
        epilog="Example: sketch2color colorize sketches/ colored/",
    )
    parser.add_argument("source", type=Path, metavar="IN", help="an image, or a folder of images")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder; for one image also a .png file")
    parser.add_argument(
        "--model",
        type=Path,
        default=Path("models/cyclegan"),
        metavar="DIR",
        help="a trained model (default: %(default)s, where `dvc repro` writes it)",
    )
    parser.set_defaults(run=_colorize)


def _colorize(options: argparse.Namespace) -> int:
    from sketch2color.colorize.colorize_files import colorize_files

    return 1 if colorize_files(options.source, options.out, options.model) else 0
