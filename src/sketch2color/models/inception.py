"""InceptionV3 as published figures of FID and KID use it: TensorFlow's network of 2015 with its weights.

The network is torch-fidelity's conversion (Obukhov et al. 2020), which enlarges images to 299 × 299 as
TensorFlow 1 did; torchvision's InceptionV3 has other weights and gives other figures.
"""

import io
from typing import Literal

import torch
from torch import Tensor, nn

from sketch2color.models.weights import fingerprint, pretrained

Extractor = Literal["inception_v3"]
POOLED = "2048"
"""The pooled features before the last layer, which the published figures are taken over."""


class InceptionV3(nn.Module):
    """A frozen InceptionV3 with the interface of a ``PerceptualNet``."""

    layers = (POOLED,)

    def __init__(self, network: nn.Module, fingerprint: str) -> None:
        super().__init__()
        self.network = network
        self.fingerprint = fingerprint

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Return the pooled features, N × 2048 × 1 × 1, for RGB images, N × 3 × H × W in [-1, 1]."""
        # The network takes the 8 bits that the images came from.
        levels = x.add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
        (pooled,) = self.network(levels)
        return {POOLED: pooled[..., None, None]}


def extractor() -> InceptionV3:
    """Return InceptionV3 with its published weights.

    Raises:
        UserError: as :func:`pretrained`.
    """
    from torch_fidelity import feature_extractor_inceptionv3 as published  # on use: it imports torchvision

    path = pretrained(published.URL_INCEPTION_V3, "set evaluate.extractor: vgg19, which needs no download")
    content = io.BytesIO()  # torch-fidelity unpickles any object: it gets tensors only
    torch.save(torch.load(path, map_location="cpu", weights_only=True), content)
    content.seek(0)
    with torch.random.fork_rng(devices=[]):  # it draws weights before it reads them
        network = published.FeatureExtractorInceptionV3(
            "inception", [POOLED], feature_extractor_weights_path=content
        )
    return InceptionV3(network, f"inception_v3-{fingerprint(path)}")
