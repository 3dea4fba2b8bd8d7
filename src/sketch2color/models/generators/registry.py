"""The generators by name, each the ``GENERATOR`` of its file, and how a trained one is saved and loaded."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from sketch2color.config.params import GeneratorName
from sketch2color.errors import UserError
from sketch2color.files import write_bytes, write_text
from sketch2color.models.generators.base import Generator

GENERATORS: Mapping[str, type[Generator]] = {
    name: import_module(f"sketch2color.models.generators.{name}").GENERATOR
    for name in get_args(GeneratorName)
}
WEIGHTS = "sketch_to_color.safetensors"
CONFIG = "config.json"


def save_weights(path: Path, network: nn.Module, **more: torch.Tensor) -> None:
    """Write a network's weights, and ``more`` tensors, as safetensors; equal weights give equal bytes."""
    tensors = {**network.state_dict(), **more}
    write_bytes(path, save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))


def save_generator(
    model: Path, network: Generator, palettes: torch.Tensor, *, generator: str, width: int, size: int
) -> None:
    """Write a trained generator to the directory ``model``.

    Args:
        model: gets config.json and sketch_to_color.safetensors.
        network: its weights are written.
        palettes: P × 11, those of the coloured images it was trained on.
        generator: its name in ``GENERATORS``.
        width: the width it was built with.
        size: the edge in pixels of the square images it was trained on.
    """
    config = {"generator": generator, "width": width, "size": size}
    write_text(model / CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_weights(model / WEIGHTS, network, palettes=palettes)


def load_generator(model: Path) -> tuple[Generator, torch.Tensor, int]:
    """Read what :func:`save_generator` wrote: the generator, frozen, its palettes and its size.

    Raises:
        UserError: there is none, or it cannot be read, or its weights do not fit its configuration.
    """
    try:
        config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
        network = GENERATORS[config["generator"]](int(config["width"]))
        weights = load_file(model / WEIGHTS)
        palettes = weights.pop("palettes")
        network.load_state_dict(weights)
        return network.eval().requires_grad_(False), palettes, int(config["size"])
    except OSError:
        raise UserError(
            f"{model} holds no trained model ({CONFIG} and {WEIGHTS}): run `dvc repro train_cyclegan`"
        ) from None
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{model} is no model that this version can read ({reason}): "
            "train again with `dvc repro train_cyclegan`"
        ) from error
