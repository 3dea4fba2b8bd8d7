"""``sketch2color``: parse the arguments and run a command."""

import argparse
import sys
from collections.abc import Sequence

from sketch2color.colorize.command import add_colorize
from sketch2color.errors import UserError
from sketch2color.preprocess.command import add_clean
from sketch2color.provenance.commands import add_audit, add_compare, add_diff, add_sync, add_trace

COMMANDS = (add_colorize, add_clean, add_compare, add_audit, add_trace, add_diff, add_sync)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code, 1 after a user's error, which is one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UserError as error:
        print(f"sketch2color {options.command}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"sketch2color {options.command}: stopped", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sketch2color",
        description="Turn sketches into coloured concept art with a trained generator.",
        epilog="Example: sketch2color colorize sketch.png out/",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(commands)
    return parser
