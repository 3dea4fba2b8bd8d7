"""The command ``clean``; torch is imported on use."""

import argparse
from pathlib import Path
from typing import Any


def add_clean(commands: Any) -> None:
    """Add ``sketch2color clean``."""
    parser = commands.add_parser(
        "clean",
        help="remove publishers' marks from an image or a folder of images",
        description="Find publishers' marks (badges, bars, captions, logos, QR codes, banners) and remove "
        "those that are certainly marks. Results keep size, format and name; images without such a mark are "
        "copied byte for byte. Use it only on images that you have the right to use: removing a mark removes "
        "no right.",
        epilog="Example: sketch2color clean scans/ cleaned/ --review review.html",
    )
    parser.add_argument("source", type=Path, metavar="IN", help="an image, or a folder of images")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder; for one image also a file")
    parser.add_argument(
        "--review",
        type=Path,
        metavar="FILE.html",
        help="write a page that shows each mark, before and after, the least certain first",
    )
    parser.set_defaults(run=_clean)


def _clean(options: argparse.Namespace) -> int:
    from sketch2color.preprocess.clean_files import clean_files

    return 1 if clean_files(options.source, options.out, options.review) else 0
