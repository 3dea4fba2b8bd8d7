"""The features in which sets of images are compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sketch2color import imaging
from sketch2color.errors import UserError
from sketch2color.metrics.metric import Features
from sketch2color.models import bfloat16, inception, perceptual
from sketch2color.models.inception import InceptionV3
from sketch2color.models.perceptual import PerceptualNet
from sketch2color.models.tensors import to_tensor

Net = PerceptualNet | InceptionV3

# Deep enough for objects and materials. Among the layers from relu3_4 to pool5 of VGG-19, this one told 24
# sketches from 24 coloured drawings best: ten standard deviations of what fresh coloured drawings score.
LAYERS: dict[perceptual.Extractor, str] = {"vgg19": "relu4_1", "squeezenet1_1": "12"}


def load(name: perceptual.Extractor | inception.Extractor) -> Net:
    """Return the named extractor, stopping at the layer that is compared.

    Raises:
        UserError: its weights cannot be had.
    """
    if name == "inception_v3":
        return inception.extractor()
    return perceptual.extractor(name, [LAYERS[name]]).to(memory_format=torch.channels_last)


def label(net: Net) -> str:
    """Return network, weights, layer and arithmetic: values with different labels cannot be compared."""
    return f"{net.fingerprint}-{net.layers[-1]}{'-bf16' if in_bf16(net) else ''}"


def in_bf16(net: Net) -> bool:
    """Return whether ``net`` computes in bfloat16 on this processor; published values are of fp32.

    On 24 images of style transfer that moved KID by 0.0016, a hundredth of what sketches score.
    """
    return isinstance(net, PerceptualNet) and bfloat16.processor_has_bf16()


def activations(net: Net, image: imaging.ImageArray) -> dict[str, Tensor]:
    """Return the activations of the layers of ``net``, 1 × C × h × w each, for uint8, H × W × 3.

    One image at a time: a batch would change the last digits.
    """
    x = to_tensor(image).contiguous(memory_format=torch.channels_last)  # a sixth quicker
    with torch.inference_mode(), bfloat16.autocast(in_bf16(net)):
        layers: dict[str, Tensor] = net(x)
    return layers


def pool(net: Net, layers: Mapping[str, Tensor]) -> Features:
    """Return the deepest of ``layers``, averaged over space: one number per channel.

    That of VGG-19 or SqueezeNet is scaled to a root mean square of 1, since there activations run to
    thousands, where the 1 in KID's kernel would vanish; InceptionV3's is not, as in published values.
    """
    mean: Features = layers[net.layers[-1]].double().mean(dim=(2, 3))[0].numpy()
    scale = 1.0 if isinstance(net, InceptionV3) else float(np.sqrt(np.square(mean).mean()))
    return mean / scale if scale > 0 else mean


def extract_features(net: Net, image: imaging.ImageArray) -> Features:
    """Return the pooled features of an image, uint8, H × W × 3: one number per channel."""
    return pool(net, activations(net, image))


def stack(rows: Sequence[Features]) -> Features:
    """Return the features of n images as n × C, or 0 × 0 of none."""
    return np.stack(rows) if rows else np.empty((0, 0))


def read(path: Path) -> imaging.ImageArray:
    """Read an image of the clean set.

    Raises:
        UserError: it is missing or cannot be read.
    """
    try:
        return imaging.read(path)
    except (OSError, imaging.ImageError) as error:
        raise UserError(f"{path} cannot be read ({error}): run `dvc repro`, which makes it") from error
