"""One step of training, and what is carried from step to step."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.data import Batch
from sketch2color.cyclegan.losses import Networks, discriminator_loss, generate, weights_at
from sketch2color.cyclegan.pool import ImagePool


class Trainer:
    """Networks, their optimizers, the image pools and the averaged weights.

    ``averaged`` holds the generators whose weights are the exponential moving average of those in training
    (Karras et al. 2018), or, with ``params.average_decay`` 0, the very generators in training.

    Every process holds all of it, and all stay alike: each works on its share of the batch, and gradients are
    averaged before they are applied.
    """

    def __init__(
        self, fabric: Fabric, networks: Networks, params: TrainCyclegan, steps: int, seed: int
    ) -> None:
        self.fabric = fabric
        self.networks = networks.to(fabric.device)
        self.params = params
        self.steps = steps
        self.generators = networks.generators()
        self.discriminators = networks.discriminators()
        self.optimizers = [self._adam(self.generators), self._adam(self.discriminators)]
        self.averaged = copy.deepcopy(self.generators) if params.average_decay else self.generators
        self.averaged.requires_grad_(not params.average_decay)
        self.random = torch.Generator().manual_seed(seed)
        self.sketch_pool = ImagePool(params.pool_size, self.random)
        self.color_pool = ImagePool(params.pool_size, self.random)

    def step(self, step: int, batch: Batch) -> dict[str, torch.Tensor]:
        """Train on one batch; return the loss terms of this process's share, still on the device."""
        batch = batch.to(self.fabric.device)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, self.steps, self.params.learning_rate)
        terms, fake_sketch, fake_color = self._train_generators(step, batch)
        terms["discriminator"] = self._train_discriminators(batch, fake_sketch, fake_color)
        self._average()
        return terms

    def state_dict(self) -> dict[str, Any]:
        """Return all that a training goes on from, after a step."""
        return {
            "networks": self.networks.state_dict(),
            "averaged": self.averaged.state_dict() if self.params.average_decay else None,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "sketch_pool": self.sketch_pool.state_dict(),
            "color_pool": self.color_pool.state_dict(),
            "random": self.random.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        self.networks.load_state_dict(state["networks"])
        if self.params.average_decay:
            self.averaged.load_state_dict(state["averaged"])
        for optimizer, values in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(values)
        self.sketch_pool.load_state_dict(state["sketch_pool"], self.fabric.device)
        self.color_pool.load_state_dict(state["color_pool"], self.fabric.device)
        self.random.set_state(state["random"])

    def is_finite(self) -> bool:
        """Tell whether all weights are finite; waits for the device."""
        sums = torch._foreach_norm(list(self.networks.parameters()), ord=torch.inf)
        return bool(torch.stack(list(sums)).isfinite().all())

    def _train_generators(
        self, step: int, batch: Batch
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
        weights = weights_at(self.params, step)
        self.discriminators.requires_grad_(
            False
        )  # the gradient passes through discriminators, not to their weights
        with self.fabric.autocast():
            generated = generate(self.networks, batch.sketch, batch.color, weights)
        torch.autograd.backward(torch.stack(list(generated.terms.values())).sum())
        self._apply(self.optimizers[0], self.generators.parameters())
        self.discriminators.requires_grad_(True)
        terms = {name: term.detach() for name, term in generated.terms.items()}
        return terms, generated.sketch.detach(), generated.color.detach()

    def _train_discriminators(
        self, batch: Batch, fake_sketch: torch.Tensor, fake_color: torch.Tensor
    ) -> torch.Tensor:
        old_sketch = self._exchange(self.sketch_pool, fake_sketch)
        old_color = self._exchange(self.color_pool, fake_color)
        with self.fabric.autocast():
            loss = discriminator_loss(self.networks, batch.sketch, batch.color, old_sketch, old_color)
        torch.autograd.backward(loss)
        self._apply(self.optimizers[1], self.discriminators.parameters())
        return loss.detach()

    def _exchange(self, pool: ImagePool, fakes: torch.Tensor) -> torch.Tensor:
        """Exchange with the pool that all processes share: each keeps a copy and does the same to it."""
        rank, world = self.fabric.global_rank, self.fabric.world_size
        if world == 1:
            return pool.exchange(fakes)
        gathered = self.fabric.all_gather(fakes)  # world x share x 3 x H x W
        assert isinstance(gathered, torch.Tensor)
        return pool.exchange(gathered.transpose(0, 1).flatten(0, 1))[rank::world]

    def _apply(self, optimizer: torch.optim.Optimizer, weights: Iterable[nn.Parameter]) -> None:
        if self.fabric.world_size > 1:
            gradients = [weight.grad for weight in weights if weight.grad is not None]
            means = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
            parts = torch.split(means, [gradient.numel() for gradient in gradients])
            for gradient, part in zip(gradients, parts, strict=True):
                gradient.copy_(part.view_as(gradient))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of ``values`` over all processes."""
        means = self.fabric.all_reduce(values, reduce_op="mean")
        assert isinstance(means, torch.Tensor)
        return means

    @torch.no_grad()
    def _average(self) -> None:
        if self.params.average_decay:
            averaged: list[torch.Tensor] = list(self.averaged.parameters())
            current: list[torch.Tensor] = list(self.generators.parameters())
            torch._foreach_lerp_(averaged, current, 1.0 - self.params.average_decay)

    def _adam(self, networks: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(
            networks.parameters(), lr=self.params.learning_rate, betas=(0.5, 0.999), fused=True
        )


def learning_rate(step: int, steps: int, start: float) -> float:
    """Return the learning rate of a step: ``start`` for the first half, then falling in a line towards 0.

    The published code lowers it once an epoch; here each step lowers it, so that short runs end low too.

    >>> [learning_rate(step, 8, 1.0) for step in range(8)]
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    return start * min(1.0, 2.0 * (steps - step) / steps)
