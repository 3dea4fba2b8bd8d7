"""``sketch2color …``: everything a person does outside of ``dvc repro``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.files import write_text
from sketch2color.provenance.commands import add_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after a line on stderr that says what is wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except UserError as error:
        print(f"sketch2color {chosen.command}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"sketch2color {chosen.command}: stopped", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sketch2color", description="Turn sketches into coloured concept art with a trained generator."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    colorize = commands.add_parser(
        "colorize",
        help="colour a sketch or a folder of sketches",
        description="Colour a sketch, or every sketch of a folder, of any size: scans, photos of paper, PNG "
        "with alpha. Results have the size of their sketches and are PNG.",
    )
    colorize.add_argument("source", type=Path, metavar="IN", help="an image, or a folder of images")
    colorize.add_argument("out", type=Path, metavar="OUT", help="a folder; for one image also a .png file")
    colorize.add_argument(
        "--model",
        type=Path,
        default=Path("models/cyclegan"),
        metavar="DIR",
        help="a trained model (default: %(default)s, where `dvc repro` leaves it)",
    )
    colorize.set_defaults(run=_colorize)
    clean = commands.add_parser(
        "clean",
        help="take publishers' marks off an image or a folder of images",
        description="Find publishers' marks (badges, bars, captions, logos, QR codes, banners) and take off "
        "those that are surely marks. Results keep size, format and name; images without a sure mark "
        "come out byte for byte. Use it only on images that you have the right to use: a mark that is gone "
        "takes no right with it.",
    )
    clean.add_argument("source", type=Path, metavar="IN", help="an image, or a folder of images")
    clean.add_argument("out", type=Path, metavar="OUT", help="a folder; for one image also a file")
    clean.add_argument(
        "--review",
        type=Path,
        metavar="FILE.html",
        help="write a page that shows what was found, before and after, the least sure first",
    )
    clean.set_defaults(run=_clean)
    compare = commands.add_parser(
        "compare",
        help="put the reports of several runs side by side",
        description="Make one page of the reports of two runs or more: what differs between them, their "
        "figures, the differences over the sketches that both judged, their curves and their images.",
    )
    compare.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="a checkout or folder of a report; a git revision or DVC experiment; an MLflow run of evaluate",
    )
    compare.add_argument(
        "--out",
        type=Path,
        default=Path("reports/compare.html"),
        metavar="FILE.html",
        help="the page to write (default: %(default)s)",
    )
    compare.set_defaults(run=_compare)
    add_commands(commands)
    return parser


def _colorize(chosen: argparse.Namespace) -> int:
    # torch takes seconds to import: --help and typing errors need not wait for it.
    from sketch2color.colorize.files import colorize_files

    return 1 if colorize_files(chosen.source, chosen.out, chosen.model) else 0


def _clean(chosen: argparse.Namespace) -> int:
    from sketch2color.preprocess.clean_files import clean_files

    return 1 if clean_files(chosen.source, chosen.out, chosen.review) else 0


def _compare(chosen: argparse.Namespace) -> int:
    from sketch2color.provenance.reports import read_report
    from sketch2color.report import compare

    if len(chosen.runs) < 2:
        raise UserError("one run has nothing to be compared with: name two or more")
    runs = [compare.read(name, read_report(name, Path.cwd())) for name in chosen.runs]
    write_text(chosen.out, compare.render(runs))
    print(chosen.out)
    return 0
