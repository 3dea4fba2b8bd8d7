"""Audit and trace the real pipeline."""

import subprocess

import pytest
from tests.provenance import history

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def committed(reproduced, tmp_path_factory):
    root = history.copy_project(reproduced, tmp_path_factory.mktemp("audited") / "clone")
    history.commit(root, "results")
    return root


def test_a_finished_pipeline_passes(committed, run):
    done = run("sketch2color", "audit", cwd=committed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["ok"] * 6


def test_a_result_is_traced_to_the_images_and_their_licence(committed, run):
    image = sorted((committed / "results/cyclegan").glob("*.png"))[0].relative_to(committed)
    done = run("sketch2color", "trace", str(image), cwd=committed)
    assert done.returncode == 0, done.stdout + done.stderr
    path = [line.split()[1] for line in done.stdout.splitlines() if line.lstrip().startswith("<-")]
    assert {"models/cyclegan", "data/clean/tiny", "data/raw/tiny", "data/sources/tiny"} <= set(path)
    assert "license: CC0-1.0" in done.stdout
    assert f"sketch {image.stem} (test): " in done.stdout


def test_a_stage_run_again_elsewhere_is_byte_identical(committed, run):
    done = run("sketch2color", "audit", "--rerun", "ingest", cwd=committed)
    assert done.returncode == 0, done.stdout + done.stderr
    status = subprocess.run(["git", "status", "--porcelain"], cwd=committed, capture_output=True, text=True)
    assert status.stdout == ""
