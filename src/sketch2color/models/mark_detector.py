"""The network that detects publishers' marks, trained by ``tools/train_mark_detector.py``."""

from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from sketch2color.models import bfloat16
from sketch2color.models.perceptual import PerceptualNet, extractor

WEIGHTS = Path(__file__).with_name("mark_detector.safetensors")
STRIDE = 32  # height and width of the input are multiples of this
LAYERS = {"relu2_2": 128, "relu3_4": 256, "relu4_1": 512}
"""Layers of VGG-19 and their channels: textures, letters and strokes, parts of things."""
SCALE = 1 / 32  # factor on the features: they and their variance fit into 8 and 16 bits
WIDTH, DEEP_WIDTH, FINE_WIDTH = 64, 96, 40


def _conv(inputs: int, outputs: int, dilation: int = 1, kernel: int = 3) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False)
    # leaky: with zeros wherever it is certain the head learns far more slowly
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True))


def _upsample(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class MarkHead(nn.Module):
    """Segment marks by the features of VGG-19, and their edges by the image itself.

    Only this head is trained, as there are few images of marks. It works at 1/4 to 1/16 of the resolution,
    with dilations at the bottom, as a U-Net (Ronneberger et al. 2015, arXiv:1505.04597) that adds its skips.
    """

    def __init__(self) -> None:
        super().__init__()
        self.narrow = nn.ModuleList(
            _conv(channels, width, kernel=1)
            for channels, width in zip(LAYERS.values(), (WIDTH // 2, WIDTH, WIDTH), strict=True)
        )
        self.mix = nn.Sequential(_conv(WIDTH // 2 + 2 * WIDTH, WIDTH, kernel=1), _conv(WIDTH, WIDTH))
        self.down = nn.Sequential(_conv(WIDTH, DEEP_WIDTH), _conv(DEEP_WIDTH, DEEP_WIDTH))
        self.bottom = nn.Sequential(*(_conv(DEEP_WIDTH, DEEP_WIDTH, dilation) for dilation in (1, 2, 4)))
        self.up = nn.Sequential(_conv(DEEP_WIDTH, DEEP_WIDTH), nn.Conv2d(DEEP_WIDTH, WIDTH, 1))
        self.around = nn.Sequential(_conv(WIDTH, WIDTH), nn.Conv2d(WIDTH, WIDTH // 2, 1))
        self.stem = _conv(12, 24)
        self.fine = nn.Sequential(_conv(24 + WIDTH // 2, FINE_WIDTH), _conv(FINE_WIDTH, FINE_WIDTH))
        self.head = nn.Conv2d(FINE_WIDTH, 8, 3, padding=1)

    def forward(self, images: Tensor, textures: Tensor, strokes: Tensor, parts: Tensor) -> Tensor:
        """Return logits, as :class:`MarkDetector` does.

        Args:
            images: N × 3 × H × W in [-1, 1].
            textures: N × 128 × H/4 × W/4, relu2_2 halved; this and the others times ``SCALE``.
            strokes: N × 256 × H/4 × W/4, relu3_4.
            parts: N × 512 × H/8 × W/8, relu4_1.
        """
        features = [narrow(x) for narrow, x in zip(self.narrow, (textures, strokes, parts), strict=True)]
        quarter = self.mix(torch.cat([*features[:2], _upsample(features[2])], 1))  # N x 64 x H/4 x W/4
        eighth = self.down(F.max_pool2d(quarter, 2))
        eighth = eighth + _upsample(self.bottom(F.max_pool2d(eighth, 2)))
        around = self.around(quarter + _upsample(self.up(eighth)))
        fine = torch.cat([self.stem(F.pixel_unshuffle(images, 2)), _upsample(around)], 1)
        return F.pixel_shuffle(self.head(self.fine(fine)), 2)


class MarkDetector(nn.Module):
    """Segment publishers' marks: VGG-19, frozen, and a :class:`MarkHead`."""

    def __init__(self, head: MarkHead) -> None:
        super().__init__()
        self.backbone = backbone()
        self.head = head

    def forward(self, images: Tensor) -> Tensor:
        """Return logits.

        Args:
            images: N × 3 × H × W in [-1, 1]; H and W are multiples of ``STRIDE``.

        Returns:
            N × 2 × H × W: channel 0 for the ground that a mark spans, gaps between its letters included;
            channel 1 for the pixels of the mark itself.
        """
        with bfloat16.autocast():
            logits: Tensor = self.head(images, *extract_features(self.backbone, images))
        return logits.float()


def backbone() -> PerceptualNet:
    """Return VGG-19 up to the last of ``LAYERS``.

    Raises:
        UserError: its weights are missing.
    """
    return extractor("vgg19", list(LAYERS)).to(memory_format=torch.channels_last)


def extract_features(network: PerceptualNet, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the features of images, N × 3 × H × W in [-1, 1], that :class:`MarkHead` takes."""
    features = network(images.contiguous(memory_format=torch.channels_last))
    return (
        F.avg_pool2d(features["relu2_2"], 2) * SCALE,
        features["relu3_4"] * SCALE,
        features["relu4_1"] * SCALE,
    )


@cache
def pretrained(weights: Path = WEIGHTS) -> MarkDetector:
    """Return the network with trained weights, ready to use.

    Raises:
        UserError: VGG-19's weights are missing.
    """
    head = MarkHead()
    head.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    return MarkDetector(head.to(memory_format=torch.channels_last)).eval()
