import copy
import csv
import json
import os
import shutil
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from lightning_fabric import Fabric
from safetensors.torch import load_file
from tests.cyclegan.trainings import image, results, write_clean
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sketch2color import imaging
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.checkpoint import Checkpoints
from sketch2color.cyclegan.data import Batch
from sketch2color.cyclegan.networks import Networks, build
from sketch2color.cyclegan.runtime import launch
from sketch2color.cyclegan.selection import CheckpointSelector
from sketch2color.cyclegan.train import Trainer, learning_rate, train
from sketch2color.errors import UserError
from sketch2color.models.palette import palette

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


class Log:
    """Takes what a training logs; asks it to stop after ``stop`` steps."""

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
    log = log or Log()
    params = TrainCyclegan(**SMALL).model_copy(update=values)  # also values out of bounds
    metrics = train(clean, out / "models", out / "report", out / "scratch", params, 5, log)
    return metrics, log.figures


@pytest.mark.slow
@pytest.mark.parametrize("generator", ["multiply", "resnet"])
def test_two_trainings_are_byte_identical(clean, tmp_path, generator):
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


@pytest.mark.slow
def test_what_training_logs_and_writes_agrees(clean, tmp_path):
    metrics, logged = run(clean, tmp_path, generator="multiply")
    with (tmp_path / "report/losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    losses = [(step, values) for step, values in logged if "cycle" in values]
    assert [int(row["step"]) for row in rows] == [step for step, _ in losses] == [2, 4]
    assert metrics == json.loads((tmp_path / "report/metrics.json").read_text())
    assert metrics["steps"] == 4
    assert metrics["cycle"] == losses[-1][1]["cycle"] == pytest.approx(float(rows[-1]["cycle"]), rel=1e-5)


@pytest.mark.slow
def test_the_trained_model_colours(clean, tmp_path):
    run(clean, tmp_path, generator="multiply", precision="bf16")
    sketch = image(1, (255, 255, 255))
    colored = Colorizer.load(tmp_path / "models").colorize(sketch)
    assert colored.shape == sketch.shape
    assert not np.array_equal(colored, sketch)


@pytest.mark.slow
def test_an_epoch_can_be_of_any_length(clean, tmp_path):
    metrics, _ = run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert metrics["steps"] == 2


@pytest.mark.slow
def test_val_chooses_among_the_epochs_and_both_are_reported(clean, tmp_path):
    metrics, logged = run(clean, tmp_path, generator="multiply", choose_every=1, average_decay=0.9)
    scores = {step: values["val_kid"] for step, values in logged if "val_kid" in values}
    assert list(scores) == [2, 4]
    assert metrics["val_kid_final"] == scores[4]
    assert metrics["val_kid_chosen"] == min(scores.values()) == scores[metrics["chosen_step"]]
    models = tmp_path / "models"
    chosen, final, raw = (
        (models / folder / "sketch_to_color.safetensors").read_bytes() for folder in (".", "final", "raw")
    )
    assert (chosen == final) == (metrics["chosen_step"] == 4)
    assert final != raw


@pytest.mark.slow
def test_each_folder_of_generators_can_be_loaded(clean, tmp_path):
    run(clean, tmp_path, generator="multiply", average_decay=0.9)
    sketch = image(1, (255, 255, 255))
    colored = [Colorizer.load(tmp_path / "models" / name).colorize(sketch) for name in (".", "final", "raw")]
    assert not np.array_equal(colored[1], colored[2])


@pytest.mark.slow
def test_stopped_by_a_signal_it_resumes_and_ends_byte_identical(clean, tmp_path):
    values = {"generator": "multiply", "epochs": 4, "average_decay": 0.9, "choose_every": 1}
    run(clean, tmp_path / "undisturbed", **values)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(UserError, match="stopped by SIGTERM after step 4 of 8: run the same again"):
        run(clean, tmp_path / "stopped", Log(stop=4), **values)
    assert signal.getsignal(signal.SIGTERM) is before
    shutil.rmtree(tmp_path / "stopped/report")  # as DVC does with a stage's outputs
    run(clean, tmp_path / "stopped", **values)
    assert results(tmp_path / "stopped") == results(tmp_path / "undisturbed")


@pytest.mark.slow
def test_a_checkpoint_of_another_configuration_is_refused(clean, tmp_path):
    run(clean, tmp_path, generator="multiply")
    with pytest.raises(UserError, match=r"another training \(cycle_weight: 10.0, here 9.0\)"):
        run(clean, tmp_path, generator="multiply", cycle_weight=9.0)


@pytest.mark.slow
def test_a_checkpoint_of_other_images_is_refused(clean, tmp_path):
    run(clean, tmp_path, generator="multiply")
    imaging.write_png(clean / "train/color/0.png", image(2, (1, 2, 3)))
    with pytest.raises(UserError, match=r"another training \(images: "):
        run(clean, tmp_path, generator="multiply")


@pytest.mark.slow
def test_without_val_there_are_no_samples(clean, tmp_path):
    for path in (clean / "val").rglob("*.png"):
        path.unlink()
    run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert not (tmp_path / "report/samples").exists()


@pytest.mark.slow
def test_a_loss_that_explodes_stops_the_training(clean, tmp_path):
    with pytest.raises(UserError, match=r"step 1 of 4: the cycle loss is inf; .* there is no checkpoint yet"):
        run(clean, tmp_path, generator="multiply", cycle_weight=1e39)


@pytest.mark.slow
def test_an_empty_domain_stops_it_before_anything_is_written(clean, tmp_path):
    for path in (clean / "train/color").glob("*.png"):
        path.unlink()
    with pytest.raises(UserError, match="has no image"):
        run(clean, tmp_path)
    assert not (tmp_path / "models").exists()


@pytest.mark.slow
def test_the_weights_selected_on_val_are_written(clean, tmp_path, monkeypatch):
    scores = iter([0.1, 0.2])
    monkeypatch.setattr(CheckpointSelector, "_score", lambda selector, colorized: next(scores))
    metrics, _ = run(clean, tmp_path, generator="multiply", choose_every=1)
    assert metrics["chosen_step"] == 2
    scores = iter([0.1])
    with pytest.raises(UserError, match="stopped by SIGTERM after step 2"):
        run(clean, tmp_path / "half", Log(stop=2), generator="multiply", choose_every=1)
    kept = Checkpoints(tmp_path / "half/scratch", {}).last()
    weights = load_file(tmp_path / "models/sketch_to_color.safetensors")
    final = load_file(tmp_path / "models/final/sketch_to_color.safetensors")
    then = torch.load(kept, weights_only=True)["state"]["logger"]["selector"]["weights"]
    assert all(
        torch.equal(then[f"sketch_to_color.{name}"], weights[name]) for name in weights if name != "palettes"
    )
    assert not all(torch.equal(final[name], weights[name]) for name in weights)


@pytest.mark.slow
def test_weights_that_are_not_finite_are_neither_kept_nor_written(clean, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "is_finite", lambda trainer: False)
    with pytest.raises(UserError, match=r"step 4 of 4: a weight is not finite; .* no checkpoint yet"):
        run(clean, tmp_path, generator="multiply")
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "scratch").exists()


