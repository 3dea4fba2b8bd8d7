"""What CycleGAN minimises (Zhu et al. 2017): least-squares GAN, cycle consistency and identity."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from sketch2color.networks.generators import Generator
from sketch2color.networks.palette import palette

TERMS = ("identity", "gan", "cycle", "discriminator")


class Networks(nn.Module):
    """The two generators and the two critics of a CycleGAN."""

    def __init__(
        self,
        sketch_to_color: Generator,
        color_to_sketch: Generator,
        sketch_critic: nn.Module,
        color_critic: nn.Module,
    ) -> None:
        super().__init__()
        self.sketch_to_color = sketch_to_color
        self.color_to_sketch = color_to_sketch
        self.sketch_critic = sketch_critic
        self.color_critic = color_critic

    def generators(self) -> nn.ModuleList:
        """The two generators, which are trained together."""
        return nn.ModuleList([self.sketch_to_color, self.color_to_sketch])

    def critics(self) -> nn.ModuleList:
        """The two critics, which are trained together."""
        return nn.ModuleList([self.sketch_critic, self.color_critic])


@dataclass
class Generated:
    """The generators' loss terms, weighted, as they add up; and the fakes, for the critics."""

    terms: dict[str, torch.Tensor]
    sketch: torch.Tensor
    color: torch.Tensor


def generate(
    networks: Networks,
    sketch: torch.Tensor,
    color: torch.Tensor,
    cycle_weight: float,
    identity_weight: float,
) -> Generated:
    """Run both cycles and, where ``identity_weight`` is not 0, the identity mappings.

    Args:
        networks: those to run.
        sketch: N × 3 × H × W in [-1, 1].
        color: likewise, unpaired; its palettes are the ones to paint with.
        cycle_weight: lambda of the paper's equation 3.
        identity_weight: of the term of section 5.2; there half the cycle's.
    """
    colors = palette(color)
    fake_color = networks.sketch_to_color(sketch, colors)
    fake_sketch = networks.color_to_sketch(color)
    cycle_sketch = networks.color_to_sketch(fake_color)
    cycle_color = networks.sketch_to_color(fake_sketch, colors)
    color_scores, sketch_scores = networks.color_critic(fake_color), networks.sketch_critic(fake_sketch)
    terms = {
        "gan": _squares(color_scores, 1.0) + _squares(sketch_scores, 1.0),
        "cycle": cycle_weight * (F.l1_loss(cycle_sketch, sketch) + F.l1_loss(cycle_color, color)),
    }
    if identity_weight:
        same_color = networks.sketch_to_color(color, colors)
        same_sketch = networks.color_to_sketch(sketch)
        terms["identity"] = identity_weight * (F.l1_loss(same_color, color) + F.l1_loss(same_sketch, sketch))
    return Generated(terms, fake_sketch, fake_color)


def criticize(
    networks: Networks,
    sketch: torch.Tensor,
    color: torch.Tensor,
    fake_sketch: torch.Tensor,
    fake_color: torch.Tensor,
) -> torch.Tensor:
    """Return the critics' loss over real and (detached) generated pictures, halved as published."""
    sides = (
        (networks.sketch_critic, sketch, fake_sketch),
        (networks.color_critic, color, fake_color),
    )
    losses = [_squares(critic(real), 1.0) + _squares(critic(fake), 0.0) for critic, real, fake in sides]
    return 0.5 * torch.stack(losses).sum()


def _squares(scores: torch.Tensor, target: float) -> torch.Tensor:
    return scores.float().sub(target).square().mean()
