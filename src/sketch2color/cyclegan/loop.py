"""The training loop: step after step, from the last checkpoint to the end, whatever happens in between."""

import time
from typing import Any

import torch
from lightning_fabric import Fabric

from sketch2color.cyclegan.checkpoints import Checkpoints
from sketch2color.cyclegan.data import Batches
from sketch2color.cyclegan.history import History, NotFiniteError
from sketch2color.cyclegan.interruption import Interruption, listening
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.cyclegan.training_logger import Record
from sketch2color.errors import UserError
from sketch2color.progress import progress

SECONDS = 120.0
"""Between checkpoints: what a kill costs at most. When they are written has no part in the result."""
AGREE = 16
"""Steps after which several processes ask each other whether to write one: each asking waits for all."""


class Loop:
    """A training's way from its last checkpoint to its end.

    ``record`` is None in all processes but the first; ``checkpoints`` only the first one touches.
    """

    def __init__(
        self,
        fabric: Fabric,
        trainer: Trainer,
        batches: Batches,
        history: History,
        record: Record | None,
        checkpoints: Checkpoints,
    ) -> None:
        self.fabric = fabric
        self.trainer = trainer
        self.batches = batches
        self.history = history
        self.record = record
        self.checkpoints = checkpoints
        self._kept = time.monotonic()

    def run(self) -> None:
        """Train.

        Raises:
            UserError: a loss or weight is no longer finite; or a signal asked to stop: what was done is kept.
        """
        start = self._resume()
        try:
            with listening() as interruption:
                self._steps(start, interruption)
        except NotFiniteError as error:
            raise self._failure(error.step, f"the {error.term} loss is {error.value}") from None

    def _steps(self, start: int, interruption: Interruption) -> None:
        steps = self.trainer.steps
        made = self.batches.between(start, steps, pinned=self.fabric.device.type == "cuda")
        bar = progress(made, "training", total=steps, unit="step", start=start)
        for step, batch in enumerate(bar, start):
            terms = self.trainer.step(step, batch)
            if losses := self._add(step, terms):
                speed = self.batches.batch_size * (bar.format_dict["rate"] or 0.0)
                figures = " ".join(f"{name} {value:.2f}" for name, value in losses.items() if name != "step")
                bar.set_postfix_str(f"{speed:.1f} images/s, {figures}")
            due, stop = self._agreed(step + 1, interruption)
            if due or stop or step + 1 == steps:
                self._keep(step + 1)
            if stop and step + 1 < steps:
                raise UserError(
                    f"stopped by {interruption.name or 'a signal'} after step {step + 1} of {steps}: "
                    "run the same again to go on from there"
                )

    def _add(self, step: int, terms: dict[str, torch.Tensor]) -> dict[str, float] | None:
        if self.record:
            return self.record.add(step, terms, self.trainer.averaged)
        return self.history.add(step, terms)

    def _agreed(self, done: int, interruption: Interruption) -> tuple[bool, bool]:
        """Tell whether any process wants to write a checkpoint, and whether any was asked to stop."""
        wishes = time.monotonic() - self._kept > SECONDS, bool(interruption.name)
        if self.fabric.world_size == 1:
            return wishes
        if done % AGREE:
            return False, False
        wished = torch.tensor(wishes, dtype=torch.float32, device=self.fabric.device)
        due, stop = (self.trainer.mean(wished) > 0).tolist()
        return due, stop

    def _keep(self, done: int) -> None:
        self.history.read(done)
        if not self.trainer.is_finite():
            raise self._failure(done, "a weight is not finite")
        if self.record:
            self.checkpoints.save(
                done, {"trainer": self.trainer.state_dict(), "record": self.record.state_dict()}
            )
        self._kept = time.monotonic()

    def _resume(self) -> int:
        kept: tuple[int, dict[str, Any]] | None = self.fabric.broadcast(
            self.checkpoints.newest() if self.record else None
        )
        if kept is None:
            return 0
        done, state = kept
        self.trainer.load_state_dict(state["trainer"])
        if self.record:
            self.record.load_state_dict(state["record"])
        else:
            self.history.load_state_dict(state["record"]["history"])
        self.fabric.print(f"going on after step {done} of {self.trainer.steps}")
        return done

    def _failure(self, step: int, what: str) -> UserError:
        last = self.checkpoints.last()
        return UserError(
            f"training failed at step {step} of {self.trainer.steps}: {what}; "
            "lower train_cyclegan.learning_rate, or set train_cyclegan.precision to fp32; "
            + (f"the last good checkpoint is {last}" if last else "there is no checkpoint yet")
        )