@pytest.mark.slow
def test_losses_between_two_rows_outlive_a_stop(clean, tmp_path):
    values = {"generator": "multiply", "epochs": 4, "choose_every": 1, "identity_every": 4}
    run(clean, tmp_path / "undisturbed", **values)
    with pytest.raises(UserError, match="after step 6 of 8"):  # rows end at 4 and 8
        run(clean, tmp_path / "stopped", Log(stop=6), **values)
    run(clean, tmp_path / "stopped", **values)
    assert results(tmp_path / "stopped") == results(tmp_path / "undisturbed")


PRESETS = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))["presets"]
TINY = TrainCyclegan(generator="multiply", generator_width=8, discriminator_width=4, pool_size=2, threads=1)


def batch(seed: int, samples: int = 1) -> Batch:
    random = torch.Generator().manual_seed(seed)
    sketch, color = (torch.rand(samples, 3, 64, 64, generator=random) * 2 - 1 for _ in range(2))
    return Batch(sketch, color)


def trainer_of(params: TrainCyclegan, steps: int) -> Trainer:
    return Trainer(launch(params), build(params, seed=1), params, steps, seed=1)


def train_steps(params: TrainCyclegan, steps: int) -> Trainer:
    trainer = trainer_of(params, steps)
    for step in range(steps):
        trainer.run_step(step, batch(step))
    return trainer


