"""One step of training, and what is carried from step to step."""

import copy

import torch
from torch import nn

from sketch2color.cyclegan.objective import Networks, criticize, generate
from sketch2color.cyclegan.pool import ImagePool
from sketch2color.params import TrainCyclegan


class Trainer:
    """Networks, their optimizers, the image pools and the averaged weights.

    ``averaged`` holds the generators whose weights are the exponential moving average of those in training
    (Karras et al. 2018), or, with ``params.average_decay`` 0, the very generators in training.
    """

    def __init__(self, networks: Networks, params: TrainCyclegan, steps: int, seed: int) -> None:
        self.networks = networks
        self.params = params
        self.steps = steps
        self.device = next(networks.parameters()).device
        self.generators = networks.generators()
        self.critics = networks.critics()
        self.optimizers = [self._adam(self.generators), self._adam(self.critics)]
        self.averaged = copy.deepcopy(self.generators) if params.average_decay else self.generators
        self.averaged.requires_grad_(not params.average_decay)
        random = torch.Generator().manual_seed(seed)
        self.sketch_pool = ImagePool(params.pool_size, random)
        self.color_pool = ImagePool(params.pool_size, random)

    def step(self, step: int, sketch: torch.Tensor, color: torch.Tensor) -> dict[str, torch.Tensor]:
        """Train on one batch (N × 3 × H × W in [-1, 1] each); return the loss terms, still on the device."""
        sketch, color = sketch.to(self.device), color.to(self.device)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, self.steps, self.params.learning_rate)
        terms, fake_sketch, fake_color = self._train_generators(step, sketch, color)
        terms["discriminator"] = self._train_critics(sketch, color, fake_sketch, fake_color)
        self._average()
        return terms

    def _train_generators(
        self, step: int, sketch: torch.Tensor, color: torch.Tensor
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
        weight = self.params.identity_weight if step % self.params.identity_every == 0 else 0.0
        self.critics.requires_grad_(False)  # the gradient passes through critics, not to their weights
        with self._autocast():
            generated = generate(self.networks, sketch, color, self.params.cycle_weight, weight)
        torch.autograd.backward(torch.stack(list(generated.terms.values())).sum())
        self._apply(0)
        self.critics.requires_grad_(True)
        terms = {name: term.detach() for name, term in generated.terms.items()}
        return terms, generated.sketch.detach(), generated.color.detach()

    def _train_critics(
        self, sketch: torch.Tensor, color: torch.Tensor, fake_sketch: torch.Tensor, fake_color: torch.Tensor
    ) -> torch.Tensor:
        old_sketch, old_color = self.sketch_pool.exchange(fake_sketch), self.color_pool.exchange(fake_color)
        with self._autocast():
            loss = criticize(self.networks, sketch, color, old_sketch, old_color)
        torch.autograd.backward(loss)
        self._apply(1)
        return loss.detach()

    def _apply(self, optimizer: int) -> None:
        self.optimizers[optimizer].step()
        self.optimizers[optimizer].zero_grad(set_to_none=True)

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

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.params.precision == "bf16")


def learning_rate(step: int, steps: int, start: float) -> float:
    """Return the learning rate of a step: ``start`` for the first half, then falling in a line towards 0.

    The published code lowers it once an epoch; here each step lowers it, so that short runs end low too.

    >>> [learning_rate(step, 8, 1.0) for step in range(8)]
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    return start * min(1.0, 2.0 * (steps - step) / steps)
