"""What style transfer extracts from an image: content from one layer of a network, style from several."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sketch2color.models import bfloat16
from sketch2color.models.perceptual import Extractor, Pooling, extractor
from sketch2color.style_transfer.losses import gram_matrix


@dataclass(frozen=True)
class ContentAndStyle:
    """``content``: activations, N × C × h × w; ``grams``: N × C × C for each style layer; both float32."""

    content: Tensor
    grams: tuple[Tensor, ...]


class Features:
    """Extracts content, the activations of one layer, and style, the Gram matrices of several.

    Args:
        network: the extractor's name.
        content_layer: the layer of the content.
        style_layers: the layers of the style.
        pooling: of the network.
        margin: pixels mirrored round an image, lest the zeros that a network pads with leave a frame on it.
        bf16: compute in bfloat16 on processors that have it, half again as fast.

    Raises:
        UserError: the network's weights are missing and cannot be downloaded.
    """

    def __init__(
        self,
        network: Extractor,
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

    def __call__(self, images: Tensor) -> ContentAndStyle:
        """Extract from N × 3 × H × W images in [-1, 1]."""
        padded = F.pad(images, [self._margin] * 4, mode="reflect")
        with bfloat16.autocast(self._bf16):
            activations: dict[str, Tensor] = self._net(padded)
        return ContentAndStyle(
            activations[self._content_layer].float(),
            tuple(gram_matrix(activations[layer]) for layer in self._style_layers),
        )

    @torch.no_grad()
    def targets(self, sketches: Tensor, references: Tensor) -> ContentAndStyle:
        """Return the content of N sketches and the mean Gram matrices of their references.

        The mean of Gram matrices is that of all references of a sketch side by side.

        Args:
            sketches: N × 3 × H × W in [-1, 1].
            references: K for each sketch, N·K × 3 × H × W in [-1, 1]; the first K are the first sketch's.
        """
        grams = (gram.reshape(len(sketches), -1, *gram.shape[1:]).mean(1) for gram in self(references).grams)
        return ContentAndStyle(self(sketches).content, tuple(grams))
