"""A coloured sketch as a stack of layers, as designers keep it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Blend = Literal["normal", "multiply", "screen"]

_BAND = 1 << 14
"""Pixels that are composited at once, so that their floating values stay in the processor's cache."""


@dataclass(frozen=True)
class Layer:
    """An image over the whole sketch: uint8, H × W × 4, or H × W × 3 where it is opaque."""

    name: str
    pixels: NDArray[np.uint8]
    blend: Blend = "normal"


def composite(layers: Sequence[Layer]) -> NDArray[np.uint8]:
    """Return what a stack of layers looks like, the lowest first, uint8 H × W × 3.

    H × W × 4 where the lowest layer has alpha: then there may be nothing below. Blend modes as in the W3C's
    Compositing and Blending Level 1; nothing is rounded before the end.
    """
    height, width, channels = layers[0].pixels.shape
    result = np.empty((height, width, channels), np.uint8)
    step = max(1, _BAND // width)
    for top in range(0, height, step):
        rows = slice(top, top + step)
        _composite(layers, rows, result[rows])
    return result


def _composite(layers: Sequence[Layer], rows: slice, out: NDArray[np.uint8]) -> None:
    result: Floats = np.ones((*out.shape[:2], 3), np.float32)
    below: Floats | None = np.zeros((*out.shape[:2], 1), np.float32) if out.shape[2] == 4 else None
    for layer in layers:
        levels = layer.pixels[rows]
        if levels.shape[2] == 4 and not levels[..., 3].any():
            continue
        pixels = levels.astype(np.float32) * np.float32(1.0 / 255.0)
        source, alpha = pixels[..., :3], pixels[..., 3:] if pixels.shape[2] == 4 else None
        blended = source
        if layer.blend == "multiply":
            blended = source * result
        elif layer.blend == "screen":
            blended = 1.0 - (1.0 - source) * (1.0 - result)
        if below is not None and alpha is not None:
            source = source + below * (blended - source)
            above, below = below * (1.0 - alpha), alpha + below * (1.0 - alpha)
            result = (alpha * source + above * result) / below.clip(1e-6)
        else:
            result = blended if alpha is None else result + alpha * (blended - result)
            below = None if alpha is None else below
    out[..., :3] = np.rint(result * 255.0)
    if out.shape[2] == 4:
        out[..., 3:] = 255 if below is None else np.rint(below * 255.0)
