"""How much of a part's paint lies on the parts and the paper beside it."""

import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.metrics.line_art import distance_to
from sketch2color.metrics.metric import explained, metric
from sketch2color.metrics.parts import PAPER, Roles, find_parts, hue_and_chroma, is_painted

REACH = 12.0  # pixels from a part without its margin: farther lie backdrops, and noise on the paper
CLEAR = 30.0  # units of a* and b* between two colours that nobody takes for shades of one
NEARER = 5.0  # units of a* and b*: what is halfway between two colours has leaked from neither


@metric("Paint of the part beside it", "leak", "of the area", direction="lower", digits=3, order=28)
@explained(
    "The share of the painted area, parts and what was painted beside them, that has the colour of an "
    "adjoining part of another colour. Zero is paint that stays in its part; designers reach 0 to 0.02, and "
    "more where a backdrop has the colour of a part."
)
def part_leak(image: ImageArray, sketch: ImageArray, parts: Roles) -> float | None:
    """Return the share of parts, and of the paper painted beside them, with the paint of an adjoining part.

    A pixel within ``REACH`` of a painted part has its paint if its a*, b* of CIELAB are nearer, by
    ``NEARER``, to the part's median than to the median of the part, or of the paper, that the pixel lies in.
    Counted are pairs of medians that differ by ``CLEAR``. White in a part is no leak of the paper.

    Returns:
        0 to 1; None where no painted part adjoins another colour. A part that is painted over for more than
        half has the colour of that paint, and does not count.
    """
    labels, colors, unpainted = find_parts(parts, sketch), hue_and_chroma(image), hue_and_chroma(sketch)
    count = labels.max() + 1
    medians = np.full((count + 1, 2), np.nan)  # the last one of what is left out
    for part in set(labels[labels >= PAPER]):
        medians[part] = np.median(colors[labels == part], axis=0)
    own = medians[labels]
    from_own = np.linalg.norm(colors - own, axis=2)
    leaked, compared = np.zeros(labels.shape, bool), np.zeros(count + 1, bool)
    for part in range(1, count):
        inside = labels == part
        if is_painted(colors, unpainted, inside):
            beside = ~inside & (distance_to(inside) <= REACH)
            beside &= np.linalg.norm(own - medians[part], axis=2) >= CLEAR
            leaked |= beside & (np.linalg.norm(colors - medians[part], axis=2) + NEARER < from_own)
            compared[labels[beside]] = True
            compared[part] |= beside.any()
    compared[PAPER] = False
    area = np.count_nonzero(compared[labels] | leaked)
    return float(np.count_nonzero(leaked) / area) if area else None
