"""Training a CycleGAN on unpaired sketches and coloured sketches (Zhu et al. 2017)."""

import copy
import hashlib
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.checkpoint import Checkpoints
from sketch2color.cyclegan.data import Batch, Batches, ImagePool, load, load_training
from sketch2color.cyclegan.losses import TERMS, discriminator_loss, generator_losses
from sketch2color.cyclegan.networks import Generators, Networks, build, compile_if_long, min_image_size
from sketch2color.cyclegan.runtime import Interruption, catch_signals, launch
from sketch2color.cyclegan.selection import METRIC, CheckpointSelector
from sketch2color.cyclegan.training_logger import Log, LossHistory, NotFiniteError, TrainingLogger
from sketch2color.errors import UserError
from sketch2color.files import write_json
from sketch2color.imaging import ImageArray
from sketch2color.manifest import DOMAINS, Domain
from sketch2color.models.generators.registry import save_generator, save_weights
from sketch2color.models.palette import palette
from sketch2color.models.tensors import to_tensor
from sketch2color.progress import progress
from sketch2color.text import describe_error

CHECKPOINT_SECONDS = 120.0
"""Between checkpoints: what a kill costs at most. When they are written has no part in the result."""
SYNC_STEPS = 16
"""Steps after which several processes agree whether to write one: each agreement waits for all."""


