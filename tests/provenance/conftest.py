import json

import pytest
from tests.provenance import history

collect_ignore = ["tiny"]  # stage scripts, run from a copy


@pytest.fixture(scope="session")
def experiments(build_once, empty_store):
    """Three experiments, each a commit: boxes; cups; another learning rate. And the stages that ran."""
    folder = build_once("experiments", fill_experiments)
    return folder / "project", json.loads((folder / "ran.json").read_text())


def fill_experiments(folder):
    root = folder / "project"
    history.make_project(root)
    with pytest.MonkeyPatch.context() as monkeypatch:
        ran = {"boxes": history.reproduce(root, monkeypatch)}
        history.commit(root, "boxes")
        history.set_params(root, dataset="cups")
        ran["cups"] = history.reproduce(root, monkeypatch)
        history.commit(root, "cups")
        history.set_params(root, dataset="boxes", train_cyclegan__learning_rate=0.25)
        ran["faster"] = history.reproduce(root, monkeypatch)
        history.commit(root, "faster")
    (folder / "ran.json").write_text(json.dumps(ran))


@pytest.fixture
def project(experiments, tmp_path, monkeypatch):
    """A copy of the project, as current directory, at the last of its three experiments."""
    root = history.copy_project(experiments[0], tmp_path / "project")
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return root
