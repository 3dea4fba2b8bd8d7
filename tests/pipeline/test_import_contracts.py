"""The order of the packages (docs/architecture.md), checked by import-linter."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_follow_the_order_of_packages():
    command = [
        Path(sys.executable).with_name("lint-imports"),
        "--no-cache",
    ]  # it changes logging
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}  # this checkout, whatever is installed
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
