import json

import mlflow
import pytest
from tests.provenance import history

from sketch2color.errors import UserError
from sketch2color.provenance.diff import diff

pytestmark = pytest.mark.slow


def run_of(root, stage, rate):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    experiments = [each.experiment_id for each in client.search_experiments()]
    chosen = f"tags.stage = '{stage}' and params.dataset = 'boxes'"
    return client, next(
        run
        for run in client.search_runs(experiments, chosen)
        if run.data.params.get("train_cyclegan.learning_rate", rate) == rate
    )


def test_nothing_differs_from_itself(project):
    assert diff(project, "HEAD", ".").to_text() == "HEAD -> .\nno differences\n"


def test_parameters_and_scores_with_their_intervals(project):
    found = diff(project, "HEAD~2", ".")
    assert found.params == {"train_cyclegan.learning_rate": (0.0005, 0.25)}
    assert (found.data_sets, found.code, found.environment) == ({}, [], {})
    before, now = found.metrics["evaluate/cyclegan/kid"]
    measured = json.loads((project / "reports/evaluate/metrics.json").read_text())["cyclegan"]["kid"]
    assert (now.value, now.low, now.high, now.n) == tuple(
        measured[key] for key in ("value", "low", "high", "n")
    )
    text = found.to_text()
    assert f"[{before.low:.6g}, {before.high:.6g}] n=2 -> {now.value:.6g} [" in text


def test_another_data_set_is_other_images(project):
    found = diff(project, "HEAD~1", "HEAD")
    assert found.params["dataset"] == ("cups", "boxes")
    assert (len(found.images["added"]), len(found.images["removed"])) == (12, 12)
    assert any("color/boxes0.png" in line for line in found.images["added"])


def test_images_added_removed_changed_and_split_anew(project, monkeypatch):
    images = project / "data/sources/boxes/images/color"
    (images / "boxes9.png").write_text("one more")
    (images / "boxes0.png").unlink()
    (images / "boxes1.png").write_text("painted over")
    split = project / "pipeline/ingest.py"
    split.write_text(
        split.read_text().replace('"train", "val", "test", "test"', '"val", "train", "test", "test"')
    )
    history.set_params(project, clean__fit="crop")
    history.reproduce(project, monkeypatch, targets=["clean"])
    found = diff(project, "HEAD", ".")
    named = {
        kind: sorted(line.split()[-1] for line in found.images[kind])
        for kind in ("added", "removed", "changed")
    }
    assert named == {
        "added": ["color/boxes9.png"],
        "removed": ["color/boxes0.png"],
        "changed": ["color/boxes1.png"],
    }
    assert sorted(line.split(" ", 2)[2] for line in found.images["split"]) == [
        f"{domain}/boxes{number}.png: {before} -> {now}"
        for domain in ("color", "sketch")
        for number, before, now in ((2, "train", "val"), (3, "val", "train"))
    ]
    assert len(found.images["cleaned"]) == 10  # another fit gives each image that stayed other bytes
    assert found.code == ["pipeline/ingest.py"]
    assert found.params == {"clean.fit": ("pad", "crop")}


def test_code_is_named_by_its_files(project):
    work = project / "src/work.py"
    work.write_text(work.read_text() + "# edited\n")
    assert diff(project, "HEAD", ".").code == ["src/work.py"]


def test_runs_are_compared_by_what_the_record_says(project):
    client, before = run_of(project, "evaluate", "0.0005")
    _, training = run_of(project, "train_cyclegan", "0.25")
    client.set_tag(training.info.run_id, "env.torch", "9.9")
    first, *_ = (
        run
        for run in client.search_runs(
            [before.info.experiment_id], "tags.stage = 'evaluate'", order_by=["start_time"]
        )
    )
    found = diff(project, first.info.run_id[:12], "HEAD")
    assert found.params == {"train_cyclegan.learning_rate": (0.0005, 0.25)}
    assert found.environment == {"train_cyclegan.torch": (training.data.tags["env.torch"], "9.9")}
    assert set(found.metrics) == {
        "evaluate/cyclegan/kid",
        "train_cyclegan/gan",
        "train_cyclegan/val_kid_chosen",
    }


def test_a_name_that_stands_for_nothing_is_one_line(project):
    with pytest.raises(UserError, match="no-such-name is no git revision, no DVC experiment"):
        diff(project, "no-such-name", ".")
    with pytest.raises(UserError, match=r"has no dvc\.lock"):
        diff(project, "HEAD~3", ".")
