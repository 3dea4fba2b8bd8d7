import pytest
from tests.provenance import history

collect_ignore = ["tiny"]  # stage scripts, run from a copy


@pytest.fixture(scope="session")
def lived(tmp_path_factory, empty_store):
    """Three experiments, each a commit: boxes; cups; boxes with another learning rate."""
    root = tmp_path_factory.mktemp("lived") / "project"
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
    return root, ran


@pytest.fixture
def project(lived, tmp_path, monkeypatch):
    """A copy of the project, as current directory, at the last of its three experiments."""
    root = history.copy_project(lived[0], tmp_path / "project")
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return root
