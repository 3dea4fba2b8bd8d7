import json
import shutil

import mlflow
import numpy as np
import pytest
from dvc.repo import Repo
from tests.provenance import history

from sketch2color import imaging
from sketch2color.colorize.colorizer import BUNDLED
from sketch2color.colorize.record import Record, describe_model
from sketch2color.errors import UserError
from sketch2color.imaging.signed_png import sign_png
from sketch2color.provenance.output_files import Contents
from sketch2color.provenance.trace import trace

pytestmark = pytest.mark.slow

STAGES = ["evaluate", "train_cyclegan", "transfer_style", "clean", "ingest"]


def runs(root, filters=""):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    experiments = [each.experiment_id for each in client.search_experiments()]
    return client, client.search_runs(experiments, filters)


def made_by(found):
    """Stage to the run that the trace names for it, and what MLflow's own parameters say of that run."""
    return {each.stage: each.run for each in found.node.ancestors() if each.run}


def go_to(root, revision):
    history.git(root, "checkout", "-q", revision)
    with Repo(str(root)) as repo:
        repo.checkout(force=True)


def an_image(root, folder="results/cyclegan"):
    return str(sorted((root / folder).rglob("*.png"))[0].relative_to(root))


def test_three_experiments_ran_what_had_changed_and_restored_the_rest(experiments):
    assert sorted(experiments[1]["boxes"]) == sorted(experiments[1]["cups"]) == sorted(STAGES)
    assert experiments[1]["faster"] == ["train_cyclegan", "evaluate"]


@pytest.mark.parametrize(
    ("revision", "dataset", "rate"),
    [("HEAD~2", "boxes", "0.0005"), ("HEAD~1", "cups", "0.0005"), ("HEAD", "boxes", "0.25")],
)
def test_an_image_leads_to_the_runs_that_did_the_work(project, revision, dataset, rate):
    go_to(project, revision)
    found = trace(project, an_image(project))
    assert found.complete
    by = made_by(found)
    assert sorted(by) == sorted(STAGES)
    assert {run.params["dataset"] for run in by.values()} == {dataset}
    assert by["train_cyclegan"].params["train_cyclegan.learning_rate"] == rate
    ends = [each for each in found.node.ancestors() if not each.stage]
    assert [each.path for each in ends] == [f"data/sources/{dataset}"]
    assert f"license: {'CC0-1.0' if dataset == 'boxes' else 'MIT'}" in ends[0].details


def test_stages_restored_from_the_cache_lead_to_the_runs_of_the_first_experiment(project):
    now = made_by(trace(project, an_image(project)))
    go_to(project, "HEAD~2")
    before = made_by(trace(project, an_image(project)))
    shared = {stage for stage in STAGES if now[stage].id == before[stage].id}
    assert shared == {"ingest", "clean", "transfer_style"}


def test_the_tree_has_image_weights_training_images_and_source(project):
    image = an_image(project)
    text = trace(project, image).to_text()
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == image
    paths = [line.split()[1] for line in lines if line.startswith("<-") and "above" not in line]
    assert paths[0] == "results/cyclegan"
    assert [paths.index(path) for path in ("data/clean/boxes", "data/raw/boxes", "data/sources/boxes")] == [
        1,
        2,
        3,
    ]
    assert {"models/cyclegan", "results/style_transfer"} <= set(paths)
    assert any(line.startswith("sketch ") and "sketch/boxes" in line and "CC0-1.0" in line for line in lines)
    assert (
        "12 images: train 6 (3 color + 3 sketch), val 2 (1 color + 1 sketch), test 4 (2 color + 2 sketch)"
        in (lines)
    )
    assert "licences: 12 CC0-1.0" in lines
    assert sum("train_cyclegan.learning_rate=0.25" in line for line in lines) == 1


def test_a_style_result_names_the_image_that_lent_its_style_as_well(project):
    found = trace(project, an_image(project, "results/style_transfer"))
    assert [line.split()[0] for line in found.details[1:]] == ["sketch", "color"]
    assert "(train)" in found.details[2]


def test_a_file_is_found_by_content_wherever_it_lies(project, tmp_path):
    image = an_image(project)
    away = shutil.copy(project / image, tmp_path / "from-a-mail.png")
    assert trace(project, str(away)).subject == image


def test_an_image_of_the_data_set_shows_its_own_row(project):
    image = an_image(project, "data/clean/boxes/train/color")
    found = trace(project, image)
    assert found.details[1].startswith("color ")
    assert "color/boxes" in found.details[1]
    assert sorted(made_by(found)) == ["clean", "ingest"]


def test_a_file_that_was_changed_leads_nowhere(project, tmp_path):
    (project / an_image(project)).write_text("something else")
    with pytest.raises(UserError, match=r"differs from its version in dvc\.lock"):
        trace(project, an_image(project))
    (tmp_path / "other.png").write_text("never made here")
    with pytest.raises(UserError, match=r"no output in dvc\.lock holds this file"):
        trace(project, str(tmp_path / "other.png"))


def test_a_run_of_another_experiment_is_traced_by_the_beginning_of_its_id(project):
    (run,) = runs(project, "tags.stage = 'evaluate' and params.dataset = 'cups'")[1]
    found = trace(project, run.info.run_id[:12])
    assert found.subject == f"run {run.info.run_id}"
    assert found.complete
    assert {each.params["dataset"] for each in made_by(found).values()} == {"cups"}