def train(
    clean: Path, models: Path, report: Path, scratch: Path, params: TrainCyclegan, seed: int, log: Log
) -> dict[str, float]:
    """Train on ``clean``/train and write weights, loss curves and sample grids.

    If killed at any moment and called again with the same arguments, it resumes and ends byte-identical.

    Args:
        clean: ``{train,val}/{sketch,color}/*.png``, all of one size.
        models: gets the generators selected on val, config.json, the discriminators, and in ``final`` and
            ``raw`` the generators at the end, averaged and as trained.
        report: gets losses.csv, val.csv and samples/epoch_*.png (where val has images), and metrics.json.
        scratch: keeps checkpoints; the caller removes it when the results are safe.
        params: objective, schedule and networks.
        seed: of weights, order, augmentation and image pools.
        log: gets losses, scores and samples.

    Returns:
        The content of metrics.json: final losses and steps, parameters of sketch_to_color, scores on val.

    Raises:
        UserError: the images cannot be trained on, a loss or weight is not finite, a checkpoint belongs to
            another training, or a signal asked to stop.
    """
    fabric = launch(params)
    networks = build(params, seed)
    stride = networks.generators.sketch_to_color.stride
    images = load_training(clean, stride, min_image_size(networks, params))
    size = max(images["color"][0].shape[:2])
    epoch = params.steps_per_epoch or -(-max(map(len, images.values())) // params.batch_size)
    trainer = Trainer(fabric, networks, params, params.epochs * epoch, seed)
    compile_if_long(fabric, networks, size, trainer.steps * params.batch_size // fabric.world_size)
    palettes = torch.cat([palette(to_tensor(image)) for image in images["color"]])
    sketches, colors = (load(clean, "val", domain) for domain in DOMAINS)
    selector = CheckpointSelector(sketches, colors, palettes, seed) if fabric.is_global_zero else None
    history = LossHistory(trainer.steps, params.identity_every, trainer.mean)
    logger = TrainingLogger(report, history, selector, [sketches, colors], epoch, params.choose_every, log)
    share = fabric.global_rank, fabric.world_size
    batches = Batches(images, params.batch_size, params.augmentation, seed, *share)
    trainer.run(batches, logger, Checkpoints(scratch, _identity(params, seed, images)))
    if selector is None:
        return {}
    _save_models(models, trainer, selector, palettes, size)
    metrics = _metrics(trainer, history, selector)
    write_json(report / "metrics.json", metrics)
    return metrics


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
        self.fabric, self.params, self.steps = fabric, params, steps
        self.networks = networks.to(fabric.device)
        self.generators, self.discriminators = networks.generators, networks.discriminators
        self.optimizers = [
            torch.optim.Adam(each.parameters(), lr=params.learning_rate, betas=(0.5, 0.999), fused=True)
            for each in (self.generators, self.discriminators)
        ]
        self.averaged = copy.deepcopy(self.generators) if params.average_decay else self.generators
        self.averaged.requires_grad_(not params.average_decay)
        self.random = torch.Generator().manual_seed(seed)
        self.sketch_pool = ImagePool(params.pool_size, self.random)
        self.color_pool = ImagePool(params.pool_size, self.random)

    def run(self, batches: Batches, logger: TrainingLogger, checkpoints: Checkpoints) -> None:
        """Train from the last checkpoint to the end.

        Raises:
            UserError: a loss or weight is no longer finite; or a signal asked to stop: what was done is kept.
        """
        start = self.resume(logger, checkpoints)
        try:
            with catch_signals() as interruption:
                self._run_steps(start, batches, logger, checkpoints, interruption)
        except NotFiniteError as error:
            last = checkpoints.last()
            raise UserError(
                f"training failed at step {error.step} of {self.steps}: {error.what}; "
                "lower train_cyclegan.learning_rate, or set train_cyclegan.precision to fp32; "
                + (f"the last good checkpoint is {last}" if last else "there is no checkpoint yet")
            ) from None

    def _run_steps(
        self,
        start: int,
        batches: Batches,
        logger: TrainingLogger,
        checkpoints: Checkpoints,
        interruption: Interruption,
    ) -> None:
        ahead = batches.between(start, self.steps, pinned=self.fabric.device.type == "cuda")
        bar = progress(ahead, "training", total=self.steps, unit="step", start=start)
        saved = time.monotonic()
        for done, batch in enumerate(bar, start + 1):
            terms = self.run_step(done - 1, batch)
            if losses := logger.add(done - 1, terms, self.averaged):
                bar.set_postfix_str(" ".join(f"{name} {losses[name]:.2f}" for name in TERMS))
            due, stop = self.sync_flags(
                done, time.monotonic() - saved > CHECKPOINT_SECONDS, bool(interruption.name)
            )
            if due or stop or done == self.steps:
                self.save(done, logger, checkpoints)
                saved = time.monotonic()
            if stop and done < self.steps:
                raise UserError(
                    f"stopped by {interruption.name or 'a signal'} after step {done} of {self.steps}: "
                    "run the same again to resume from there"
                )

    def run_step(self, step: int, batch: Batch) -> dict[str, torch.Tensor]:
        """Train on one batch; return the loss terms of this process's share, still on the device."""
        batch = batch.to(self.fabric.device)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, self.steps, self.params.learning_rate)
        terms, fake_sketch, fake_color = self.train_generators(step, batch)
        terms["discriminator"] = self.train_discriminators(batch, fake_sketch, fake_color)
        self.update_average()
        return terms

    def train_generators(
        self, step: int, batch: Batch
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
        """Update both generators; return their loss terms and the generated images, detached."""
        self.discriminators.requires_grad_(False)  # gradients pass through them, not to their weights
        # Not fabric.setup, which converts each network's output to fp32: in bf16 the gradients of generated
        # images would be rounded differently, and all weights with them.
        with self.fabric.autocast():
            losses = generator_losses(self.networks, batch, self.params, step)
        self.fabric.backward(torch.stack(list(losses.terms.values())).sum())
        self._apply(self.optimizers[0], self.generators)
        self.discriminators.requires_grad_(True)
        terms = {name: term.detach() for name, term in losses.terms.items()}
        return terms, losses.fake_sketch.detach(), losses.fake_color.detach()

    def train_discriminators(
        self, batch: Batch, fake_sketch: torch.Tensor, fake_color: torch.Tensor
    ) -> torch.Tensor:
        """Update both discriminators on real images and on fakes from the pools; return their loss."""
        fake_sketch = self._query(self.sketch_pool, fake_sketch)
        fake_color = self._query(self.color_pool, fake_color)
        with self.fabric.autocast():
            loss = discriminator_loss(self.discriminators, batch, fake_sketch, fake_color)
        self.fabric.backward(loss)
        self._apply(self.optimizers[1], self.discriminators)
        return loss.detach()

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the averaged weights towards those in training."""
        if self.params.average_decay:
            averaged: list[torch.Tensor] = list(self.averaged.parameters())
            current: list[torch.Tensor] = list(self.generators.parameters())
            torch._foreach_lerp_(averaged, current, 1.0 - self.params.average_decay)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of ``values`` over all processes."""
        means = self.fabric.all_reduce(values, reduce_op="mean")
        assert isinstance(means, torch.Tensor)
        return means

    def sync_flags(self, done: int, due: bool, stop: bool) -> tuple[bool, bool]:
        """Return whether a checkpoint is due in any process, and whether any was asked to stop."""
        if self.fabric.world_size == 1:
            return due, stop
        if done % SYNC_STEPS:
            return False, False
        flags = torch.tensor([due, stop], dtype=torch.float32, device=self.fabric.device)
        due, stop = (self.mean(flags) > 0).tolist()
        return due, stop

    def save(self, done: int, logger: TrainingLogger, checkpoints: Checkpoints) -> None:
        """Write a checkpoint after ``done`` steps; raise NotFiniteError if a loss or weight is not finite."""
        logger.history.read(done)
        if not self.is_finite():
            raise NotFiniteError(done, "a weight is not finite")
        if self.fabric.is_global_zero:
            checkpoints.save(done, {"trainer": self.state_dict(), "logger": logger.state_dict()})

    def resume(self, logger: TrainingLogger, checkpoints: Checkpoints) -> int:
        """Load the newest checkpoint into all processes; return the number of steps it was taken after."""
        found: tuple[int, dict[str, Any]] | None = self.fabric.broadcast(
            checkpoints.newest() if self.fabric.is_global_zero else None
        )
        if found is None:
            return 0
        done, state = found
        try:
            self.load_state_dict(state["trainer"])
            logger.load_state_dict(state["logger"])
        except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise UserError(
                f"{checkpoints.last()} holds no state of this training ({describe_error(error)}): remove it"
            ) from error
        self.fabric.print(f"resuming after step {done} of {self.steps}")
        return done

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next step depends on."""
        return {
            "networks": self.networks.state_dict(),
            "averaged": self.averaged.state_dict() if self.params.average_decay else None,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "sketch_pool": self.sketch_pool.images,
            "color_pool": self.color_pool.images,
            "random": self.random.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from ``state``."""
        self.networks.load_state_dict(state["networks"])
        if self.params.average_decay:
            self.averaged.load_state_dict(state["averaged"])
        for optimizer, values in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(values)
        self.sketch_pool.images = [image.to(self.fabric.device) for image in state["sketch_pool"]]
        self.color_pool.images = [image.to(self.fabric.device) for image in state["color_pool"]]
        self.random.set_state(state["random"])

    def is_finite(self) -> bool:
        """Return whether all weights are finite; waits for the device."""
        norms = torch._foreach_norm(list(self.networks.parameters()), ord=torch.inf)
        return bool(torch.stack(list(norms)).isfinite().all())

    def _query(self, pool: ImagePool, fakes: torch.Tensor) -> torch.Tensor:
        """Query the pool with the fakes of all processes: each keeps a copy, and all copies stay alike."""
        rank, world = self.fabric.global_rank, self.fabric.world_size
        if world == 1:
            return pool.query(fakes)
        gathered = self.fabric.all_gather(fakes)  # world x share x 3 x H x W
        assert isinstance(gathered, torch.Tensor)
        return pool.query(gathered.transpose(0, 1).flatten(0, 1))[rank::world]

    def _apply(self, optimizer: torch.optim.Optimizer, networks: nn.Module) -> None:
        """Take a step with the gradients' mean over all processes."""
        if self.fabric.world_size > 1:
            gradients = [weight.grad for weight in networks.parameters() if weight.grad is not None]
            vector_to_parameters(self.mean(parameters_to_vector(gradients)), gradients)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def learning_rate(step: int, steps: int, start: float) -> float:
    """Return the learning rate of a step: ``start`` for the first half, then falling linearly towards 0.

    The published code lowers it once an epoch; here each step lowers it, so that short runs end low too.

    >>> [learning_rate(step, 8, 1.0) for step in range(8)]
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    return start * min(1.0, 2.0 * (steps - step) / steps)


def _identity(
    params: TrainCyclegan, seed: int, images: Mapping[Domain, Iterable[ImageArray]]
) -> dict[str, str]:
    """Return all that a training's result follows from, by name."""
    digest = hashlib.sha256()
    for domain in DOMAINS:
        for image in images[domain]:
            digest.update(image.tobytes())
        digest.update(domain.encode())
    values = {**vars(params), "seed": seed, "images": digest.hexdigest()[:16], "torch": torch.__version__}
    return {name: str(value) for name, value in values.items()}


def _metrics(trainer: Trainer, history: LossHistory, selector: CheckpointSelector) -> dict[str, float]:
    losses = {name: value for name, value in history.rows[-1].items() if name != "step"}
    weights = sum(weight.numel() for weight in trainer.generators.sketch_to_color.parameters())
    metrics = {**losses, "steps": float(trainer.steps), "generator_parameters": float(weights)}
    if best := selector.best():
        metrics |= {
            f"val_{METRIC}_final": selector.rows[-1][METRIC],
            f"val_{METRIC}_chosen": best[METRIC],
            "chosen_step": best["step"],
        }
    return metrics


def _save_models(
    models: Path, trainer: Trainer, selector: CheckpointSelector, palettes: torch.Tensor, size: int
) -> None:
    """Write the generators as selected, as averaged at the end, and (if that differs) as trained."""
    name, width = trainer.params.generator, trainer.params.generator_width

    def save(folder: Path, generators: Generators) -> None:
        save_generator(folder, generators.sketch_to_color, palettes, generator=name, width=width, size=size)
        save_weights(folder / "color_to_sketch.safetensors", generators.color_to_sketch)

    if trainer.averaged is not trainer.generators:
        save(models / "raw", trainer.generators)
    save(models / "final", trainer.averaged)
    if selector.weights:
        trainer.averaged.load_state_dict(selector.weights)
    save(models, trainer.averaged)
    save_weights(models / "sketch_discriminator.safetensors", trainer.discriminators.sketch)
    save_weights(models / "color_discriminator.safetensors", trainer.discriminators.color)
