"""``sketch2color``: parse the arguments and run a command."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from sketch2color.colorize.command import add_colorize
from sketch2color.preprocess.command import add_clean
from sketch2color.provenance.commands import add_audit, add_compare, add_diff, add_sync, add_trace
from sketch2color.studio.command import add_studio
from sketch2color.terminal import program
from sketch2color.text import one_line

COMMANDS = (add_studio, add_colorize, add_clean, add_compare, add_audit, add_trace, add_diff, add_sync)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code, or raise SystemExit with one line after a user's error."""
    with program("sketch2color"):
        options = _parser().parse_args(arguments)
    with program(f"sketch2color {options.command}"):
        return int(options.run(options))


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        (file or sys.stdout).write(self.format_help())  # argparse itself would hide that it fails

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sketch2color",
        description="Turn sketches into coloured concept art with a trained generator.",
        epilog="Example: sketch2color colorize sketch.png out/",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_command in COMMANDS:
        add_command(commands)
    return parser