def weights(networks: torch.nn.Module) -> list[torch.Tensor]:
    return [weight.detach().clone() for weight in networks.parameters()]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_two_runs_end_with_the_same_bits(precision):
    params = TrainCyclegan(**{**vars(TINY), "precision": precision})
    first, second = train_steps(params, 3), train_steps(params, 3)
    assert all(map(torch.equal, weights(first.networks), weights(second.networks)))


def test_a_step_trains_all_four_networks():
    trainer = trainer_of(TINY, 4)
    before = copy.deepcopy(trainer.networks)
    trainer.run_step(0, batch(0))
    for name in ("generators", "discriminators"):
        pairs = getattr(before, name).children(), getattr(trainer, name).children()
        for old, new in zip(*pairs, strict=True):
            assert not all(map(torch.equal, weights(old), weights(new))), name


def test_the_generators_step_leaves_discriminators_without_gradients():
    trainer = trainer_of(TINY, 4)
    before = weights(trainer.discriminators)
    trainer.train_generators(0, batch(0))
    assert all(map(torch.equal, before, weights(trainer.discriminators)))
    assert all(weight.grad is None for weight in trainer.discriminators.parameters())
    assert all(weight.requires_grad for weight in trainer.discriminators.parameters())


class Apart(TorchDispatchMode):
    """Lets no operation take tensors of two devices: what is copied on the quiet is waited for."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        taken = tree_leaves([args, kwargs])
        devices = {value.device.type for value in taken if isinstance(value, torch.Tensor)}
        assert len(devices) < 2, func
        return func(*args, **kwargs or {})


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_a_step_waits_for_no_device_and_mixes_none(preset, monkeypatch):
    """On torch's device without memory nothing can be read, nor calculated with what lies on another."""
    monkeypatch.setattr(Fabric, "device", property(lambda _: torch.device("meta")))
    params = TrainCyclegan(**{**PRESETS[preset]["train_cyclegan"], "threads": 1, "pool_size": 1})
    trainer = trainer_of(params, 8)
    trainer.optimizers = [  # Adam in one piece is not made for that device
        torch.optim.Adam(networks.parameters()) for networks in (trainer.generators, trainer.discriminators)
    ]
    for step in range(4):  # with identity and without, the pools full and in use
        seen = batch(step).to(trainer.fabric.device)
        with Apart():
            terms = trainer.run_step(step, seen)
        assert {term.device.type for term in terms.values()} == {"meta"}


def test_identity_is_taken_at_every_nth_step():
    params = TrainCyclegan(**{**vars(TINY), "identity_every": 2})
    trainer = trainer_of(params, 4)
    assert ["identity" in trainer.run_step(step, batch(step)) for step in range(4)] == [
        True,
        False,
        True,
        False,
    ]


def test_averaged_weights_follow_slowly():
    params = TrainCyclegan(**{**vars(TINY), "average_decay": 0.9})
    networks: Networks = build(params, seed=1)
    start = weights(networks.generators)
    trainer = Trainer(launch(params), networks, params, 2, seed=1)
    trainer.run_step(0, batch(0))
    for old, new, averaged in zip(start, weights(trainer.generators), weights(trainer.averaged), strict=True):
        assert torch.allclose(averaged, 0.9 * old + 0.1 * new, atol=1e-7)


def test_without_averaging_the_last_weights_are_kept():
    trainer = trainer_of(TINY, 2)
    assert trainer.averaged is trainer.generators


