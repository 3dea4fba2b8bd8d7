"""What can be told of a drawing's lines without learning: ink, ground, inside and outside."""

import math

import torch
import torch.nn.functional as F

FAINTEST = 0.8
"""Evened ink, in [-1, 1], of the faintest line: a tenth darker than its ground; grain of paper is less."""


def brightest(image: torch.Tensor) -> torch.Tensor:
    """Return the brightest channel, N × 1 × H × W: grey ink stays, colour (having one full channel) fades.

    >>> float(brightest(torch.tensor([1.0, -1.0, 0.5]).reshape(1, 3, 1, 1)))
    1.0
    """
    return image.amax(1, keepdim=True)


def evened(ink: torch.Tensor, fold: int = 17) -> torch.Tensor:
    """Make even ground white, and leave lines: divide ``ink`` by the light of the ground that it lies on.

    The ground is what a morphological closing leaves when it has swallowed the lines.

    Args:
        ink: N × 1 × H × W in [-1, 1].
        fold: odd edge in pixels; what is dark over less than this is a line.

    Returns:
        N × 1 × H × W in [-1, 1]; gradients flow through the ink, not through the ground.
    """
    light = ink.add(1.0).mul(0.5)
    with torch.no_grad():
        ground = -_widest(-_widest(light, fold), fold)
    return light.div(ground.clamp_min(1.0 / 255.0)).mul(2.0).sub(1.0)


def _widest(levels: torch.Tensor, fold: int) -> torch.Tensor:
    """Return the maximum over fold × fold pixels round each pixel of N × 1 × H × W.

    Each pass doubles what the maximum covers: far quicker on a CPU than pooling, which looks at all pixels.
    """
    levels = F.pad(levels, (fold // 2,) * 4, value=-math.inf)
    for axis in (2, 3):
        covered = 1
        while covered < fold:
            shift = min(covered, fold - covered)
            rest = levels.shape[axis] - shift
            levels = torch.maximum(levels.narrow(axis, 0, rest), levels.narrow(axis, shift, rest))
            covered += shift
    return levels


@torch.no_grad()
def reached(ink: torch.Tensor, gap: int, steps: int = 64) -> torch.Tensor:
    """Return how light the lightest way is that leads from the page's edge to each point: what lies outside.

    Grey reconstruction by dilation (Vincent 1993) at 1/gap of the resolution, so that small gaps in lines
    count as closed. It tells the network what convolutions are slow to find out: on which side of a distant
    line a blank place lies.

    Args:
        ink: N × 1 × H × W in [-1, 1].
        gap: in pixels; divides H and W.
        steps: how many pixels of the result the way may be long.

    Returns:
        N × 1 × H/gap × W/gap in [-1, 1].
    """
    light = -F.max_pool2d(-ink, gap)
    way = torch.full_like(light, -1.0)
    for edge in (0, -1):
        way[:, :, edge] = light[:, :, edge]
        way[..., edge] = light[..., edge]
    for _ in range(steps):
        way = torch.minimum(F.max_pool2d(way, 3, stride=1, padding=1), light)
    return way


@torch.no_grad()
def blank(sketch: torch.Tensor) -> torch.Tensor:
    """Return where the paper round a drawing is blank: 1 there, else 0.

    Blank is what can be reached from the page's edge without coming within ten pixels of ink; so gaps of up
    to 20 pixels in an outline let nothing in.

    Args:
        sketch: N × 3 × H × W in [-1, 1], H and W multiples of 4.

    Returns:
        N × 1 × H × W.
    """
    clear = -_widest(-evened(brightest(sketch)), 21)
    way = F.interpolate(reached(clear, 4), scale_factor=4.0)
    return (way > FAINTEST).to(sketch.dtype)
