"""Painting by optimisation: the image itself is what gradient descent changes (Gatys et al. 2016)."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def descend(
    objective: Callable[[Tensor], Tensor],
    start: Tensor,
    rates: Sequence[float],
    limit: Tensor,
    memory: float,
) -> Tensor:
    """Make an objective small by steps of Adam (Kingma & Ba 2015), which starts with no memory of gradients.

    Args:
        objective: takes images, N × 3 × H × W, to N values.
        start: the images to start from.
        rates: the learning rate of each step: about as much as a value changes.
        limit: no value is let beyond ± this, which is broadcast over ``start``.
        memory: Adam's beta 2: how slowly the mean of squared gradients forgets.

    Returns:
        The images after the last step.
    """
    images = start.clone().requires_grad_()
    adam = torch.optim.Adam([images], betas=(0.9, memory))
    for rate in rates:
        for group in adam.param_groups:
            group["lr"] = rate
        (images.grad,) = torch.autograd.grad(objective(images).sum(), [images])
        adam.step()
        with torch.no_grad():
            images.clamp_(-limit, limit)
    return images.detach()
