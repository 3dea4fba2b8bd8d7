"""Lines and background of a sketch, found without learning."""

import math

import torch
import torch.nn.functional as F

FAINTEST = 0.8
"""Flattened ink, in [-1, 1], of the faintest line: a tenth darker than its ground; grain of paper is less."""


def max_channel(image: torch.Tensor) -> torch.Tensor:
    """Return the brightest channel, N × 1 × H × W: grey ink stays, colour (having one full channel) fades.

    >>> float(max_channel(torch.tensor([1.0, -1.0, 0.5]).reshape(1, 3, 1, 1)))
    1.0
    """
    return image.amax(1, keepdim=True)


def flatten_illumination(ink: torch.Tensor, window: int = 17) -> torch.Tensor:
    """Divide ``ink`` by the light of the ground it lies on: even ground becomes white, lines stay.

    The ground is what a morphological closing leaves when it has swallowed the lines.

    Args:
        ink: N × 1 × H × W in [-1, 1].
        window: odd edge in pixels; what is dark over less than this is a line.

    Returns:
        N × 1 × H × W in [-1, 1]; gradients flow through the ink, not through the ground.
    """
    light = ink.add(1.0).mul(0.5)
    with torch.no_grad():
        ground = -_dilate(-_dilate(light, window), window)
    return light.div(ground.clamp_min(1.0 / 255.0)).mul(2.0).sub(1.0)


def _dilate(levels: torch.Tensor, window: int) -> torch.Tensor:
    """Return the maximum over window × window pixels round each pixel of N × 1 × H × W.

    Each pass doubles what the maximum covers: far quicker on a CPU than pooling, which reads all pixels.
    """
    levels = F.pad(levels, (window // 2,) * 4, value=-math.inf)
    for axis in (2, 3):
        covered = 1
        while covered < window:
            shift = min(covered, window - covered)
            rest = levels.shape[axis] - shift
            levels = torch.maximum(levels.narrow(axis, 0, rest), levels.narrow(axis, shift, rest))
            covered += shift
    return levels


@torch.no_grad()
def flood_from_border(ink: torch.Tensor, gap: int, steps: int = 64) -> torch.Tensor:
    """Return for each point the darkest level on the lightest path to it from the border of the image.

    Grey reconstruction by dilation (Vincent 1993) at 1/gap of the resolution, so that small gaps in lines
    count as closed. It tells the network what convolutions are slow to learn: on which side of a distant
    line a blank place lies.

    Args:
        ink: N × 1 × H × W in [-1, 1].
        gap: in pixels; divides H and W.
        steps: the longest path, in pixels of the result.

    Returns:
        N × 1 × H/gap × W/gap in [-1, 1].
    """
    light = -F.max_pool2d(-ink, gap)
    flood = torch.full_like(light, -1.0)
    for edge in (0, -1):
        flood[:, :, edge] = light[:, :, edge]
        flood[..., edge] = light[..., edge]
    for _ in range(steps):
        flood = torch.minimum(F.max_pool2d(flood, 3, stride=1, padding=1), light)
    return flood


@torch.no_grad()
def background_mask(sketch: torch.Tensor) -> torch.Tensor:
    """Return where the paper round a drawing is blank: 1 there, else 0.

    That is what the border reaches without coming within ten pixels of ink; so gaps of up to 20 pixels in an
    outline let nothing in.

    Args:
        sketch: N × 3 × H × W in [-1, 1], H and W multiples of 4.

    Returns:
        N × 1 × H × W.
    """
    clear = -_dilate(-flatten_illumination(max_channel(sketch)), 21)
    flood = F.interpolate(flood_from_border(clear, 4), scale_factor=4.0)
    return (flood > FAINTEST).to(sketch.dtype)