def test_a_metric_leads_back_and_is_shown_by_file_and_record(project):
    value = json.loads((project / "reports/evaluate/metrics.json").read_text())["cyclegan"]["kid"]["value"]
    for subject in ("evaluate/cyclegan/kid", "reports/evaluate/metrics.json:cyclegan.kid"):
        found = trace(project, subject)
        assert found.subject == "evaluate/cyclegan/kid"
        assert [line.split()[0] for line in found.details] == [str(value), str(value)]
        assert found.node.stage == "evaluate"
    with pytest.raises(UserError, match="has no metric cyclegan/fid; it has cyclegan/kid"):
        trace(project, "evaluate/cyclegan/fid")


def test_a_lost_run_is_shown_as_a_gap(project):
    client, (run, *_) = runs(project, "tags.stage = 'train_cyclegan' and params.dataset = 'boxes'")
    client.delete_run(run.info.run_id)
    found = trace(project, an_image(project))
    assert not found.complete
    (broken,) = (each for each in found.node.ancestors() if each.gap)
    assert (broken.path, broken.stage) == ("models/cyclegan", "train_cyclegan")
    assert "THE LINEAGE IS INCOMPLETE: no run in the record made this; only dvc.lock" in found.to_text()
    assert "data/sources/boxes" in [each.path for each in found.node.ancestors()]


def test_without_lock_and_run_the_chain_ends_there(project):
    client, (run,) = runs(project, "tags.stage = 'train_cyclegan' and params.dataset = 'cups'")
    client.delete_run(run.info.run_id)
    (evaluation,) = runs(project, "tags.stage = 'evaluate' and params.dataset = 'cups'")[1]
    gaps = {
        each.path: each.gap for each in trace(project, evaluation.info.run_id).node.ancestors() if each.gap
    }
    assert gaps == {"models/cyclegan": "no run in the record made this, nor does dvc.lock name it"}


def colored(model, path):
    """A file as ``colorize`` writes it with the model in this folder."""
    contents = {each.name: each.read_bytes() for each in sorted(model.iterdir())}
    record = Record(
        sketch="a" * 64, request={"palette": ["#0000ff"], "variant": 2}, **describe_model(contents)
    )
    image = imaging.encode_png(np.zeros((4, 4, 3), np.uint8))
    path.write_bytes(sign_png(image, f"place {record.to_json(None)}"))
    return path, record


def test_a_result_of_colorize_leads_to_its_request_and_the_run_that_made_the_model(project, tmp_path):
    result, record = colored(project / "models" / "cyclegan", tmp_path / "kettle.png")
    now = trace(project, str(result))
    assert now.complete
    assert now.node.details == [
        f"sketch sha256 {'a' * 64}",
        f"model sha256 {record.model}",
        "request: palette #0000ff; variant 2",
    ]
    assert set(made_by(now)) == {"train_cyclegan", "clean", "ingest"}
    assert "registered as sketch2color version 3" in now.to_text()
    go_to(project, "HEAD~2")  # whose dvc.lock names another model
    assert made_by(trace(project, str(result)))["train_cyclegan"].id == made_by(now)["train_cyclegan"].id
    shutil.rmtree(project / ".dvc" / "cache")  # the registry knows the model's files as well
    before = trace(project, str(result))
    assert made_by(before)["train_cyclegan"].id == made_by(now)["train_cyclegan"].id


def test_a_result_of_an_unknown_model_or_far_from_a_checkout_shows_its_record(project, tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    result, _ = colored(model, tmp_path / "kettle.png")
    for root, reason in ((project, "no run in the record made this model"), (tmp_path, "is no DVC project")):
        found = trace(root, str(result))
        assert not found.complete
        assert "request: palette #0000ff; variant 2" in found.to_text()
        assert f"THE LINEAGE IS INCOMPLETE: {reason}" in found.to_text().replace(f"{root} ", "")
    with pytest.raises(UserError, match="is no DVC project"):
        trace(tmp_path, str(model / "config.json"))


def test_a_result_of_the_model_that_comes_along_needs_no_checkout(project, tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    for name in ("config.json", "sketch_to_color.safetensors"):
        shutil.copy(BUNDLED / name, model)
    result, _ = colored(model, tmp_path / "kettle.png")
    for root in (project, tmp_path):
        found = trace(root, str(result))
        assert found.complete
        assert "<- the model that comes with sketch2color" in found.to_text()


def test_nonsense_is_one_line(project):
    with pytest.raises(UserError, match="is no file, run or metric"):
        trace(project, "deadbeef")


@pytest.mark.parametrize("content", [b"- a list", b"a: [", b"\xff", b"[" * 9000, b"text"], ids=range(5))
def test_a_damaged_source_says_nothing(content, monkeypatch):
    for name in ("read", "logged"):
        monkeypatch.setattr(Contents, name, lambda *_: content)
    assert Contents(None, None).describe_source("data/sources/x", {"data/raw/x": "1.dir"}) == []


def test_a_device_is_one_line(project):
    with pytest.raises(UserError, match="/dev/zero is a device or a pipe: name a file"):
        trace(project, "/dev/zero")
