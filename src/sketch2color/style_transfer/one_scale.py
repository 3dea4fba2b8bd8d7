"""Style transfer as courses teach it: on SqueezeNet, at the image's own size, with sums of squares.

The form is that of Stanford's CS231n (assignment 3, in PyTorch), after Gatys et al. 2016. Two things differ:
values stay within what an image can hold, where the course holds them within ±1.5 deviations of the mean,
short of white, and stretches what comes out to the full range; and images are of one size, sketches and
references alike.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from sketch2color.models.perceptual import TORCHVISION
from sketch2color.style_transfer.descent import descend
from sketch2color.style_transfer.features import Features, Reading
from sketch2color.style_transfer.losses import Losses, Weights, squared_error, steps_between_neighbours

CONTENT_LAYER = "3"
STYLE_WEIGHTS = {"1": 20_000.0, "4": 500.0, "6": 12.0, "7": 1.0}  # by layer

PHASES = ((0.9, 3.0), (0.1, 0.1))  # (share of the steps, learning rate)

# Adam's steps are of what the network was trained on, in units of the deviation; the mean shows in no loss.
UNIT = torch.tensor(TORCHVISION.deviation).reshape(1, 3, 1, 1) / 127.5
LIMIT = 1 / UNIT


def losses(found: Reading, target: Reading, images: Tensor) -> Losses:
    """Return sums of squared errors.

    Gram matrices are divided by their number of channels as well as of places.

    Args:
        found: what the network reads from the images.
        target: content and style that are wanted.
        images: N × 3 × H × W, in ``UNIT``; variation is the sum of the squared steps between neighbours.
    """
    layers = zip(STYLE_WEIGHTS.values(), found.grams, target.grams, strict=True)
    style = [weight * squared_error(gram, wanted) / gram.shape[1] ** 2 for weight, gram, wanted in layers]
    down, across = steps_between_neighbours(images)
    return Losses(
        content=squared_error(found.content, target.content),
        style=torch.stack(style).sum(0),
        variation=down.square().sum(1) + across.square().sum(1),
    )


class OneScale:
    """Paint with sums of squares, from the sketch itself.

    Args:
        weights: of the losses.
        steps: the last tenth of them are small ones.
        bf16: whether the network computes in bfloat16.

    Raises:
        UserError: SqueezeNet's weights cannot be had.
    """

    def __init__(self, weights: Weights, steps: int, bf16: bool) -> None:
        self._weights, self._steps = weights, steps
        self._features = Features(
            "squeezenet1_1",
            content_layer=CONTENT_LAYER,
            style_layers=tuple(STYLE_WEIGHTS),
            pooling="max",
            margin=0,
            bf16=bf16,
        )

    def paint(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Carry the style of references over to sketches.

        Args:
            sketches: N × 3 × H × W in [-1, 1].
            references: K for each sketch, those of one after those of another, N·K × 3 × H × W.
            seeds: not needed: painting starts from the sketch as it is.

        Returns:
            The images, N × 3 × H × W in [-1, 1], and their losses.
        """
        target = self._features.targets(sketches, references)
        images = sketches / UNIT
        for share, rate in PHASES:
            rates = [rate] * round(self._steps * share)
            images = descend(partial(self._loss, target), images, rates, limit=LIMIT, memory=0.999)
        with torch.no_grad():
            return images * UNIT, losses(self._features(images * UNIT), target, images)

    def _loss(self, target: Reading, images: Tensor) -> Tensor:
        return losses(self._features(images * UNIT), target, images).weighted(self._weights)
