"""What a training leaves behind on its way: loss curves, sample grids, lines in the log."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from sketch2color.cyclegan.history import History
from sketch2color.cyclegan.samples import sample_grid
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.images import PictureArray, write_png

Log = Callable[[Mapping[str, float], int], None]
GRIDS = 4
"""Sample grids in a training."""


class Record:
    """Writes losses.csv and samples/epoch_*.png of a training into ``folder`` and tells ``log`` the losses.

    ``epoch`` is an epoch's length in steps; ``held_out`` are the sketches and the coloured pictures to sample
    with. Where there are none, there are no samples.
    """

    def __init__(
        self,
        folder: Path,
        trainer: Trainer,
        epoch: int,
        held_out: Sequence[Sequence[PictureArray]],
        log: Log,
    ) -> None:
        self.folder = folder
        self.trainer = trainer
        self.held_out = held_out
        self.log = log
        self.history = History(trainer.steps, trainer.params.identity_every)
        epochs = trainer.steps // epoch
        sampled = {-(-epochs * part // GRIDS) for part in range(1, GRIDS + 1)} if all(held_out) else set()
        self.grids = {number * epoch: f"epoch_{number:04d}.png" for number in sampled}

    def add(self, step: int, terms: dict[str, torch.Tensor]) -> dict[str, float] | None:
        """Record a step (counted from 0); return the mean losses of a window that ends with it.

        Raises:
            UserError: a loss is not finite.
        """
        done = step + 1
        losses = self.history.add(step, terms)
        if losses:
            self.history.write(self.folder / "losses.csv")
            self.log(losses, done)
        if done in self.grids:
            grid = sample_grid(self.trainer.averaged, *self.held_out)
            write_png(self.folder / "samples" / self.grids[done], grid)
        return losses
