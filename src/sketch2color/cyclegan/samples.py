"""What the networks do with images that they were not trained on, as an image."""

from collections.abc import Sequence

import torch
from torch import nn

from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.models.palette import palette
from sketch2color.models.tensors import to_image, to_tensor

COLUMNS = ("sketch", "colored", "and back", "color", "sketched", "and back")
ROWS = 8


@torch.no_grad()
def sample_grid(
    generators: nn.ModuleList, sketches: Sequence[ImageArray], colors: Sequence[ImageArray]
) -> ImageArray:
    """Return a sheet of up to eight rows: both ways through both cycles.

    Args:
        generators: sketch_to_color and color_to_sketch.
        sketches: unpaired with ``colors``; of the size that the generators take.
        colors: each row's sketch is painted with the palette of its coloured image.
    """
    device = next(generators.parameters()).device
    sketch_to_color, color_to_sketch = generators
    rows = []
    for sketch, color in zip(sketches[:ROWS], colors[:ROWS], strict=False):
        drawn, painted = to_tensor(sketch).to(device), to_tensor(color).to(device)
        colors_used = palette(painted)
        colored, sketched = sketch_to_color(drawn, colors_used), color_to_sketch(painted, colors_used)
        outputs = (
            colored,
            color_to_sketch(colored, colors_used),
            sketched,
            sketch_to_color(sketched, colors_used),
        )
        there, back, line, again = map(to_image, outputs)
        rows.append([sketch, there, back, color, line, again])
    return contact_sheet(rows, COLUMNS)
