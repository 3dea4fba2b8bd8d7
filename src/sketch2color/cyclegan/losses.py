"""What CycleGAN minimises (Zhu et al. 2017): least-squares GAN, cycle consistency and identity.

What is no part of the publication has a parameter, whose default leaves it out.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.models.generator import Generator
from sketch2color.models.lines import background_mask
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


def weights_at(params: TrainCyclegan, step: int) -> Weights:
    """Return the weights of a step; identity takes its turns."""
    return Weights(
        cycle=params.cycle_weight,
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
    weights: Weights,
) -> Generated:
    """Run both cycles and take all terms that have a weight.

    Args:
        networks: those to run.
        sketch: N × 3 × H × W in [-1, 1].
        color: likewise, unpaired; its palettes are the ones to colour with.
        weights: those of this step; ``cycle`` is the lambda of the paper's equation 3, ``identity`` the
            weight of the term of section 5.2.
    """
    colors = palette(color)
    if weights.identity:  # in one pass with the fakes: larger products keep the hardware busier
        both = networks.sketch_to_color(torch.cat([sketch, color]), torch.cat([colors, colors]))
        fake_color, same_color = both.chunk(2)
        both = networks.color_to_sketch(torch.cat([color, sketch]), torch.cat([colors, colors]))
        fake_sketch, same_sketch = both.chunk(2)
    else:
        fake_color = networks.sketch_to_color(sketch, colors)
        fake_sketch = networks.color_to_sketch(color, colors)
    cycle_sketch = networks.color_to_sketch(fake_color, colors)
    cycle_color = networks.sketch_to_color(fake_sketch, colors)
    color_scores = networks.color_discriminator(fake_color)
    sketch_scores = networks.sketch_discriminator(fake_sketch)
    terms = {
        "gan": _squares(color_scores, 1.0) + _squares(sketch_scores, 1.0),
        "cycle": weights.cycle * (F.l1_loss(cycle_sketch, sketch) + F.l1_loss(cycle_color, color)),
    }
    if weights.identity:
        terms["identity"] = weights.identity * (F.l1_loss(same_color, color) + F.l1_loss(same_sketch, sketch))
    if weights.paper:
        terms["paper"] = weights.paper * (background_mask(sketch) * (fake_color - sketch)).abs().mean()
    return Generated(terms, fake_sketch, fake_color)


def discriminator_loss(
    networks: Networks,
    sketch: torch.Tensor,
    color: torch.Tensor,
    fake_sketch: torch.Tensor,
    fake_color: torch.Tensor,
) -> torch.Tensor:
    """Return the discriminators' loss over real and (detached) generated images, halved as published.

    All images are N × 3 × H × W in [-1, 1].
    """
    losses = [
        _squares(networks.sketch_discriminator(sketch), 1.0),
        _squares(networks.sketch_discriminator(fake_sketch), 0.0),
        _squares(networks.color_discriminator(color), 1.0),
        _squares(networks.color_discriminator(fake_color), 0.0),
    ]
    return 0.5 * torch.stack(losses).sum()


def _squares(scores: torch.Tensor, target: float) -> torch.Tensor:
    return scores.float().sub(target).square().mean()
