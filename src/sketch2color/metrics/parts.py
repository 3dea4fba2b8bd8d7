"""The parts of a sketch, as its truth tells them."""

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab
from skimage.measure import label

from sketch2color.imaging import ImageArray
from sketch2color.manifest import ROLES
from sketch2color.metrics.line_art import Mask, distance_to, line_mask

Colors = NDArray[np.float64]
Labels = NDArray[np.int32]
Roles = NDArray[np.uint8]

PAPER, LEFT_OUT = 0, -1
MIN_AREA = 0.0005  # of the image: smaller parts are screws, ticks and hands of watches
MARGIN = 2.0  # pixels from lines and from other parts, within which it depends on the line whose paint it is
MIN_CHROMA = 10.0  # of CIELAB: paint has more, grey and the grain of paper less


def find_parts(parts: Roles, sketch: ImageArray) -> Labels:
    """Return the parts of a sketch without their margins.

    Args:
        parts: uint8, H × W, indices in ``ROLES``. A part is a connected component of equal role.
        sketch: uint8, H × W × 3.

    Returns:
        H × W, the parts numbered from 1; ``PAPER`` where paper or a shadow on it is; ``LEFT_OUT`` within
        ``MARGIN`` of a line or of another part, and where a part is smaller than ``MIN_AREA``.
    """
    labels = label(np.where(parts == ROLES.index("shadow"), PAPER, parts), background=PAPER, connectivity=1)
    small = np.bincount(labels.ravel()) < MIN_AREA * labels.size
    small[PAPER] = False
    edges = line_mask(sketch)
    edges[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edges[1:] |= labels[1:] != labels[:-1]
    return np.where(small[labels] | (distance_to(edges) <= MARGIN), LEFT_OUT, labels).astype(np.int32)


def hue_and_chroma(image: ImageArray) -> Colors:
    """Return a* and b* of CIELAB (CIE 15:2004; D65), H × W × 2."""
    return np.asarray(rgb2lab(image)[..., 1:], np.float64)


def is_painted(colors: Colors, unpainted: Colors, part: Mask) -> bool:
    """Return whether a part has a colour that it has not on the sketch; both are a* and b*, H × W × 2."""
    found = colors[part]
    changes = np.linalg.norm(found - unpainted[part], axis=1)
    chroma = np.linalg.norm(found, axis=1)
    return bool(part.any() and min(changes.mean(), chroma.mean()) >= MIN_CHROMA)
