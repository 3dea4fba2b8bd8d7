"""A trained generator as ONNX, for runtimes without PyTorch: the studio's page runs it in a browser.

The graph holds the network and the spreading of its colours up to the lines. Its loops stay loops, which
PyTorch's exporter would unroll into a thousand nodes for one size of an image.
"""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from onnx_ir.passes.common import ClearMetadataAndDocStringPass
from torch import nn

from sketch2color.colorize import onnx_loops
from sketch2color.colorize.colorizer import MAX_SCALE, Colorizer
from sketch2color.errors import UserError
from sketch2color.files import write_bytes, write_text
from sketch2color.models import domain_transform
from sketch2color.models.generators import multiply
from sketch2color.models.generators.base import Generator
from sketch2color.models.palette import PALETTE

ONNX = "generator.onnx"
CONFIG = "generator.json"
FORMAT = 1
"""Of ``generator.json`` and of the graph's inputs and outputs."""
OPSET = 18


def export(colorizer: Colorizer, folder: Path) -> None:
    """Write a generator as ``generator.onnx`` and ``generator.json``; equal weights give equal bytes.

    Args:
        colorizer: its network must be layered.
        folder: where the two files go.

    Raises:
        UserError: the generator makes no layer of colour.
    """
    if not colorizer.network.layered:
        raise UserError("the model paints pixels: only a layered generator is exported (generator: multiply)")
    content = _graph(colorizer.network, colorizer.size)
    config = {
        "format": FORMAT,
        "opset": OPSET,
        "palettes": [[float(str(number)) for number in palette] for palette in colorizer.palettes.numpy()],
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": colorizer.size,
    }
    write_bytes(folder / ONNX, content)
    write_text(folder / CONFIG, json.dumps(config, sort_keys=True) + "\n")


def _graph(network: Generator, size: int) -> bytes:
    """Return the file of a generator that sees ``size`` × ``size`` pixels.

    Inputs are ``ink``, float32 1 × 1 × size × size, ``palette``, 1 × 11, and ``fine``, 1 × 1 × F × F, the ink
    in one to ``MAX_SCALE`` times that resolution; the output is ``layer``, 1 × 3 × F × F in [0, 1].
    """
    scale = torch.export.Dim("scale", min=1, max=MAX_SCALE)
    example = torch.zeros(1, 1, size, size), torch.zeros(1, PALETTE), torch.zeros(1, 1, 2 * size, 2 * size)
    loops: dict[str, Any] = {"smooth": _smooth, "flood_from_border": _flood_from_border}
    with patch.multiple(multiply, **loops), torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "# The axis name")  # height and width share theirs
        program = torch.onnx.export(
            _Layer(network, size).eval(),
            example,
            dynamo=True,
            verbose=False,
            external_data=False,
            opset_version=OPSET,
            input_names=["ink", "palette", "fine"],
            output_names=["layer"],
            dynamic_shapes={"ink": {}, "palette": {}, "fine": {2: size * scale, 3: size * scale}},
            custom_translation_table={
                torch.ops.sketch2color.flood.default: onnx_loops.flood,
                torch.ops.sketch2color.sums.default: onnx_loops.sums,
            },
        )
    assert program is not None
    ClearMetadataAndDocStringPass()(program.model)  # paths of this machine, lines of code
    content: bytes = program.model_proto.SerializeToString(deterministic=True)
    return content


class _Layer(nn.Module):
    """:meth:`MultiplyGenerator.color_layer` after it has flattened its sketches."""

    def __init__(self, network: Any, size: int) -> None:
        super().__init__()
        self.network, self.size = network, size

    def forward(self, ink: torch.Tensor, palette: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        edge = fine.shape[-1]
        logits = self.network.predict(ink, palette)
        logits = F.interpolate(logits, size=(edge, edge), mode="bilinear", align_corners=False)
        layer: torch.Tensor = self.network.layer(logits, fine, palette, pixel=self.size / edge)
        return layer


def _flood_from_border(ink: torch.Tensor, gap: int, steps: int) -> torch.Tensor:
    """Return what :func:`sketch_lines.flood_from_border` does, its loop in one operation."""
    light = -F.max_pool2d(-ink, gap)
    height, width = light.shape[2:]
    border = F.pad(torch.zeros(height - 2, width - 2, dtype=torch.bool), (1, 1, 1, 1), value=True)
    flood: torch.Tensor = torch.ops.sketch2color.flood(torch.where(border, light, -1.0), light, steps)
    return flood


def _smooth(layer: torch.Tensor, certainty: torch.Tensor, ink: torch.Tensor, pixel: float) -> torch.Tensor:
    """Return what :func:`domain_transform.smooth` does, its sums in one operation."""
    walls = domain_transform._WALL * (0.5 - 0.5 * ink).relu().square()
    spread = torch.cat([layer * certainty, certainty], 1)
    for reach in domain_transform._REACHES:
        for axis in (3, 2):
            links = domain_transform._links(walls + 1.0 / reach, pixel, axis)
            values = spread.movedim(axis, 0)
            both = torch.ops.sketch2color.sums(values, links, torch.cat([links[1:], links[:1]]))
            spread = (both - values).movedim(0, axis)
    return spread[:, :-1] / spread[:, -1:]


@torch.library.custom_op("sketch2color::flood", mutates_args=())
def _flood(flood: torch.Tensor, light: torch.Tensor, steps: int) -> torch.Tensor:
    raise NotImplementedError  # only its shape is needed


@_flood.register_fake
def _(flood: torch.Tensor, light: torch.Tensor, steps: int) -> torch.Tensor:
    return torch.empty_like(flood)


@torch.library.custom_op("sketch2color::sums", mutates_args=())
def _sums(values: torch.Tensor, links: torch.Tensor, ahead: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError


@_sums.register_fake
def _(values: torch.Tensor, links: torch.Tensor, ahead: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(values)
