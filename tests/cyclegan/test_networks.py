import pytest
import torch

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan import networks as module
from sketch2color.cyclegan.networks import build, compile_if_long
from sketch2color.cyclegan.runtime import launch
from sketch2color.models.palette import PALETTE

PARAMS = TrainCyclegan(generator="resnet", generator_width=4, discriminator_width=4, threads=1)


def compiled(networks) -> bool:
    return all(
        network._compiled_call_impl is not None for pair in networks.children() for network in pair.children()
    )


@pytest.mark.slow
@pytest.mark.parametrize(("samples", "long"), [(1, False), (10**9, True)])
def test_long_trainings_are_compiled_and_short_ones_not(samples, long):
    networks = build(PARAMS, seed=0)
    names = list(networks.state_dict())
    assert compile_if_long(launch(PARAMS), networks, 64, samples) is long
    assert compiled(networks) is long
    assert list(networks.state_dict()) == names


@pytest.mark.slow
def test_an_hour_of_the_small_generator_is_not_compiled_and_the_published_training_is():
    lite = TrainCyclegan(generator="multiply", generator_width=24)
    published = TrainCyclegan()
    for params, samples, long in ((lite, 10_000, False), (published, 20_000, True)):
        work = samples * module.GENERATOR_PASSES * module._flop(build(params, seed=0), 256)
        assert (work > module.MIN_FLOP_TO_COMPILE) is long


def test_without_a_compiler_it_says_so_and_continues(monkeypatch, capsys):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    networks = build(PARAMS, seed=0)
    assert not compile_if_long(launch(PARAMS), networks, 64, 10**9)
    assert not compiled(networks)
    assert "no C++ compiler found" in capsys.readouterr().out


@pytest.mark.slow
def test_compiled_networks_give_the_same_up_to_rounding(monkeypatch):
    networks, plain = build(PARAMS, seed=0), build(PARAMS, seed=0)
    assert compile_if_long(launch(PARAMS), networks, 64, 10**9)
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    colored = [
        each.generators.sketch_to_color(image, torch.zeros(1, PALETTE)).detach() for each in (networks, plain)
    ]
    assert torch.allclose(*colored, atol=1e-5)
