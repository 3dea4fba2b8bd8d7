import csv
import json
import re
import shutil
import subprocess

import mlflow
import pytest
import yaml
from tests.integration.conftest import PAIRS, clone_and_reproduce
from tests.provenance import history

pytestmark = pytest.mark.slow
STAGES = ["clean", "evaluate", "export", "ingest", "train_cyclegan", "transfer_style"]


@pytest.fixture(scope="module")
def reproduced(reproduced, tmp_path_factory):
    return history.copy_project(reproduced, tmp_path_factory.mktemp("copied") / "clone")


@pytest.fixture(scope="module")
def reproduced_again(origin, tmp_path_factory):
    return clone_and_reproduce(origin, tmp_path_factory.mktemp("second") / "elsewhere")


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def lock(checkout):
    return yaml.safe_load((checkout / "dvc.lock").read_text())["stages"]


def test_all_stages_write_their_outputs(reproduced):
    assert sorted(lock(reproduced)) == STAGES
    tests = [row for row in table(reproduced / "data/clean/tiny/manifest.csv") if row["split"] == "test"]
    sketches = [row["id"] for row in tests if row["domain"] == "sketch"]
    assert sketches
    report = (reproduced / "reports/evaluate/report.html").read_text()
    for sketch in sketches:
        assert (reproduced / f"results/cyclegan/{sketch}.png").is_file()
        assert (reproduced / f"results/style_transfer/{sketch}.png").is_file()
        assert sketch in report
    assert not re.search(r'(src|href)="https?:', report.replace('<a href="http', ""))
    assert (reproduced / "reports/evaluate/contact_sheet.png").is_file()
    assert (reproduced / "reports/clean/review.html").is_file()
    assert (reproduced / "models/cyclegan/sketch_to_color.safetensors").is_file()
    exported = json.loads((reproduced / "reports/export/metrics.json").read_text())
    assert exported["export.sketches"] > 0
    assert exported["export.pixels_within_1"] > 0.999


def test_broken_and_duplicate_images_are_listed_with_the_reason(reproduced):
    rejected = {
        row["source"].rsplit("/")[-1]: row["reason"]
        for row in table(reproduced / "data/raw/tiny/rejected.csv")
    }
    assert "not an image" in rejected["notes.png"]
    assert "duplicate of" in rejected["box03-again.png"]


def test_no_pair_has_both_halves_in_train(reproduced):
    pairs = [
        row["pair"] for row in table(reproduced / "data/raw/tiny/manifest.csv") if row["split"] == "train"
    ]
    assert len(pairs) == len(set(pairs)) > 0


def test_a_second_repro_runs_nothing(reproduced, run):
    again = run("dvc", "repro", cwd=reproduced)
    assert "Running stage" not in again.stdout
    assert "up to date" in again.stdout


def test_two_clones_have_byte_identical_locks(reproduced, reproduced_again):
    assert (reproduced / "dvc.lock").read_bytes() == (reproduced_again / "dvc.lock").read_bytes()


def test_each_stage_has_one_run_tagged_with_the_locks_hashes(reproduced):
    client = mlflow.MlflowClient(f"sqlite:///{reproduced / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("sketch2color")
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(run.info.run_name for run in runs) == STAGES
    for recorded in runs:
        stage = lock(reproduced)[recorded.info.run_name]
        tags = recorded.data.tags
        assert recorded.info.status == "FINISHED"
        assert recorded.data.params["dataset"] == "tiny"
        assert recorded.data.metrics
        assert client.list_artifacts(recorded.info.run_id)
        assert len(tags["git.commit"]) == 40
        for kind, listed in (("input", stage["deps"]), ("output", stage["outs"])):
            for entry in listed:
                assert tags[f"dvc.{kind}.{entry['path']}"] == entry["md5"]


def test_the_loss_curves_are_in_mlflow(reproduced):
    client = mlflow.MlflowClient(f"sqlite:///{reproduced / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("sketch2color")
    (training,) = client.search_runs([experiment.experiment_id], "tags.stage = 'train_cyclegan'")
    for loss in ("identity", "gan", "cycle", "discriminator"):
        assert client.get_metric_history(training.info.run_id, loss)


def test_dvc_shows_metrics_plots_and_the_graph(reproduced, run):
    metrics = json.loads(run("dvc", "metrics", "show", "--json", cwd=reproduced).stdout)
    shown = metrics[""]["data"]
    assert "reports/evaluate/metrics.json" in shown
    assert run("dvc", "plots", "show", cwd=reproduced).returncode == 0
    plots = (reproduced / "dvc_plots/index.html").read_text()
    assert all(loss in plots for loss in ("identity", "gan", "cycle", "discriminator"))
    assert all(stage in run("dvc", "dag", cwd=reproduced).stdout for stage in STAGES)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("fit: pad", "fitt: pad", "unknown key clean.fitt"),
        ("dataset: tiny", "dataset: nope", "nope"),
    ],
)
def test_a_wrong_parameter_is_one_line(origin, tmp_path, before, after, message, run):
    checkout = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(origin), str(checkout)], check=True)
    params = checkout / "params.yaml"
    assert before in params.read_text()
    params.write_text(params.read_text().replace(before, after))
    done = run("dvc", "repro", cwd=checkout)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert len([line for line in done.stderr.splitlines() if message in line]) == 1


def test_own_sketches_are_coloured_with_the_trained_model(reproduced, tmp_path, run):
    shutil.copytree(reproduced / "data/sources/tiny/images/sketch", tmp_path / "in")
    done = run("sketch2color", "colorize", str(tmp_path / "in"), str(tmp_path / "out"), cwd=reproduced)
    assert done.returncode == 1  # notes.png is no image
    assert "notes.png" in done.stderr
    assert len(list((tmp_path / "out").glob("box*.png"))) == PAIRS
