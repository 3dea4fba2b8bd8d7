"""How much of the parts that are to be painted was left white."""

import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.manifest import ROLES
from sketch2color.metrics.metric import explained, metric
from sketch2color.metrics.parts import PAPER, Roles, find_parts

TO_PAINT = [ROLES.index(role) for role in ("main", "accent", "dark", "metal")]
TOLERANCE = 8  # levels of 8 bits by which paint darkens at least one channel
UNTOUCHED = 90  # percentile of the paper's changes: a backdrop may cover most of it


@metric("Parts left white", "white", "of their area", direction="lower", digits=3, order=29)
@explained(
    "The share of the main, accent, dark and metal parts that was left as white as the paper. Designers "
    "leave 0.02 to 0.06 for highlights, and nearly all of a white product."
)
def part_white(image: ImageArray, sketch: ImageArray, parts: Roles) -> float | None:
    """Return the share of the parts of the roles ``TO_PAINT`` that is no darker than the paper became.

    A pixel is left white if no channel is darker than on the sketch by more than ``TOLERANCE``, apart from
    what all paper is darker by.

    Returns:
        0 to 1; None where there is no such part away from lines.
    """
    labels, changes = find_parts(parts, sketch), image.astype(np.int16) - sketch
    paper, here = labels == PAPER, (labels > PAPER) & np.isin(parts, TO_PAINT)
    if not here.any():
        return None
    tint = np.percentile(changes[paper], UNTOUCHED, axis=0) if paper.any() else 0
    return float((changes[here] >= tint - TOLERANCE).all(1).mean())
