"""What CycleGAN minimises (Zhu et al. 2017): least-squares GAN, cycle consistency and identity.

What is no part of the publication has a parameter, whose default leaves it out.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.diffaugment import diffaugment
from sketch2color.models.generators import Generator
from sketch2color.models.lines import blank
from sketch2color.models.palette import palette

TERMS = ("identity", "gan", "cycle", "paper", "discriminator")


class Networks(nn.Module):
    """The two generators and the two discriminators of a CycleGAN."""

    def __init__(
        self,
        sketch_to_color: Generator,
        color_to_sketch: Generator,
        sketch_discriminator: nn.Module,
        color_discriminator: nn.Module,
    ) -> None:
        super().__init__()
        self.sketch_to_color = sketch_to_color
        self.color_to_sketch = color_to_sketch
        self.sketch_discriminator = sketch_discriminator
        self.color_discriminator = color_discriminator

    def generators(self) -> nn.ModuleList:
        """The two generators, which are trained together."""
        return nn.ModuleList([self.sketch_to_color, self.color_to_sketch])

    def discriminators(self) -> nn.ModuleList:
        """The two discriminators, which are trained together."""
        return nn.ModuleList([self.sketch_discriminator, self.color_discriminator])


@dataclass(frozen=True)
class Weights:
    """What the generators' terms are multiplied with at one step; what is 0 is not computed."""

    cycle: float
    identity: float
    paper: float


def weights_at(params: TrainCyclegan, step: int, steps: int) -> Weights:
    """Return the weights of a step of so many: the cycle's falls in a line, identity takes its turns.

    >>> [weights_at(TrainCyclegan(cycle_end=0.5), step, 3).cycle for step in range(3)]
    [10.0, 7.5, 5.0]
    """
    done = step / max(steps - 1, 1)
    return Weights(
        cycle=params.cycle_weight * (1.0 + done * (params.cycle_end - 1.0)),
        identity=params.identity_weight if step % params.identity_every == 0 else 0.0,
        paper=params.paper_weight,
    )


@dataclass
class Generated:
    """The generators' loss terms, weighted, as they add up; and the fakes, for the discriminators."""

    terms: dict[str, torch.Tensor]
    sketch: torch.Tensor
    color: torch.Tensor


def generate(
    networks: Networks,
    sketch: torch.Tensor,
    color: torch.Tensor,
    params: TrainCyclegan,
    weights: Weights,
    draws: torch.Tensor,
) -> Generated:
    """Run both cycles and take all terms that have a weight.

    Args:
        networks: those to run.
        sketch: N × 3 × H × W in [-1, 1].
        color: likewise, unpaired; its palettes are the ones to paint with.
        params: what discriminators see, and what a cycle's middle keeps.
        weights: those of this step; ``cycle`` is the lambda of the paper's equation 3, ``identity`` the
            weight of the term of section 5.2.
        draws: N × 16, uniform in [0, 1): the chance in this step.
    """
    colors = palette(color)
    if weights.identity:  # in one pass with the fakes: larger products keep the hardware busier
        both = networks.sketch_to_color(torch.cat([sketch, color]), torch.cat([colors, colors]))
        fake_color, same_color = both.chunk(2)
        fake_sketch, same_sketch = networks.color_to_sketch(torch.cat([color, sketch])).chunk(2)
    else:
        fake_color = networks.sketch_to_color(sketch, colors)
        fake_sketch = networks.color_to_sketch(color)
    cycle_sketch = networks.color_to_sketch(quantized(fake_color, params.cycle_levels))
    cycle_color = networks.sketch_to_color(quantized(fake_sketch, params.cycle_levels), colors)
    _, changes = draws.chunk(2, dim=1)
    color_scores = networks.color_discriminator(diffaugment(fake_color, changes, params.diffaugment))
    sketch_scores = networks.sketch_discriminator(diffaugment(fake_sketch, changes, params.diffaugment))
    terms = {
        "gan": _squares(color_scores, 1.0) + _squares(sketch_scores, 1.0),
        "cycle": weights.cycle * (F.l1_loss(cycle_sketch, sketch) + F.l1_loss(cycle_color, color)),
    }
    if weights.identity:
        terms["identity"] = weights.identity * (F.l1_loss(same_color, color) + F.l1_loss(same_sketch, sketch))
    if weights.paper:
        terms["paper"] = weights.paper * (blank(sketch) * (fake_color - sketch)).abs().mean()
    return Generated(terms, fake_sketch, fake_color)


def discriminator_loss(
    networks: Networks,
    sketch: torch.Tensor,
    color: torch.Tensor,
    fake_sketch: torch.Tensor,
    fake_color: torch.Tensor,
    params: TrainCyclegan,
    draws: torch.Tensor,
) -> torch.Tensor:
    """Return the discriminators' loss over real and (detached) generated images, halved as published.

    All images are N × 3 × H × W in [-1, 1]; ``params`` and ``draws`` are those of :func:`generate`.
    """
    sides = (
        (networks.sketch_discriminator, sketch, fake_sketch),
        (networks.color_discriminator, color, fake_color),
    )
    losses = []
    for discriminator, real, fake in sides:
        seen = zip((real, fake), draws.chunk(2, dim=1), (1.0, 0.0), strict=True)
        losses += [
            _squares(discriminator(diffaugment(images, changes, params.diffaugment)), target)
            for images, changes, target in seen
        ]
    return 0.5 * torch.stack(losses).sum()


def quantized(image: torch.Tensor, levels: int) -> torch.Tensor:
    """Round an image in [-1, 1] to so many levels, 0 leaving it as it is; gradients pass straight through.

    A cycle closes most easily by hiding its source in its middle, in differences too small to see (Chu et al.
    2017, "CycleGAN, a Master of Steganography"); they do not survive this.

    >>> quantized(torch.tensor([-1.0, -0.4, 0.1, 1.0]), 3).tolist()
    [-1.0, 0.0, 0.0, 1.0]
    """
    if not levels:
        return image
    step = 2.0 / (levels - 1)
    rounded = image.detach().add(1.0).div(step).round().mul(step).sub(1.0)
    return image + (rounded - image.detach())


def _squares(scores: torch.Tensor, target: float) -> torch.Tensor:
    return scores.float().sub(target).square().mean()
