"""The command ``colorize``; torch is imported on use."""

import argparse
import sys
from pathlib import Path
from typing import Any

from sketch2color.terminal import print_line

TRAINED = Path("models/cyclegan")


def add_colorize(commands: Any) -> None:
    """Add ``sketch2color colorize``."""
    parser = commands.add_parser(
        "colorize",
        help="colour a sketch or a folder of sketches",
        description="Colour a sketch, or every sketch of a folder, of any size: scans, photos of paper, PNG "
        "with alpha. Results are PNG and have the size of their sketches.",
        epilog="Example: sketch2color colorize kettle.png out/ --palette blue,grey --variants 3 --layers psd",
    )
    parser.add_argument("source", type=Path, metavar="IN", help="an image, or a folder of images")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder; for one image also a .png file")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help=f"a trained model (default: {TRAINED}, where `dvc repro` writes it; before that, the one that "
        "comes with sketch2color)",
    )
    _add_request(parser.add_argument_group("colour on demand"))
    parser.set_defaults(run=_colorize)


def _add_request(group: Any) -> None:
    one_palette = group.add_mutually_exclusive_group()
    one_palette.add_argument(
        "--palette",
        metavar="COLORS",
        help="the colours to use, main first, then accents: names or hex, such as blue,#ff8000,darkgrey",
    )
    one_palette.add_argument("--palette-from", type=Path, metavar="IMAGE", help="use the colours of an image")
    group.add_argument(
        "--palettes", type=Path, metavar="CSV", help="a palette for each sketch: columns file and palette"
    )
    group.add_argument(
        "--strokes",
        type=Path,
        metavar="PNG",
        help="fill parts: a transparent image of the sketch's size; each stroke's colour goes as far as the "
        "lines round it",
    )
    group.add_argument(
        "--paint", type=Path, metavar="PNG", help="colour exactly these pixels: a transparent image likewise"
    )
    group.add_argument(
        "--variants", type=int, default=1, metavar="N", help="write N results, <name>-1.png and so on"
    )
    group.add_argument(
        "--request",
        type=Path,
        metavar="JSON",
        help="replay the palette, variant and strokes of a work file that the studio saved",
    )
    group.add_argument(
        "--layers", choices=("psd", "ora", "png"), help="also write layers: Photoshop, OpenRaster, a folder"
    )


def _colorize(options: argparse.Namespace) -> int:
    from sketch2color.colorize.asked import Asked, read_palette, read_palettes
    from sketch2color.colorize.colorize_files import colorize_files
    from sketch2color.colorize.colorizer import BUNDLED
    from sketch2color.colorize.request import parse_palette
    from sketch2color.colorize.request_file import read_request

    palette = parse_palette(options.palette) if options.palette is not None else ()
    asked = Asked(
        palette=read_palette(options.palette_from) if options.palette_from else palette,
        palettes=read_palettes(options.palettes) if options.palettes else {},
        fill=options.strokes,
        paint=options.paint,
        variants=options.variants,
        layers=options.layers,
        request=read_request(options.request) if options.request else None,
    )
    model = options.model or TRAINED
    if not options.model and not TRAINED.exists():
        model = BUNDLED
        print_line(
            f"{TRAINED} holds no model yet: colouring with the one that comes with sketch2color", sys.stderr
        )
    return 1 if colorize_files(options.source, options.out, model, asked) else 0
