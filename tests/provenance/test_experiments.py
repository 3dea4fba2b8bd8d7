"""Experiments in a fresh clone, which has dvc.lock and nothing of what it names."""

import pytest
import yaml
from tests.provenance import history

pytestmark = pytest.mark.slow


@pytest.fixture
def clone(experiments, tmp_path, monkeypatch):
    """A clone with the real pipeline's plots."""
    root = tmp_path / "clone"
    history.git(tmp_path, "clone", "-q", str(experiments[0]), str(root))
    real = yaml.safe_load((history.ROOT / "dvc.yaml").read_text())
    declared = yaml.safe_load((root / "dvc.yaml").read_text())
    (root / "dvc.yaml").write_text(yaml.safe_dump(declared | {"plots": real["plots"]}))
    for name in ("name", "email"):
        history.git(root, "config", f"user.{name}", "test")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return root


def test_one_stage_is_an_experiment_that_is_kept(clone, monkeypatch):
    (clone / "data/sources/boxes/images/color/boxes0.png").write_text("another image")
    with history.stages_here(clone, monkeypatch) as (repo, ran):
        (kept,) = repo.experiments.run(targets=["ingest"])
    assert ran == ["ingest"]
    old, new = (
        yaml.safe_load(history.git(clone, "show", f"{revision}:dvc.lock"))["stages"]
        for revision in ("HEAD", kept)
    )
    assert old["ingest"]["outs"] != new["ingest"]["outs"]
    assert old["train_cyclegan"] == new["train_cyclegan"]


def test_a_data_set_that_git_does_not_know_is_said(clone, monkeypatch, capsys):
    image = clone / "data/sources/boxes/images/color/boxes9.png"
    image.write_text("a new image")
    history.reproduce(clone, monkeypatch, targets=["ingest"])
    assert "run `git add data/sources/boxes`, or" in capsys.readouterr().err
    history.git(clone, "add", str(image))
    history.reproduce(clone, monkeypatch, targets=["ingest"], force=True)
    assert "git add" not in capsys.readouterr().err
