"""Style transfer as courses teach it: on SqueezeNet, at the image's own size, with sums of squares.

The form is that of Stanford's CS231n (assignment 3, in PyTorch), after Gatys et al. 2016. Two things differ:
values stay within what an image can hold, where the course holds them within ±1.5 deviations of the mean,
short of white, and stretches the result to the full range; and sketches and references are of one size.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from sketch2color.models.perceptual import TORCHVISION
from sketch2color.style_transfer.descent import descend
from sketch2color.style_transfer.features import ContentAndStyle, Features
from sketch2color.style_transfer.losses import Losses, Weights, neighbour_differences, squared_error

CONTENT_LAYER = "3"
STYLE_WEIGHTS = {"1": 20_000.0, "4": 500.0, "6": 12.0, "7": 1.0}  # by layer

PHASES = ((0.9, 3.0), (0.1, 0.1))  # (share of the steps, learning rate)

# Adam's steps are in the units the network was trained on, those of the deviation; the mean shows in no loss.
UNIT = torch.tensor(TORCHVISION.deviation).reshape(1, 3, 1, 1) / 127.5
LIMIT = 1 / UNIT


def losses(found: ContentAndStyle, target: ContentAndStyle, images: Tensor) -> Losses:
    """Return sums of squared errors; Gram matrices are divided by their number of channels, too.

    Args:
        found: what is extracted from the images.
        target: the content and style to reach.
        images: N × 3 × H × W, in ``UNIT``; variation is the sum of squared differences of neighbours.
    """
    layers = zip(STYLE_WEIGHTS.values(), found.grams, target.grams, strict=True)
    style = [weight * squared_error(gram, wanted) / gram.shape[1] ** 2 for weight, gram, wanted in layers]
    down, across = neighbour_differences(images)
    return Losses(
        content=squared_error(found.content, target.content),
        style=torch.stack(style).sum(0),
        variation=down.square().sum(1) + across.square().sum(1),
    )


class OneScale:
    """A ``Method`` with sums of squares, from the sketch itself; the last tenth of the steps are small.

    Raises:
        UserError: SqueezeNet's weights are missing and cannot be downloaded.
    """

    def __init__(self, weights: Weights, steps: int, bf16: bool) -> None:
        self._weights, self._steps = weights, steps
        self._features = Features("squeezenet1_1", CONTENT_LAYER, tuple(STYLE_WEIGHTS), "max", 0, bf16)

    def stylize(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Transfer style as a ``Method`` does; the seeds are unused, since there is no noise."""
        target = self._features.targets(sketches, references)
        images = sketches / UNIT
        for share, rate in PHASES:
            rates = [rate] * round(self._steps * share)
            images = descend(partial(self._loss, target), images, rates, limit=LIMIT, beta2=0.999)
        with torch.no_grad():
            return images * UNIT, losses(self._features(images * UNIT), target, images)

    def _loss(self, target: ContentAndStyle, images: Tensor) -> Tensor:
        return losses(self._features(images * UNIT), target, images).weighted(self._weights)
