"""A result in the form of its sketch's file: transparent where its paper is, in its profile's colours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sketch2color.colorize.layers import Layer
from sketch2color.imaging import Decoded, ImageArray, from_srgb, remove_white

Pixels = NDArray[np.uint8]

OPAQUE = 51
"""Levels of light, in the darkest channel, from which paint covers what is below it; a fifth of 255."""


def image_like(sketch: Decoded, image: ImageArray) -> Pixels:
    """Return a result, H × W × 3, with the alpha and the profile of its sketch; see :func:`layers_like`."""
    pixels: Pixels = image
    if sketch.alpha is not None:
        painted = _cover((sketch.image - np.minimum(image, sketch.image)).max(2))
        pixels = remove_white(image, np.maximum(sketch.alpha, painted))
    return pixels if sketch.tags.profile is None else from_srgb(pixels, sketch.tags.profile)


def layers_like(sketch: Decoded, layers: Sequence[Layer]) -> Sequence[Layer]:
    """Return layers with the alpha and the profile of their sketch.

    A sketch with alpha gets no layer of white paper: what nobody draws or paints stays transparent, and on
    white paper all looks as before. All colours are converted to the sketch's profile, in which a program
    that shows the layers blends them.
    """
    if sketch.alpha is not None:
        paper, *between, drawn = layers
        drawn = replace(drawn, pixels=remove_white(drawn.pixels, sketch.alpha))
        black = replace(paper, pixels=np.concatenate([paper.pixels, drawn.pixels[..., 3:]], 2))
        layers = [*([black] if drawn.blend == "screen" else []), *map(_without_white, between), drawn]
    if (profile := sketch.tags.profile) is not None:
        layers = [replace(layer, pixels=from_srgb(layer.pixels, profile)) for layer in layers]
    return layers


def _without_white(layer: Layer) -> Layer:
    """Return a layer that looks the same on any layer below, and shows only what it adds where none is."""
    if layer.pixels.shape[2] == 4:
        return layer
    if layer.blend == "screen":
        light = layer.pixels.max(2, keepdims=True)
        return replace(layer, pixels=np.concatenate([np.full_like(layer.pixels, 255), light], 2))
    cover = _cover(255 - layer.pixels.min(2)) if layer.blend == "normal" else 0
    return replace(layer, pixels=remove_white(layer.pixels, cover))


def _cover(strength: Pixels) -> Pixels:
    """Return the alpha of paint that takes so much light: faint tints fade, others are opaque."""
    return np.minimum(strength, OPAQUE) * np.uint8(255 // OPAQUE)
