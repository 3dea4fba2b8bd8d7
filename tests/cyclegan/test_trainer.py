import copy
from functools import partial
from pathlib import Path

import pytest
import torch
import yaml
from lightning_fabric import Fabric
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.data import Batch
from sketch2color.cyclegan.losses import Networks
from sketch2color.cyclegan.processes import launch
from sketch2color.cyclegan.train import build
from sketch2color.cyclegan.trainer import Trainer, learning_rate
from sketch2color.models.palette import palette

PRESETS = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))["presets"]
SMALL = TrainCyclegan(generator="multiply", generator_width=8, discriminator_width=4, pool_size=2, threads=1)


def batch(seed: int, samples: int = 1) -> Batch:
    random = torch.Generator().manual_seed(seed)
    sketch, color = (torch.rand(samples, 3, 64, 64, generator=random) * 2 - 1 for _ in range(2))
    return Batch(sketch, color)


def begun(params: TrainCyclegan, steps: int) -> Trainer:
    return Trainer(launch(params), build(params, seed=1), params, steps, seed=1)


def trained(params: TrainCyclegan, steps: int) -> Trainer:
    trainer = begun(params, steps)
    for step in range(steps):
        trainer.step(step, batch(step))
    return trainer


def weights(networks: torch.nn.Module) -> list[torch.Tensor]:
    return [weight.detach().clone() for weight in networks.parameters()]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_two_runs_end_with_the_same_bits(precision):
    params = TrainCyclegan(**{**vars(SMALL), "precision": precision})
    first, second = trained(params, 3), trained(params, 3)
    assert all(map(torch.equal, weights(first.networks), weights(second.networks)))


def test_a_step_trains_all_four_networks():
    trainer = begun(SMALL, 4)
    before = copy.deepcopy(trainer.networks)
    trainer.step(0, batch(0))
    for name, network in trainer.networks.named_children():
        assert any(
            not torch.equal(old, new)
            for old, new in zip(weights(getattr(before, name)), weights(network), strict=True)
        ), name


def test_the_generators_step_leaves_discriminators_without_gradients():
    trainer = begun(SMALL, 4)
    before = weights(trainer.discriminators)
    trainer._train_generators(0, batch(0))
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


@pytest.mark.parametrize("preset", PRESETS)
def test_a_step_waits_for_no_device_and_mixes_none(preset, monkeypatch):
    """On torch's device without memory nothing can be read, nor calculated with what lies on another."""
    monkeypatch.setattr(Fabric, "device", property(lambda _: torch.device("meta")))
    params = TrainCyclegan(**{**PRESETS[preset]["train_cyclegan"], "threads": 1, "pool_size": 1})
    trainer = begun(params, 8)
    trainer.optimizers = [  # Adam in one piece is not made for that device
        torch.optim.Adam(networks.parameters()) for networks in (trainer.generators, trainer.discriminators)
    ]
    for step in range(4):  # with identity and without, the pools full and in use
        seen = batch(step).to(trainer.fabric.device)
        with Apart():
            terms = trainer.step(step, seen)
        assert {term.device.type for term in terms.values()} == {"meta"}


def test_identity_is_taken_at_every_nth_step():
    params = TrainCyclegan(**{**vars(SMALL), "identity_every": 2})
    trainer = begun(params, 4)
    assert ["identity" in trainer.step(step, batch(step)) for step in range(4)] == [True, False, True, False]


def test_averaged_weights_follow_slowly():
    params = TrainCyclegan(**{**vars(SMALL), "average_decay": 0.9})
    networks: Networks = build(params, seed=1)
    start = weights(networks.generators())
    trainer = Trainer(launch(params), networks, params, 2, seed=1)
    trainer.step(0, batch(0))
    for old, new, averaged in zip(start, weights(trainer.generators), weights(trainer.averaged), strict=True):
        assert torch.allclose(averaged, 0.9 * old + 0.1 * new, atol=1e-7)


def test_without_averaging_the_last_weights_are_kept():
    trainer = begun(SMALL, 2)
    assert trainer.averaged is trainer.generators


