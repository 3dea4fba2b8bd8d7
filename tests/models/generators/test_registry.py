import json
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file
from torch.utils.flop_counter import FlopCounterMode

from sketch2color.errors import UserError
from sketch2color.models.generators.base import Generator
from sketch2color.models.generators.registry import (
    CONFIG,
    GENERATORS,
    WEIGHTS,
    load_generator,
    save_generator,
)
from sketch2color.models.palette import PALETTE

PARAMS = Path(__file__).parents[3] / "params.yaml"


def save(folder, kind: str = "multiply") -> tuple[Generator, torch.Tensor]:
    torch.manual_seed(0)
    network, palettes = GENERATORS[kind](8), torch.rand(5, PALETTE)
    save_generator(folder, network, palettes, generator=kind, width=8, size=64)
    return network, palettes


@pytest.mark.parametrize("kind", GENERATORS)
def test_all_generators_have_one_interface(kind):
    image, palettes = torch.rand(2, 3, 64, 96) * 2 - 1, torch.rand(2, PALETTE)
    for network in (GENERATORS[kind](8), GENERATORS[kind].inverse(8)):
        translated = network(image, palettes)
        assert translated.shape == image.shape
        assert translated.abs().max() <= 1
        assert 64 % network.stride == 0


@pytest.mark.parametrize("kind", ["multiply", "resnet"])
def test_what_was_saved_is_loaded(tmp_path, kind):
    network, palettes = save(tmp_path, kind)
    loaded, loaded_palettes, size = load_generator(tmp_path)
    image, palette = torch.zeros(1, 3, 64, 64), palettes[:1]
    assert torch.equal(loaded(image, palette), network(image, palette))
    assert not loaded.training
    assert not any(weights.requires_grad for weights in loaded.parameters())
    assert torch.equal(loaded_palettes, palettes)
    assert size == 64


def test_equal_weights_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / name)
    for file in (CONFIG, WEIGHTS):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_missing_model_is_said(tmp_path):
    with pytest.raises(UserError, match="holds no trained model"):
        load_generator(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "config",
    [
        "no json",
        '{"generator": "other", "width": 8, "size": 64}',
        '{"generator": "multiply", "width": 16, "size": 64}',
        '{"generator": "multiply", "width": Infinity, "size": 64}',
        '{"generator": "multiply", "width": 8, "size": 0}',
        '{"generator": "multiply", "width": 8, "size": 63}',
        '{"generator": "multiply", "width": 8, "size": 32}',
        '{"generator": "multiply", "width": 8, "size": 1000000000}',
        '{"generator": "multiply", "width": 8, "size": 1e999}',
        '{"generator": "multiply", "width": true, "size": 64}',
        '{"generator": "multiply", "width": ' + "9" * 400 + ', "size": 64}',
        '{"generator": "multiply", "width": ' + "9" * 5000 + ', "size": 64}',
        '{"generator": "' + "m" * 5000 + '", "width": 8, "size": 64}',
        '{"generator": "\\u001b[2J", "width": 8, "size": 64}',
        '{"' + "k" * 5000 + '": 1}',
        "[" * 3000 + "]" * 3000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "[]",
        "null",
        "",
        "\0",
    ],
)
def test_a_wrong_model_is_said(tmp_path, config):
    save(tmp_path)
    (tmp_path / CONFIG).write_text(config)
    with pytest.raises(UserError, match=r"no model that this version can read .*: train again") as error:
        load_generator(tmp_path)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 400 + len(str(tmp_path))


def test_damaged_weights_are_said(tmp_path):
    save(tmp_path)
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:1000])
    with pytest.raises(UserError, match=r"no model that this version can read .*: train again"):
        load_generator(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, weights: weights | {name: weights[name].double()}, "must be torch.float32"),
        (lambda name, weights: weights | {name: weights[name].flatten()}, "not those of multiply of width 8"),
        (lambda name, weights: weights | {"x" * 5000: torch.zeros(1)}, "not those of multiply of width 8"),
        (lambda name, weights: {n: w for n, w in weights.items() if n != name}, "not those of multiply"),
        (lambda name, weights: {n: w for n, w in weights.items() if n != "palettes"}, "palettes"),
        (lambda name, weights: {}, "palettes"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, change, message):
    save(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    save_file(change("unet.stem.convolution.weight", weights), tmp_path / WEIGHTS)
    with pytest.raises(UserError, match=message):
        load_generator(tmp_path)


def test_a_width_that_does_not_fit_is_refused_before_it_costs_memory(tmp_path):
    save(tmp_path)
    (tmp_path / CONFIG).write_text('{"generator": "resnet", "width": 1024, "size": 64}')
    with pytest.raises(UserError, match="not those of resnet of width 1024"):
        load_generator(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        (1 << 60).to_bytes(8, "little"),
        b"\xff" * 8,
        (2).to_bytes(8, "little") + b"[]",
        (18_000).to_bytes(8, "little") + b'{"a":' * 3000 + b"}" * 3000,
    ],
    ids=["of 2^60 bytes", "of 2^64 bytes", "a list", "nested"],
)
def test_a_header_that_lies_is_refused(tmp_path, header):
    save(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(header + (tmp_path / WEIGHTS).read_bytes()[8:])
    with pytest.raises(UserError, match=r"no model that this version can read .*: train again"):
        load_generator(tmp_path)


@pytest.mark.parametrize(
    "palettes",
    [torch.zeros(0, PALETTE), torch.zeros(3, 5), torch.zeros(PALETTE), torch.full((3, PALETTE), torch.nan)],
)
def test_palettes_that_do_not_fit_are_refused(tmp_path, palettes):
    save(tmp_path)
    save_file({**load_file(tmp_path / WEIGHTS), "palettes": palettes}, tmp_path / WEIGHTS)
    with pytest.raises(UserError, match=r"no model that this version can read .*: train again"):
        load_generator(tmp_path)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    network, palettes = save(tmp_path)
    with torch.no_grad():
        next(network.parameters()).view(-1)[0] = torch.nan
    save_generator(tmp_path, network, palettes, generator="multiply", width=8, size=64)
    with pytest.raises(UserError, match="a weight is not finite"):
        load_generator(tmp_path)


def test_the_configuration_says_what_was_built(tmp_path):
    save(tmp_path)
    assert json.loads((tmp_path / CONFIG).read_text()) == {"generator": "multiply", "width": 8, "size": 64}


@pytest.mark.parametrize("preset", ["quick", "lite"])
def test_small_presets_have_small_generators(preset):
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))["presets"][preset]["train_cyclegan"]
    network = GENERATORS[values["generator"]](values["generator_width"])
    with FlopCounterMode(display=False) as flops:
        network(torch.zeros(1, 3, 256, 256), torch.zeros(1, PALETTE))
    assert sum(weights.numel() for weights in network.parameters()) <= 600_000
    assert flops.get_total_flops() / 2e9 <= 3.0


def test_a_model_whose_layers_had_other_names_asks_to_train_again(tmp_path):
    save(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    renamed = {name.replace("unet.bottleneck", "unet.page"): value for name, value in weights.items()}
    save_file(renamed, tmp_path / WEIGHTS)
    with pytest.raises(UserError, match="train again with `dvc repro train_cyclegan`"):
        load_generator(tmp_path)
