"""Another image size is one value in params.yaml."""

import subprocess

import pytest
import yaml

from sketch2color import imaging

pytestmark = pytest.mark.slow


def test_the_pipeline_runs_at_another_image_size(origin, tmp_path, run):
    checkout = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(origin), str(checkout)], check=True)
    params = yaml.safe_load((checkout / "params.yaml").read_text()) | {"image_size": 512}
    params["train_cyclegan"] |= {"epochs": 1}
    (checkout / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    done = run("dvc", "repro", cwd=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    results = [
        path
        for method in ("cyclegan", "style_transfer")
        for path in (checkout / "results" / method).glob("*.png")
    ]
    assert results
    assert {imaging.read(path).shape for path in results} == {(512, 512, 3)}
    assert (checkout / "reports/evaluate/report.html").is_file()
