import csv
import json
import os
import shutil
import signal

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.cyclegan.trainings import image, results, write_clean

from sketch2color import imaging
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.checkpoints import Checkpoints
from sketch2color.cyclegan.selection import Choice
from sketch2color.cyclegan.train import train
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.errors import UserError

SMALL = {
    "epochs": 2,
    "batch_size": 2,
    "generator_width": 8,
    "discriminator_width": 4,
    "pool_size": 2,
    "identity_every": 2,
    "threads": 1,
}


@pytest.fixture
def clean(tmp_path):
    write_clean(tmp_path / "clean")
    return tmp_path / "clean"


class Told:
    """Takes what a training tells; asks it to stop after ``stop`` steps."""

    def __init__(self, stop=None):
        self.figures = []
        self.stop = stop

    def metrics(self, values, step=None):
        self.figures.append((step, dict(values)))
        if step is not None and step == self.stop:
            os.kill(os.getpid(), signal.SIGTERM)

    def files(self, *paths):
        assert all(path.exists() for path in paths)


def run(clean, out, log=None, **values):
    log = log or Told()
    params = TrainCyclegan(**{**SMALL, **values})
    metrics = train(clean, out / "models", out / "report", out / "scratch", params, 5, log)
    return metrics, log.figures


@pytest.mark.parametrize("generator", ["multiply", "resnet"])
def test_two_trainings_write_the_same_bytes(clean, tmp_path, generator):
    for name in ("first", "second"):
        run(clean, tmp_path / name, generator=generator, average_decay=0.9)
    first, second = results(tmp_path / "first"), results(tmp_path / "second")
    assert first == second
    generator = ["color_to_sketch.safetensors", "config.json", "sketch_to_color.safetensors"]
    assert set(first) == {
        *(f"models/{folder}{name}" for folder in ("", "final/", "raw/") for name in generator),
        "models/color_discriminator.safetensors",
        "models/sketch_discriminator.safetensors",
        "report/losses.csv",
        "report/metrics.json",
        "report/samples/epoch_0001.png",
        "report/samples/epoch_0002.png",
        "report/val.csv",
    }


