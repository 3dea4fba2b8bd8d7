"""The stage export: a trained generator as ONNX, and how far ONNX Runtime is from PyTorch with it."""

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from sketch2color import imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.onnx_export import ONNX, OPSET, export
from sketch2color.files import empty_directory, write_json, write_text
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow
from sketch2color.models.sketch_lines import flatten_illumination, max_channel
from sketch2color.models.tensors import to_tensor


def export_and_compare(model: Path, cleaned: Path, out: Path, report: Path) -> dict[str, float]:
    """Write ``generator.onnx`` and ``generator.json`` to ``out``, and ``metrics.json`` to ``report``.

    Both runtimes colour the validation sketches. A generator without layers has no ONNX file: ``out`` then
    says so in words.

    Returns:
        ``export.sketches``, ``export.bytes``, ``export.opset``; ``export.layer_difference``, the largest one
        of a value in [0, 1]; ``export.pixels_within_1``, the share of pixels within a level.

    Raises:
        UserError: as :meth:`Colorizer.load`.
    """
    colorizer = Colorizer.load(model)
    empty_directory(out)
    empty_directory(report)
    figures: dict[str, float] = {"export.sketches": 0}
    if colorizer.network.layered:
        export(colorizer, out)
        rows = manifest.read(cleaned / "manifest.csv", CleanImageRow)
        sketches = [
            imaging.read(cleaned / "val" / "sketch" / f"{row.id}.png")
            for row in rows
            if (row.split, row.domain) == ("val", "sketch")
        ]
        figures = {
            "export.sketches": len(sketches),
            "export.bytes": (out / ONNX).stat().st_size,
            "export.opset": OPSET,
            **compare(colorizer, out / ONNX, sketches),
        }
    else:
        write_text(
            out / "README.txt", "This generator paints pixels: only one with layers has an ONNX file.\n"
        )
    write_json(report / "metrics.json", figures)
    return figures


@torch.no_grad()
def compare(colorizer: Colorizer, onnx: Path, sketches: list[ImageArray]) -> dict[str, float]:
    """Compare both runtimes on sketches of the generator's size, uint8 size × size × 3."""
    session = onnxruntime.InferenceSession(onnx)
    furthest, within = 0.0, []
    for sketch in sketches:
        tensor, palette = to_tensor(sketch), colorizer.palette(sketch)
        ink = flatten_illumination(max_channel(tensor)).numpy()
        (layer,) = session.run(None, {"ink": ink, "palette": palette.numpy(), "fine": ink})
        expected = colorizer.network.color_layer(tensor, palette, tensor).numpy()
        furthest = max(furthest, float(np.abs(layer - expected).max()))
        levels = [np.rint(each[0].transpose(1, 2, 0) * sketch) for each in (layer, expected)]
        within.append((np.abs(levels[0] - levels[1]).max(2) <= 1).mean())
    return {
        "export.layer_difference": furthest,
        "export.pixels_within_1": float(np.mean(within)) if within else 1.0,
    }
