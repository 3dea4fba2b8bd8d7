"""A coloured sketch as a stack of layers, as designers keep it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sketch2color.imaging import ImageArray

Blend = Literal["normal", "multiply", "screen"]


@dataclass(frozen=True)
class Layer:
    """An image over the whole sketch: uint8, H × W × 4, or H × W × 3 where it is opaque."""

    name: str
    pixels: NDArray[np.uint8]
    blend: Blend = "normal"


def composite(layers: Sequence[Layer]) -> ImageArray:
    """Return what a stack of layers looks like, the lowest first, uint8 H × W × 3.

    Blend modes as in the W3C's Compositing and Blending Level 1; nothing is rounded before the end.
    """
    height, width = layers[0].pixels.shape[:2]
    result: NDArray[np.floating[Any]] = np.ones((height, width, 3), np.float32)
    for layer in layers:
        source = layer.pixels.astype(np.float32) * np.float32(1.0 / 255.0)
        alpha = source[..., 3:] if layer.pixels.shape[2] == 4 else None
        source = source[..., :3]
        if layer.blend == "multiply":
            source = source * result
        elif layer.blend == "screen":
            source = 1.0 - (1.0 - source) * (1.0 - result)
        result = source if alpha is None else result + alpha * (source - result)
    return np.asarray(np.rint(result * 255.0), np.uint8)
