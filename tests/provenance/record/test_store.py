import shutil

import pytest

from sketch2color.provenance.record import store
from sketch2color.provenance.record.dvc_hashes import StageHashes
from sketch2color.provenance.record.run import recording
from sketch2color.provenance.runs import open_runs

pytestmark = pytest.mark.slow  # each fills a store of its own


@pytest.mark.parametrize("name", ["what?", "a%20b", "a#b c"])
def test_the_record_stays_in_a_checkout_of_any_name(tmp_path, empty_store, name):
    root = tmp_path / name / "checkout"
    root.mkdir(parents=True)
    shutil.copy(empty_store, root / "mlflow.db")
    with recording("clean", store.local_uri(root), root, {}, StageHashes("-", {}, {}, {})) as logger:
        logger.metrics({"iou": 0.5})
    with open_runs(root) as runs:
        (run,) = runs.of_stage("clean")
        assert run.metrics == {"iou": 0.5}
        assert runs.lineage(run)["metrics"] == {"iou": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {path.name for path in root.iterdir()} == {"mlflow.db", "mlflow.db.lock", "mlruns"}