def test_the_learning_rate_reaches_the_optimizers():
    trainer = trained(SMALL, 4)
    rates = {group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups}
    assert rates == {learning_rate(3, 4, 2e-4)} == {1e-4}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_training_goes_on_from_its_state_to_the_same_bits(precision):
    params = TrainCyclegan(**{**vars(SMALL), "precision": precision, "average_decay": 0.9})
    undisturbed, first, second = trained(params, 6), begun(params, 6), begun(params, 6)
    for step in range(3):
        first.step(step, batch(step))
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for step in range(3, 6):
        second.step(step, batch(step))
    for name in ("networks", "averaged"):
        ends = weights(getattr(undisturbed, name)), weights(getattr(second, name))
        assert all(map(torch.equal, *ends)), name


@pytest.mark.parametrize("left_out", ["averaged", "optimizers", "sketch_pool", "color_pool", "random"])
def test_each_part_of_the_state_is_needed(left_out):
    params = TrainCyclegan(**{**vars(SMALL), "average_decay": 0.9, "pool_size": 1})
    undisturbed, first, second = trained(params, 8), begun(params, 8), begun(params, 8)
    for step in range(3):
        first.step(step, batch(step))
    second.load_state_dict(copy.deepcopy({**first.state_dict(), left_out: second.state_dict()[left_out]}))
    for step in range(3, 8):
        second.step(step, batch(step))
    ends = [weights(trainer.networks) + weights(trainer.averaged) for trainer in (undisturbed, second)]
    assert not all(map(torch.equal, *ends))


def test_it_tells_whether_all_weights_are_finite():
    trainer = begun(SMALL, 2)
    assert trainer.is_finite()
    next(trainer.networks.color_discriminator.parameters()).data[0] = float("nan")
    assert not trainer.is_finite()


def test_a_step_of_the_published_networks_is_the_textbooks():
    """Zhu et al. 2017: all terms written out, one pass an image, and Adam's first step by hand."""
    params = TrainCyclegan(threads=1)
    trainer, plain = begun(params, 10), build(params, seed=1)
    a, b = batch(0).sketch, batch(0).color
    terms = trainer.step(0, batch(0))

    to_color, to_sketch = (partial(each, condition=palette(b)) for each in plain.generators())
    fake_b, fake_a = to_color(a), to_sketch(b)
    scores = plain.color_discriminator(fake_b), plain.sketch_discriminator(fake_a)
    assert fake_b.shape == (1, 3, 64, 64)
    assert scores[0].shape == (1, 1, 6, 6)
    gan = sum(((score - 1) ** 2).mean() for score in scores)
    cycle = 10 * ((to_sketch(fake_b) - a).abs().mean() + (to_color(fake_a) - b).abs().mean())
    identity = 5 * ((to_color(b) - b).abs().mean() + (to_sketch(a) - a).abs().mean())
    first = plain.sketch_to_color.layers[1].weight
    (gradient,) = torch.autograd.grad(gan + cycle + identity, [first])
    discriminators = [
        (discriminator(real) - 1).square().mean() + discriminator(fake.detach()).square().mean()
        for discriminator, real, fake in (
            (plain.sketch_discriminator, a, fake_a),
            (plain.color_discriminator, b, fake_b),
        )
    ]
    expected = {"gan": gan, "cycle": cycle, "identity": identity, "discriminator": sum(discriminators) / 2}
    assert set(terms) == set(expected)
    for name, value in expected.items():
        assert terms[name].item() == pytest.approx(value.item(), rel=1e-4), name
    # Adam's first step goes by the rate against the gradient's sign, but where that is next to nothing.
    moved = trainer.networks.sketch_to_color.layers[1].weight.detach() - first.detach()
    clear = gradient.abs() > 1e-3 * gradient.abs().max()
    assert clear.float().mean() > 0.9
    assert torch.allclose(moved[clear], -2e-4 * gradient[clear].sign(), rtol=1e-2)
