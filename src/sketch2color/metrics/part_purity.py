"""Whether each part is painted in one hue."""

import numpy as np

from sketch2color.imaging import ImageArray
from sketch2color.metrics.metric import explained, metric
from sketch2color.metrics.parts import Roles, find_parts, hue_and_chroma, is_painted

MAX_ANGLE = 22.0  # degrees between hues: shade and light of one marker differ by less, two markers by more


@metric("One hue for each part", "purity", "of the paint", direction="higher", digits=3, order=27)
@explained(
    "The share of the paint of a product’s parts that has the hue of its part. 1 is a hue for each part; "
    "designers reach 0.98 to 1."
)
def part_purity(image: ImageArray, sketch: ImageArray, parts: Roles) -> float | None:
    """Return the share of the chroma within painted parts that is near to the mean hue of its part.

    The mean hue of a part is the direction of the sum of a*, b* of CIELAB: the mean of its pixels' hues, each
    weighted by its chroma (Mardia & Jupp 2000, section 2.2). Near is within ``MAX_ANGLE``.

    Returns:
        0 to 1; None where no part is painted.
    """
    labels, colors, unpainted = find_parts(parts, sketch), hue_and_chroma(image), hue_and_chroma(sketch)
    pure = total = 0.0
    for part in range(1, labels.max() + 1):
        inside = labels == part
        if is_painted(colors, unpainted, inside):
            found = colors[inside]
            chroma, mean = np.linalg.norm(found, axis=1), found.sum(0)
            cosine = found @ mean / np.maximum(chroma * np.linalg.norm(mean), 1e-9)
            pure += chroma[cosine >= np.cos(np.radians(MAX_ANGLE))].sum()
            total += chroma.sum()
    return float(pure / total) if total else None
