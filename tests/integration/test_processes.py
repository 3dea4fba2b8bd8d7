"""Training in several processes, started by the stage or by torchrun, as in docs/training.md."""

import mlflow
import pytest
import yaml
from tests.provenance import history

pytestmark = pytest.mark.slow
TORCHRUN = ("torchrun", "--nproc-per-node", "2", "pipeline/train_cyclegan.py")


def test_torchrun_gives_the_outputs_and_the_one_run_of_the_stage(reproduced, tmp_path, run):
    root = history.copy_project(reproduced, tmp_path / "clone")
    content = yaml.safe_load((root / "params.yaml").read_text())
    content["train_cyclegan"] |= {"processes": 2, "batch_size": 2}
    (root / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    locks, runs = [], [trainings(root)]
    for command in (("dvc", "repro", "--single-item", "train_cyclegan"), TORCHRUN):
        done = run(*command, cwd=root, OMP_NUM_THREADS="1")
        assert done.returncode == 0, done.stderr
        assert run("dvc", "commit", "--force", "train_cyclegan", cwd=root).returncode == 0
        locks.append((root / "dvc.lock").read_bytes())
        runs.append(trainings(root))
    assert locks[0] != (reproduced / "dvc.lock").read_bytes()
    assert locks[0] == locks[1]
    assert [len(each) for each in runs] == [1, 2, 3]
    assert set(runs[-1]) == {"FINISHED"}


def trainings(root):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("sketch2color").experiment_id
    return [each.info.status for each in client.search_runs([experiment], "tags.stage = 'train_cyclegan'")]
