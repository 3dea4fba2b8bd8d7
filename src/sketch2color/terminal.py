"""The terminal that a program writes to: printable output, errors of one line, pipes that may close."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from sketch2color.errors import UserError
from sketch2color.text import printable

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED_PIPE = 128 + 13
"""Exit code that a shell shows for a program ended by SIGPIPE, as others are whose reader has left."""


def print_line(text: str, file: TextIO | None = None) -> None:
    """Print a line at once, on stdout by default; names in it may hold anything."""
    print(printable(text), file=file, flush=True)


@contextmanager
def program(name: str, stopped: str = "stopped") -> Iterator[None]:
    """Run the body as the program ``name``: what its user can cause ends it with one line on stderr.

    That is a user's error, an error of the operating system, and Ctrl-C, described as ``stopped``. A reader
    of the output that leaves ends it without a word.

    Raises:
        SystemExit: with this line, or for a closed pipe with ``CLOSED_PIPE``.
    """
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by whoever started the program
            setattr(sys, stream, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        if isinstance(file := getattr(sys, stream), io.TextIOWrapper):
            file.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except UserError as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{name}: {stopped}")
    except BrokenPipeError:
        _discard_output()
        sys.exit(CLOSED_PIPE)
    except OSError as error:
        _discard_output()
        advice = "; free some space, then run the same again" * (error.errno in DISK_FULL)
        what = [str(error.filename)] if error.filename else []
        sys.exit(f"{name}: {UserError(': '.join([*what, error.strerror or str(error)]) + advice)}")


def _discard_output() -> None:
    """Point stdout and stderr to nowhere where they cannot be written: Python flushes them as it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError), Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
