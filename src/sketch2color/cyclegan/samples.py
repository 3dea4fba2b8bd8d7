"""What the networks do with pictures that they were not trained on, as a picture."""

from collections.abc import Sequence

import torch
from torch import nn

from sketch2color.images import PictureArray
from sketch2color.networks.palette import palette
from sketch2color.networks.tensors import to_picture, to_tensor
from sketch2color.sheets import contact_sheet

COLUMNS = ("sketch", "colored", "and back", "color", "sketched", "and back")
ROWS = 8


@torch.no_grad()
def sample_grid(
    generators: nn.ModuleList, sketches: Sequence[PictureArray], colors: Sequence[PictureArray]
) -> PictureArray:
    """Return a sheet of up to eight rows: both ways through both cycles.

    Args:
        generators: sketch_to_color and color_to_sketch.
        sketches: unpaired with ``colors``; of the size that the generators take.
        colors: each row's sketch is painted with the palette of its coloured picture.
    """
    device = next(generators.parameters()).device
    sketch_to_color, color_to_sketch = generators
    rows = []
    for sketch, color in zip(sketches[:ROWS], colors[:ROWS], strict=False):
        drawn, painted = to_tensor(sketch).to(device), to_tensor(color).to(device)
        colors_used = palette(painted)
        colored, sketched = sketch_to_color(drawn, colors_used), color_to_sketch(painted)
        outputs = colored, color_to_sketch(colored), sketched, sketch_to_color(sketched, colors_used)
        there, back, line, again = map(to_picture, outputs)
        rows.append([sketch, there, back, color, line, again])
    return contact_sheet(rows, COLUMNS)
