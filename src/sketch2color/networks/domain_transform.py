"""Edge-aware smoothing: what is known of one place is spread over the paper, and stops at ink."""

from typing import Any

import torch

_REACHES = (48.0, 16.0)
"""Pixels of blank paper that fade a value to 1/e, round by round; falling, so that no streaks stay."""
_WALL = 32.0
"""A pixel of black ink fades a value by so many powers of e. The square of darkness counts: faint lines are
construction lines, and colour crosses those."""


def smooth(
    layer: torch.Tensor, certainty: torch.Tensor, ink: torch.Tensor, pixel: float = 1.0
) -> torch.Tensor:
    """Average a layer over what no ink parts from each place, by how certain it is there.

    This is the recursive domain transform (Gastal & Oliveira 2011, "Domain transform for edge-aware image
    and video processing"): rows, then columns, in falling reach; distances grow with the ink there instead
    of with contrast. The certainty makes it a normalised convolution (Knutsson & Westin 1993): a place that
    says nothing takes over what its surroundings say.

    Args:
        layer: N × C × H × W, of any range.
        certainty: N × 1 × H × W, above 0.
        ink: N × 1 × H × W in [-1, 1].
        pixel: edge of a pixel; below 1 for a drawing that is looked at in finer resolution.

    Returns:
        N × C × H × W in float32; gradients flow through the layer and its certainty, not through the ink.
    """
    walls = _WALL * (0.5 - 0.5 * ink.detach().float()).clamp_min(0.0).square()
    spread = torch.cat([layer * certainty, certainty], 1).float()
    for reach in _REACHES:
        for axis in (3, 2):
            spread = _Spread.apply(spread, *_links(walls + 1.0 / reach, pixel, axis), axis)
    return spread[:, :-1] / spread[:, -1:]


def _links(distances: torch.Tensor, pixel: float, axis: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how much of a value passes to each pixel from the one before it, going there and going back."""
    rest = distances.shape[axis] - 1
    between = 0.5 * (distances.narrow(axis, 1, rest) + distances.narrow(axis, 0, rest))
    links = torch.exp(-pixel * between)
    first = torch.zeros_like(distances.narrow(axis, 0, 1))
    return torch.cat([first, links], axis), torch.cat([first, links.flip(axis)], axis)


class _Spread(torch.autograd.Function):
    """Adds to each pixel the others of its row or column, faded: symmetric, so its own backward pass."""

    @staticmethod
    def forward(
        context: Any, values: torch.Tensor, there: torch.Tensor, back: torch.Tensor, axis: int
    ) -> torch.Tensor:
        context.save_for_backward(there, back)
        context.axis = axis
        return _spread(values, there, back, axis)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        there, back = context.saved_tensors
        return _spread(gradients[0], there, back, context.axis), None, None, None


def _spread(values: torch.Tensor, there: torch.Tensor, back: torch.Tensor, axis: int) -> torch.Tensor:
    return _sums(values, there, axis) + _sums(values.flip(axis), back, axis).flip(axis) - values


def _sums(values: torch.Tensor, links: torch.Tensor, axis: int) -> torch.Tensor:
    """Return sums[i] = values[i] + links[i] × sums[i - 1].

    Each pass doubles how many pixels a sum covers, so there are log2(length) passes over whole pictures.
    """
    covered, length = 1, values.shape[axis]
    while covered < length:
        rest = length - covered
        link = links.narrow(axis, covered, rest)
        longer = torch.addcmul(values.narrow(axis, covered, rest), link, values.narrow(axis, 0, rest))
        values = torch.cat([values.narrow(axis, 0, covered), longer], axis)
        links = torch.cat([links.narrow(axis, 0, covered), link * links.narrow(axis, 0, rest)], axis)
        covered *= 2
    return values