def test_the_learning_rate_reaches_the_optimizers():
    trainer = train_steps(TINY, 4)
    rates = {group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups}
    assert rates == {learning_rate(3, 4, 2e-4)} == {1e-4}


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_training_resumed_from_its_state_ends_byte_identical(precision):
    params = TrainCyclegan(**{**vars(TINY), "precision": precision, "average_decay": 0.9})
    undisturbed, first, second = train_steps(params, 6), trainer_of(params, 6), trainer_of(params, 6)
    for step in range(3):
        first.run_step(step, batch(step))
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for step in range(3, 6):
        second.run_step(step, batch(step))
    for name in ("networks", "averaged"):
        ends = weights(getattr(undisturbed, name)), weights(getattr(second, name))
        assert all(map(torch.equal, *ends)), name


@pytest.mark.slow
@pytest.mark.parametrize("left_out", ["averaged", "optimizers", "sketch_pool", "color_pool", "random"])
def test_each_part_of_the_state_is_needed(left_out):
    params = TrainCyclegan(**{**vars(TINY), "average_decay": 0.9, "pool_size": 1})
    undisturbed, first, second = train_steps(params, 8), trainer_of(params, 8), trainer_of(params, 8)
    for step in range(3):
        first.run_step(step, batch(step))
    second.load_state_dict(copy.deepcopy({**first.state_dict(), left_out: second.state_dict()[left_out]}))
    for step in range(3, 8):
        second.run_step(step, batch(step))
    ends = [weights(trainer.networks) + weights(trainer.averaged) for trainer in (undisturbed, second)]
    assert not all(map(torch.equal, *ends))


def test_weights_that_are_not_finite_are_found():
    trainer = trainer_of(TINY, 2)
    assert trainer.is_finite()
    next(trainer.discriminators.color.parameters()).data[0] = float("nan")
    assert not trainer.is_finite()


@pytest.mark.slow
def test_a_step_of_the_published_networks_is_the_textbooks():
    """Zhu et al. 2017: all terms written out, one pass an image, and Adam's first step by hand."""
    params = TrainCyclegan(threads=1)
    trainer, plain = trainer_of(params, 10), build(params, seed=1)
    a, b = batch(0).sketch, batch(0).color
    terms = trainer.run_step(0, batch(0))

    to_color, to_sketch = (partial(each, condition=palette(b)) for each in plain.generators.children())
    fake_b, fake_a = to_color(a), to_sketch(b)
    scores = plain.discriminators.color(fake_b), plain.discriminators.sketch(fake_a)
    assert fake_b.shape == (1, 3, 64, 64)
    assert scores[0].shape == (1, 1, 6, 6)
    gan = sum(((score - 1) ** 2).mean() for score in scores)
    cycle = 10 * ((to_sketch(fake_b) - a).abs().mean() + (to_color(fake_a) - b).abs().mean())
    identity = 5 * ((to_color(b) - b).abs().mean() + (to_sketch(a) - a).abs().mean())
    first = plain.generators.sketch_to_color.layers[1].weight
    (gradient,) = torch.autograd.grad(gan + cycle + identity, [first])
    discriminators = [
        (discriminator(real) - 1).square().mean() + discriminator(fake.detach()).square().mean()
        for discriminator, real, fake in (
            (plain.discriminators.sketch, a, fake_a),
            (plain.discriminators.color, b, fake_b),
        )
    ]
    expected = {"gan": gan, "cycle": cycle, "identity": identity, "discriminator": sum(discriminators) / 2}
    assert set(terms) == set(expected)
    for name, value in expected.items():
        assert terms[name].item() == pytest.approx(value.item(), rel=1e-4), name
    # Adam's first step goes by the rate against the gradient's sign, but where that is next to nothing.
    moved = trainer.generators.sketch_to_color.layers[1].weight.detach() - first.detach()
    clear = gradient.abs() > 1e-3 * gradient.abs().max()
    assert clear.float().mean() > 0.9
    assert torch.allclose(moved[clear], -2e-4 * gradient[clear].sign(), rtol=1e-2)
