"""Edge-aware smoothing: values spread over the paper and stop at ink."""

import math
from itertools import pairwise
from typing import Any

import torch

_REACHES = (48.0, 16.0)
"""Pixels of blank paper over which a value decays to 1/e, by round; falling, so that no streaks remain."""
_WALL = 32.0
"""Over a pixel of black ink a value decays by so many powers of e. The square of darkness counts: faint lines
are construction lines, and colour crosses those."""

_BLOCK = 16
"""Pixels that are summed one after the other; must divide an edge to be used, or a part of it."""


def smooth(
    layer: torch.Tensor, certainty: torch.Tensor, ink: torch.Tensor, pixel: float = 1.0
) -> torch.Tensor:
    """Average a layer, weighted by certainty, over the surroundings that no ink separates from each point.

    This is the recursive domain transform (Gastal & Oliveira 2011, "Domain transform for edge-aware image
    and video processing"): rows, then columns, in falling reach; distances grow with ink instead of with
    contrast. The certainty makes it a normalised convolution (Knutsson & Westin 1993): an uncertain point
    takes over the values of its surroundings.

    Args:
        layer: N × C × H × W, of any range.
        certainty: N × 1 × H × W, above 0.
        ink: N × 1 × H × W in [-1, 1].
        pixel: edge of a pixel; below 1 for an image in finer resolution.

    Returns:
        N × C × H × W in float32; gradients flow through the layer and its certainty, not through the ink.
    """
    walls = _WALL * (0.5 - 0.5 * ink.detach().float()).clamp_min(0.0).square()
    spread = torch.cat([layer * certainty, certainty], 1).float()
    for reach in _REACHES:
        for axis in (3, 2):
            spread = _Spread.apply(spread, _links(walls + 1.0 / reach, pixel, axis), axis)
    return spread[:, :-1] / spread[:, -1:]


def _links(distances: torch.Tensor, pixel: float, axis: int) -> torch.Tensor:
    """Return the share of a value that passes from each pixel to the next: L × N × 1 × M, along L."""
    distances = distances.movedim(axis, 0)
    links = torch.exp(-0.5 * pixel * (distances[1:] + distances[:-1]))
    return torch.cat([torch.zeros_like(links[:1]), links])


class _Spread(torch.autograd.Function):
    """Adds to each pixel the others of its row or column, decayed: symmetric, so its own backward pass."""

    @staticmethod
    def forward(context: Any, values: torch.Tensor, links: torch.Tensor, axis: int) -> torch.Tensor:
        context.save_for_backward(links)
        context.axis = axis
        return _spread(values, links, axis)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (links,) = context.saved_tensors
        return _spread(gradients[0], links, context.axis), None, None


def _spread(values: torch.Tensor, links: torch.Tensor, axis: int) -> torch.Tensor:
    values = values.movedim(axis, 0).contiguous()  # L x N x C x M
    ahead = torch.cat([links[1:], links[:1]])
    forward, backward = _sums(values, links, 1), _sums(values, ahead, -1)
    return forward.add_(backward).sub_(values).movedim(0, axis)


def _sums(values: torch.Tensor, links: torch.Tensor, direction: int) -> torch.Tensor:
    """Return sums[i] = values[i] + links[i] × sums[i - direction], along the first axis.

    Blocks of the axis are summed in parallel, then each takes over the end of the one before: some fifty
    operations on large pieces, not hundreds on small ones.
    """
    inside = math.gcd(len(values), _BLOCK)
    sums: torch.Tensor = values.clone().view(-1, inside, *values.shape[1:])
    links = links.view(-1, inside, *links.shape[1:])
    passed = links.clone()  # share of the block before that reaches each position
    positions = range(inside)[::direction]
    for before, position in pairwise(positions):
        sums[:, position].addcmul_(links[:, position], sums[:, before])
        passed[:, position].mul_(passed[:, before])
    end = slice(positions[-1], positions[-1] + 1)
    for before, block in pairwise(range(len(sums))[::direction]):
        sums[block].addcmul_(passed[block], sums[before, end])
    return sums.flatten(0, 1)
