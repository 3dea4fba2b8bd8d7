"""The TypeScript of the studio, in node: its unit tests, and its engine against what Python makes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.studio.cases import write_cases, write_strokes

STUDIO = Path(__file__).parents[2] / "studio"


@pytest.mark.slow
def test_the_engine_colours_as_python_does(tmp_path):
    if not (STUDIO / "node_modules").exists():
        pytest.skip("the studio's packages are not installed: run `make studio`")
    for folder in (cases := tmp_path / "cases", strokes := tmp_path / "strokes"):
        folder.mkdir()
    write_cases(cases)
    write_strokes(strokes)
    given = {"ENGINE_CASES": str(cases), "STROKES_CASE": str(strokes)}
    command = [shutil.which("npm") or "npm", "--silent", "test"]
    done = subprocess.run(command, cwd=STUDIO, env={**os.environ, **given}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
