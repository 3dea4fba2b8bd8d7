"""The features in which KID and FID compare sets of pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sketch2color import images
from sketch2color.errors import UserError
from sketch2color.networks import perceptual
from sketch2color.networks.perceptual import PerceptualNet
from sketch2color.networks.tensors import to_tensor
from sketch2color.progress import progress

Features = NDArray[np.float64]

# Deep enough for objects and materials. Among the layers from relu3_4 to pool5 of VGG-19, this one told 24
# sketches from 24 coloured drawings best: ten standard deviations of what fresh coloured drawings score.
LAYERS: dict[perceptual.Extractor, str] = {"vgg19": "relu4_1", "squeezenet1_1": "12"}


def load(name: perceptual.Extractor) -> PerceptualNet:
    """Return the named extractor, stopping at the layer that is compared; 512 features in both.

    Raises:
        UserError: its weights cannot be had.
    """
    return perceptual.extractor(name, [LAYERS[name]])


def label(net: PerceptualNet) -> str:
    """Name network, weights and layer; figures with different labels cannot be compared."""
    return f"{net.fingerprint}-{net.layers[-1]}"


def describe(net: PerceptualNet, picture: images.PictureArray) -> Features:
    """Return what ``net`` sees in a picture, wherever in the picture it sees it.

    The deepest activation is averaged over space and scaled to a root mean square of 1: activations of raw
    networks run to thousands, where the 1 in KID's kernel would vanish.

    Args:
        net: the extractor; only its deepest layer is used.
        picture: uint8, H × W × 3.

    Returns:
        One number per channel.
    """
    with torch.inference_mode():
        activation = net(to_tensor(picture))[net.layers[-1]]  # 1 × C × h × w
    mean = activation.double().mean(dim=(2, 3))[0].numpy()  # C
    scale = float(np.sqrt(np.square(mean).mean()))
    scaled: Features = mean / scale if scale > 0 else mean
    return scaled


def describe_files(net: PerceptualNet, paths: Sequence[Path], what: str) -> Features:
    """Return the features of the pictures at ``paths``, n × C; one by one, so no batch sways the digits.

    Raises:
        UserError: a picture is missing or cannot be read.
    """
    rows = [describe(net, read(path)) for path in progress(paths, what)]
    return table(rows)


def table(rows: Sequence[Features]) -> Features:
    """Return the features of n pictures as n × C, or 0 × 0 of none."""
    return np.stack(rows) if rows else np.empty((0, 0))


def read(path: Path) -> images.PictureArray:
    """Read a picture of the clean set.

    Raises:
        UserError: it is missing or cannot be read.
    """
    try:
        return images.read(path)
    except (OSError, images.PictureError) as error:
        raise UserError(f"{path} cannot be read ({error}): run `dvc repro`, which makes it") from error
