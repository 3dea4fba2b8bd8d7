"""The generators by name, each the ``GENERATOR`` of its file, and how a trained one is saved and loaded."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import get_args

import torch
from pydantic import Field, TypeAdapter
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from sketch2color.config import document
from sketch2color.config.params import GeneratorName
from sketch2color.config.validation import Model, validate
from sketch2color.errors import UserError
from sketch2color.files import write_bytes, write_text
from sketch2color.models.generators.base import Generator
from sketch2color.models.palette import PALETTE
from sketch2color.text import describe_error

GENERATORS: Mapping[str, type[Generator]] = {
    name: import_module(f"sketch2color.models.generators.{name}").GENERATOR
    for name in get_args(GeneratorName)
}
WEIGHTS = "sketch_to_color.safetensors"
CONFIG = "config.json"


class _Config(Model):
    """config.json of a model folder."""

    generator: GeneratorName
    width: int = Field(ge=4, le=1024)
    size: int = Field(ge=1, le=2048)


_CONFIG = TypeAdapter(_Config)


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
        config = validate(_CONFIG, document.load(model / CONFIG))
        weights = load_file(model / WEIGHTS)
        if other := {tensor.dtype for tensor in weights.values()} - {torch.float32}:
            raise ValueError(f"weights must be torch.float32 (got {other.pop()})")
        if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
            raise ValueError("a weight is not finite")
        with torch.device("meta"):  # without memory, which a width that does not fit may need too much of
            network = GENERATORS[config.generator](config.width)
        if config.size % network.stride or config.size < 2 * network.stride:
            raise ValueError(
                f"size must be a multiple of {network.stride} from {2 * network.stride} (got {config.size})"
            )
        palettes = weights.pop("palettes")
        if palettes.ndim != 2 or palettes.shape[1] != PALETTE or not len(palettes):
            raise ValueError(f"palettes of shape {tuple(palettes.shape)}")
        if _shapes(network.state_dict()) != _shapes(weights):
            raise ValueError(f"the weights are not those of {config.generator} of width {config.width}")
        network = GENERATORS[config.generator](config.width)
        network.load_state_dict(weights)
        return network.eval().requires_grad_(False), palettes, config.size
    except OSError:
        raise UserError(
            f"{model} holds no trained model ({CONFIG} and {WEIGHTS}): run `dvc repro train_cyclegan`"
        ) from None
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise UserError(
            f"{model} is no model that this version can read ({describe_error(error)}): "
            "train again with `dvc repro train_cyclegan`"
        ) from error


def _shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}
