import io
import sys

import pytest

from sketch2color.errors import UserError
from sketch2color.terminal import CLOSED_PIPE, print_line, program


class Broken(io.TextIOWrapper):
    def __init__(self, error):
        super().__init__(io.BytesIO(), encoding="ascii")
        self.error = error

    def write(self, text):
        raise self.error


def run(work, monkeypatch, **streams):
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    with pytest.raises(SystemExit) as stop, program("demo"):
        work()
    return stop.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("no image:\n  put one there"), "demo: no image: put one there"),
        (KeyboardInterrupt(), "demo: stopped"),
        (PermissionError(13, "Permission denied", "out/\x1b.png"), "demo: out/\\x1b.png: Permission denied"),
        (OSError(36, "File name too long"), "demo: File name too long"),
        (
            OSError(28, "No space left on device"),
            "demo: No space left on device; free some space, then run the same again",
        ),
        (BrokenPipeError(32, "Broken pipe"), CLOSED_PIPE),
    ],
    ids=repr,
)
def test_an_error_is_one_line(error, code, monkeypatch):
    def fail():
        raise error

    assert run(fail, monkeypatch) == code


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), program("demo"):
        _ = 1 / 0


def test_a_reader_that_leaves_ends_the_program(monkeypatch):
    broken = Broken(BrokenPipeError(32, "Broken pipe"))
    assert run(lambda: print_line("a"), monkeypatch, stdout=broken) == CLOSED_PIPE


def test_a_closed_output_is_ignored(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with program("demo"):
        print_line("a")
        print_line("b", sys.stderr)
    sys.stdout.close()
    sys.stderr.close()


def test_every_name_is_printed_in_any_encoding(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", out)
    with program("demo"):
        print_line("ü\udcff\n.png")
    assert out.buffer.getvalue() == b"\\xfc\\udcff\\n.png\n"
