import subprocess
import sys

import pytest

from sketch2color import cli

COMMANDS = ["studio", "colorize", "clean", "compare", "audit", "trace", "diff", "sync"]
SLOW = ("torch", "mlflow", "dvc", "cv2", "pandas")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_that_the_parser_accepts(command, capsys):
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    example = text.rpartition(f"sketch2color {command}")[2].split()
    options = cli._parser().parse_args([command, *example])
    assert "Example: " in text
    assert options.command == command


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {command} " in text for command in COMMANDS)


def test_help_imports_no_slow_library():
    program = (
        "import sys; from sketch2color.cli import _parser; _parser();"
        f"print([name for name in {SLOW} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
