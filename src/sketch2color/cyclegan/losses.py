"""What CycleGAN minimises (Zhu et al. 2017): least-squares GAN, cycle consistency and identity.

The paper term is no part of the publication; its weight is 0 by default.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.data import Batch
from sketch2color.cyclegan.networks import Discriminators, Networks
from sketch2color.models.palette import palette
from sketch2color.models.sketch_lines import background_mask

TERMS = ("identity", "gan", "cycle", "paper", "discriminator")


@dataclass
class GeneratorLosses:
    """The generators' weighted loss terms, and the fakes for the discriminators."""

    terms: dict[str, torch.Tensor]
    fake_sketch: torch.Tensor
    fake_color: torch.Tensor


def generator_losses(networks: Networks, batch: Batch, params: TrainCyclegan, step: int) -> GeneratorLosses:
    """Run both cycles and compute all terms that have a weight.

    ``cycle_weight`` is the lambda of the paper's equation 3, ``identity_weight`` that of the term of section
    5.2, which is computed at every ``identity_every``-th step. Sketches are coloured with the palettes of the
    (unpaired) coloured images.
    """
    sketch, color, condition = batch.sketch, batch.color, palette(batch.color)
    sketch_to_color = networks.generators.sketch_to_color
    color_to_sketch = networks.generators.color_to_sketch
    with_identity = params.identity_weight > 0 and step % params.identity_every == 0
    if with_identity:  # in one pass with the fakes: larger products keep the hardware busier
        both = torch.cat([condition, condition])
        fake_color, same_color = sketch_to_color(torch.cat([sketch, color]), both).chunk(2)
        fake_sketch, same_sketch = color_to_sketch(torch.cat([color, sketch]), both).chunk(2)
    else:
        fake_color, fake_sketch = sketch_to_color(sketch, condition), color_to_sketch(color, condition)
    cycle_sketch = color_to_sketch(fake_color, condition)
    cycle_color = sketch_to_color(fake_sketch, condition)
    color_scores = networks.discriminators.color(fake_color)
    sketch_scores = networks.discriminators.sketch(fake_sketch)
    terms = {
        "gan": least_squares(color_scores, 1.0) + least_squares(sketch_scores, 1.0),
        "cycle": params.cycle_weight * (F.l1_loss(cycle_sketch, sketch) + F.l1_loss(cycle_color, color)),
    }
    if with_identity:
        same = F.l1_loss(same_color, color) + F.l1_loss(same_sketch, sketch)
        terms["identity"] = params.identity_weight * same
    if params.paper_weight:
        change = background_mask(sketch) * (fake_color - sketch)
        terms["paper"] = params.paper_weight * change.abs().mean()
    return GeneratorLosses(terms, fake_sketch, fake_color)


def discriminator_loss(
    discriminators: Discriminators, batch: Batch, fake_sketch: torch.Tensor, fake_color: torch.Tensor
) -> torch.Tensor:
    """Return the loss, halved as published, over a batch and generated (detached) images of its shape."""
    losses = [
        least_squares(discriminators.sketch(batch.sketch), 1.0),
        least_squares(discriminators.sketch(fake_sketch), 0.0),
        least_squares(discriminators.color(batch.color), 1.0),
        least_squares(discriminators.color(fake_color), 0.0),
    ]
    return 0.5 * torch.stack(losses).sum()


def least_squares(scores: torch.Tensor, target: float) -> torch.Tensor:
    """Return the least-squares GAN loss (Mao et al. 2017): the mean of (scores − target)²."""
    return scores.float().sub(target).square().mean()
