"""What style transfer reads from an image: content from one layer of a network, style from several."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sketch2color.models import precision
from sketch2color.models.perceptual import Extractor, Pooling, extractor
from sketch2color.style_transfer.losses import gram_matrix


@dataclass(frozen=True)
class Reading:
    """What was read from N images.

    Attributes:
        content: activations, N × C × h × w, float32.
        grams: Gram matrices, N × C × C float32 for each style layer.
    """

    content: Tensor
    grams: tuple[Tensor, ...]


class Features:
    """The activations that content and style are read from.

    Args:
        network: the extractor's name.
        content_layer: the layer whose activations are content.
        style_layers: the layers whose Gram matrices are style.
        pooling: of the network.
        margin: pixels mirrored round an image, lest the zeros that a network pads with draw a frame on it.
        bf16: compute in bfloat16 on processors that know it, half again as fast.

    Raises:
        UserError: the network's weights cannot be had.
    """

    def __init__(
        self,
        network: Extractor,
        *,
        content_layer: str,
        style_layers: Sequence[str],
        pooling: Pooling,
        margin: int,
        bf16: bool,
    ) -> None:
        self._content_layer, self._style_layers = content_layer, style_layers
        self._net = extractor(network, [content_layer, *style_layers], pooling)
        self._net.to(memory_format=torch.channels_last)  # a tenth faster
        self._margin, self._bf16 = margin, bf16

    def __call__(self, images: Tensor) -> Reading:
        """Read from N × 3 × H × W images in [-1, 1]."""
        mirrored = F.pad(images, [self._margin] * 4, mode="reflect")
        with precision.autocast(self._bf16):
            activations: dict[str, Tensor] = self._net(mirrored)
        return Reading(
            activations[self._content_layer].float(),
            tuple(gram_matrix(activations[layer]) for layer in self._style_layers),
        )

    def targets(self, sketches: Tensor, references: Tensor) -> Reading:
        """Return the content of sketches and the style of their references.

        The style of several images is the mean of their Gram matrices: that of all laid side by side.

        Args:
            sketches: N × 3 × H × W in [-1, 1].
            references: K for each sketch, those of one after those of another, N·K × 3 × H × W in [-1, 1].
        """
        with torch.no_grad():
            content = self(sketches).content
            grams = self(references).grams
        of_each = [gram.reshape(len(sketches), -1, *gram.shape[1:]) for gram in grams]
        return Reading(content, tuple(several.mean(1) for several in of_each))
