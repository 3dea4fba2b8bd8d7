import shutil
from pathlib import Path

import mlflow
import pytest

from sketch2color.errors import UserError
from sketch2color.provenance import sync as module
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.run import recording
from sketch2color.provenance.record.store import EXPERIMENT, local_uri
from sketch2color.provenance.sync import sync

pytestmark = pytest.mark.slow

DATA = {"data/raw/products": "0123456789abcdef0123456789abcdef.dir"}


@pytest.fixture
def offline(tmp_path, empty_store, store, monkeypatch):
    """A checkout that recorded two runs by itself, one of which failed."""
    root = tmp_path / "offline"
    (root / "report").mkdir(parents=True)
    (root / "report" / "sheet.txt").write_text("images")
    shutil.copy(empty_store, root / "mlflow.db")
    with recording("clean", local_uri(root), root, {"fit": "pad"}, StageHashes("-", {}, DATA, {})) as record:
        record.metrics({"iou": 0.5})
        for step in range(3):
            record.metrics({"gan": 1.0 / (step + 1)}, step)
        record.files(root / "report")
    with (
        pytest.raises(UserError),
        recording("train", local_uri(root), root, {}, StageHashes("-", {}, {}, {})),
    ):
        raise UserError("no image")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.tracking_uri)  # MLflow itself changes it
    return root


def recorded(client):
    """The runs of a store, without their ids."""
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    return {
        run.info.run_name: (
            run.info.status,
            (run.info.start_time, run.info.end_time),
            run.data.params,
            {
                key: value
                for key, value in run.data.tags.items()
                if not key.startswith(("synced.", "mlflow.runName", "mlflow.user"))
            },
            {
                name: [
                    (point.step, point.value, point.timestamp)
                    for point in client.get_metric_history(run.info.run_id, name)
                ]
                for name in run.data.metrics
            },
            [(each.dataset.name, each.dataset.digest) for each in run.inputs.dataset_inputs],
            sorted(
                path.relative_to(folder).as_posix()
                for folder in [Path(run.info.artifact_uri.removeprefix("file://"))]
                for path in folder.rglob("*")
            ),
        )
        for run in client.search_runs([experiment])
    }


def test_all_runs_arrive_whole_and_once(offline, store):
    assert sync(offline) == 2
    here, there = recorded(mlflow.MlflowClient(local_uri(offline))), recorded(store)
    assert there == here
    assert there["clean"][0] == "FINISHED"
    assert "report/sheet.txt" in there["clean"][-1]
    assert there["train"][3]["failure"] == "no image"
    assert sync(offline) == 0
    assert len(recorded(store)) == 2


def test_what_arrived_in_part_is_sent_anew(offline, store, monkeypatch):
    def cut(*_):
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(module.MlflowClient, "log_artifacts", cut)
        with pytest.raises(ConnectionError):
            sync(offline)
    assert sync(offline) == 2
    assert recorded(store) == recorded(mlflow.MlflowClient(local_uri(offline)))


def test_without_a_server_or_a_record_there_is_one_line(offline, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="recorded no runs"):
        sync(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with pytest.raises(UserError, match="names no server"):
        sync(offline)


@pytest.mark.parametrize("spelling", ["sqlite:///mlflow.db", "sqlite+pysqlite:///../offline/mlflow.db"])
def test_the_own_store_is_no_server_however_it_is_written(offline, monkeypatch, spelling):
    monkeypatch.chdir(offline)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", spelling)
    with pytest.raises(UserError, match="names no server to deliver to"):
        sync(offline)
