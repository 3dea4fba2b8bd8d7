"""The arrows between the rooms (docs/architecture.md), held by import-linter."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_keep_to_the_arrows():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]  # in a process: it bends logging
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}  # this checkout, whatever is installed
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
