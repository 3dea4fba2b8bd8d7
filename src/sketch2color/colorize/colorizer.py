"""A trained painter: how it is kept on disk, and how it paints an image of any size."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from sketch2color.errors import UserError
from sketch2color.files import write_bytes, write_text
from sketch2color.imaging import ImageArray, pad_to_square, resize, resize_strokes
from sketch2color.models.generators import Generator, ResnetGenerator
from sketch2color.models.lines import FAINTEST, brightest, evened
from sketch2color.models.multiply import MultiplyGenerator
from sketch2color.models.tensors import to_image, to_tensor

GENERATORS: Mapping[str, Callable[[int], Generator]] = {
    "resnet": ResnetGenerator,
    "resnet_resize": partial(ResnetGenerator, resize=True),
    "multiply": MultiplyGenerator,
}
WEIGHTS = "sketch_to_color.safetensors"
CONFIG = "config.json"
_FINEST = 4
"""Layers of colour are made in up to so many times the resolution that the network sees."""


@dataclass(frozen=True)
class Painter:
    """A generator ready to paint.

    ``palettes`` is P × 11, the palettes of the images it learned from; ``size`` is the edge in pixels of
    the square images it learned from.
    """

    network: nn.Module
    palettes: torch.Tensor
    size: int


def save_weights(path: Path, network: nn.Module, **more: torch.Tensor) -> None:
    """Write a network's weights, and ``more`` tensors, as safetensors; equal weights give equal bytes."""
    tensors = {**network.state_dict(), **more}
    write_bytes(path, save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))


def save_generator(model: Path, painter: Painter, kind: str, width: int) -> None:
    """Write a painter to the directory ``model``; ``kind`` and ``width`` are those it was built with."""
    config = {"generator": kind, "width": width, "size": painter.size}
    write_text(model / CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_weights(model / WEIGHTS, painter.network, palettes=painter.palettes)


def load_generator(model: Path) -> Painter:
    """Read the painter that training wrote to the directory ``model``.

    Raises:
        UserError: there is none, or it cannot be read, or its weights do not fit its configuration.
    """
    try:
        config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
        network = GENERATORS[config["generator"]](int(config["width"]))
        weights = load_file(model / WEIGHTS)
        palettes = weights.pop("palettes")
        network.load_state_dict(weights)
        return Painter(network.eval().requires_grad_(False), palettes, int(config["size"]))
    except OSError:
        raise UserError(
            f"{model} holds no trained model ({CONFIG} and {WEIGHTS}): run `dvc repro train_cyclegan`"
        ) from None
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{model} is no model that this version can read ({reason}): train it anew"
        ) from error


@torch.no_grad()
def paint(painter: Painter, image: ImageArray) -> ImageArray:
    """Paint a sketch of any size and return it in the same size.

    The network works on the image fitted into a square of ``painter.size``. A painter that multiplies
    only gives hints there: its layer is made in up to ``_FINEST`` times that resolution, so that colour ends
    at the line itself, and multiplies ``image``, however a photograph is lit. Which palette is taken
    follows from the image's content: a sketch is always painted alike, different sketches differently. A
    page without a line comes back as it is: norms over an image make something even out of nothing.
    """
    seen, place = pad_to_square(image, painter.size, resize_strokes)  # as training saw sketches
    device = next(painter.network.parameters()).device
    shown = to_tensor(seen).to(device)
    ink = evened(brightest(shown))
    if ink.min() > FAINTEST:
        return image.copy()
    if not isinstance(painter.network, MultiplyGenerator):
        painted = to_image(painter.network(shown))
        return resize(np.ascontiguousarray(painted[place]), image.shape[1], image.shape[0])
    layer = _layer(painter.network, image, ink, _palette(painter, seen).to(device))
    levels = layer.permute(1, 2, 0).cpu().numpy() * image
    return levels.round().astype(np.uint8)


def _layer(
    network: MultiplyGenerator, image: ImageArray, ink: torch.Tensor, palette: torch.Tensor
) -> torch.Tensor:
    """Return the layer of colour, 3 × H × W, for an image of which the network sees ``ink``."""
    hints, size = network.hints(ink, palette), ink.shape[-1]
    times = max(1, min(max(image.shape[:2]) // size, _FINEST))
    fine, place = pad_to_square(image, times * size, resize_strokes)
    if times > 1:
        ink = evened(brightest(to_tensor(fine).to(ink.device)), fold=16 * times + 1)
        hints = F.interpolate(hints, scale_factor=times, mode="bilinear", align_corners=False)
    layer = network.layer(hints, ink, palette, pixel=1.0 / times)[..., *place]
    return F.interpolate(layer, image.shape[:2], mode="bilinear", align_corners=False)[0]


def _palette(painter: Painter, seen: ImageArray) -> torch.Tensor:
    number = int.from_bytes(hashlib.sha256(seen.tobytes()).digest()[:8])
    return painter.palettes[number % len(painter.palettes)][None]
