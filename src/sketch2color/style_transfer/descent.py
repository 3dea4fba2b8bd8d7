"""Optimisation of an image: what gradient descent changes is the image itself (Gatys et al. 2016)."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def descend(
    objective: Callable[[Tensor], Tensor], start: Tensor, rates: Sequence[float], limit: Tensor, beta2: float
) -> Tensor:
    """Minimise an objective by steps of Adam (Kingma & Ba 2015), beginning with empty moments.

    Args:
        objective: maps images, N × 3 × H × W, to N values.
        start: the images to start from.
        rates: the learning rate of each step: about as much as a value changes.
        limit: values are clamped to ± this, which is broadcast over ``start``.
        beta2: Adam's decay of the mean of squared gradients.

    Returns:
        The images after the last step.
    """
    images = start.clone().requires_grad_()
    adam = torch.optim.Adam([images], betas=(0.9, beta2))
    for rate in rates:
        adam.param_groups[0]["lr"] = rate
        (images.grad,) = torch.autograd.grad(objective(images).sum(), [images])
        adam.step()
        with torch.no_grad():
            images.clamp_(-limit, limit)
    return images.detach()