def test_what_training_tells_and_writes_agrees(clean, tmp_path):
    metrics, told = run(clean, tmp_path, generator="multiply")
    with (tmp_path / "report/losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    losses = [(step, values) for step, values in told if "cycle" in values]
    assert [int(row["step"]) for row in rows] == [step for step, _ in losses] == [2, 4]
    assert metrics == json.loads((tmp_path / "report/metrics.json").read_text())
    assert metrics["steps"] == 4
    assert metrics["cycle"] == losses[-1][1]["cycle"] == pytest.approx(float(rows[-1]["cycle"]), rel=1e-5)


def test_the_trained_model_colours(clean, tmp_path):
    run(clean, tmp_path, generator="multiply", precision="bf16")
    sketch = image(1, (255, 255, 255))
    colored = Colorizer.load(tmp_path / "models").colorize(sketch)
    assert colored.shape == sketch.shape
    assert not np.array_equal(colored, sketch)


def test_an_epoch_can_be_of_any_length(clean, tmp_path):
    metrics, _ = run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert metrics["steps"] == 2


def test_val_chooses_among_the_epochs_and_both_are_reported(clean, tmp_path):
    metrics, told = run(clean, tmp_path, generator="multiply", choose_every=1, average_decay=0.9)
    scores = {step: values["val_kid"] for step, values in told if "val_kid" in values}
    assert list(scores) == [2, 4]
    assert metrics["val_kid_final"] == scores[4]
    assert metrics["val_kid_chosen"] == min(scores.values()) == scores[metrics["chosen_step"]]
    models = tmp_path / "models"
    chosen, final, raw = (
        (models / folder / "sketch_to_color.safetensors").read_bytes() for folder in (".", "final", "raw")
    )
    assert (chosen == final) == (metrics["chosen_step"] == 4)
    assert final != raw


def test_each_way_of_the_trained_generators_can_be_loaded(clean, tmp_path):
    run(clean, tmp_path, generator="multiply", average_decay=0.9)
    sketch = image(1, (255, 255, 255))
    colored = [Colorizer.load(tmp_path / "models" / name).colorize(sketch) for name in (".", "final", "raw")]
    assert not np.array_equal(colored[1], colored[2])


def test_stopped_by_a_signal_it_saves_and_goes_on_to_the_same_bytes(clean, tmp_path):
    values = {"generator": "multiply", "epochs": 4, "average_decay": 0.9, "choose_every": 1}
    run(clean, tmp_path / "undisturbed", **values)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(UserError, match="stopped by SIGTERM after step 4 of 8: run the same again"):
        run(clean, tmp_path / "stopped", Told(stop=4), **values)
    assert signal.getsignal(signal.SIGTERM) is before
    shutil.rmtree(tmp_path / "stopped/report")  # as DVC does with a stage's outputs
    run(clean, tmp_path / "stopped", **values)
    assert results(tmp_path / "stopped") == results(tmp_path / "undisturbed")


def test_a_checkpoint_of_another_configuration_is_refused(clean, tmp_path):
    run(clean, tmp_path, generator="multiply")
    with pytest.raises(UserError, match=r"another training \(cycle_weight: 10.0, here 9.0\)"):
        run(clean, tmp_path, generator="multiply", cycle_weight=9.0)


def test_a_checkpoint_of_other_images_is_refused(clean, tmp_path):
    run(clean, tmp_path, generator="multiply")
    imaging.write_png(clean / "train/color/0.png", image(2, (1, 2, 3)))
    with pytest.raises(UserError, match=r"another training \(images: "):
        run(clean, tmp_path, generator="multiply")


def test_without_val_there_are_no_samples(clean, tmp_path):
    for path in (clean / "val").rglob("*.png"):
        path.unlink()
    run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert not (tmp_path / "report/samples").exists()


def test_a_loss_that_explodes_stops_the_training(clean, tmp_path):
    with pytest.raises(UserError, match=r"step 1 of 4: the cycle loss is inf; .* there is no checkpoint yet"):
        run(clean, tmp_path, generator="multiply", cycle_weight=1e39)


def test_an_empty_domain_stops_it_before_anything_is_written(clean, tmp_path):
    for path in (clean / "train/color").glob("*.png"):
        path.unlink()
    with pytest.raises(UserError, match="has no image"):
        run(clean, tmp_path)
    assert not (tmp_path / "models").exists()


def test_what_val_chose_is_what_is_written(clean, tmp_path, monkeypatch):
    scores = iter([0.1, 0.2])
    monkeypatch.setattr(Choice, "_score", lambda choice, painted: {"kid": next(scores)})
    metrics, _ = run(clean, tmp_path, generator="multiply", choose_every=1)
    assert metrics["chosen_step"] == 2
    scores = iter([0.1])
    with pytest.raises(UserError, match="stopped by SIGTERM after step 2"):
        run(clean, tmp_path / "half", Told(stop=2), generator="multiply", choose_every=1)
    kept = Checkpoints(tmp_path / "half/scratch", {}).last()
    weights = load_file(tmp_path / "models/sketch_to_color.safetensors")
    final = load_file(tmp_path / "models/final/sketch_to_color.safetensors")
    then = torch.load(kept, weights_only=True)["state"]["record"]["choice"]["weights"]
    assert all(torch.equal(then[f"0.{name}"], weights[name]) for name in weights if name != "palettes")
    assert not all(torch.equal(final[name], weights[name]) for name in weights)


def test_weights_that_are_not_finite_are_neither_kept_nor_written(clean, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "is_finite", lambda trainer: False)
    with pytest.raises(UserError, match=r"step 4 of 4: a weight is not finite; .* no checkpoint yet"):
        run(clean, tmp_path, generator="multiply")
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "scratch").exists()


def test_losses_between_two_rows_outlive_a_stop(clean, tmp_path):
    values = {"generator": "multiply", "epochs": 4, "choose_every": 1, "identity_every": 4}
    run(clean, tmp_path / "undisturbed", **values)
    with pytest.raises(UserError, match="after step 6 of 8"):  # rows end at 4 and 8
        run(clean, tmp_path / "stopped", Told(stop=6), **values)
    run(clean, tmp_path / "stopped", **values)
    assert results(tmp_path / "stopped") == results(tmp_path / "undisturbed")
