"""What a training leaves behind on its way: loss curves, scores on val, sample grids, lines in the record."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from sketch2color.cyclegan.curves import write_curves
from sketch2color.cyclegan.history import History
from sketch2color.cyclegan.losses import TERMS
from sketch2color.cyclegan.samples import sample_grid
from sketch2color.cyclegan.selection import METRIC, Choice
from sketch2color.files import write_bytes
from sketch2color.imaging import ImageArray, encode_png

GRIDS = 4
"""Sample grids in a training."""


class Log(Protocol):
    """Where figures and files are told of while a training runs."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Take figures after ``step`` steps."""

    def files(self, *paths: Path) -> None:
        """Take files, or directories with all that is in them."""


class Record:
    """Writes losses.csv, val.csv and samples/epoch_*.png of a training into ``folder``, and tells ``log``.

    ``epochs`` are ``epoch`` steps long each; ``choose_every`` is in epochs. ``held_out`` are the sketches and
    the coloured images to sample with. Where there are none, there are no samples.
    """

    def __init__(
        self,
        folder: Path,
        history: History,
        choice: Choice,
        held_out: Sequence[Sequence[ImageArray]],
        epoch: int,
        choose_every: int,
        log: Log,
    ) -> None:
        self.folder = folder
        self.history = history
        self.choice = choice
        self.held_out = held_out
        self.log = log
        epochs = history.steps // epoch
        sampled = {-(-epochs * part // GRIDS) for part in range(1, GRIDS + 1)} if all(held_out) else set()
        self.grids = {number * epoch: f"epoch_{number:04d}.png" for number in sampled}
        self.scored = {number * epoch for number in (*range(choose_every, epochs, choose_every), epochs)}
        self._drawn: dict[str, bytes] = {}

    def add(
        self, step: int, terms: dict[str, torch.Tensor], generators: nn.ModuleList
    ) -> dict[str, float] | None:
        """Record a step (counted from 0); return the mean losses of a window that ends with it.

        Raises:
            NotFiniteError: a loss is not finite.
        """
        done = step + 1
        if losses := self.history.add(step, terms):
            self._write_losses([losses])
        if done in self.scored and (scored := self.choice.consider(done, generators)):
            self._write_scores([scored])
        if done in self.grids:
            self._drawn[self.grids[done]] = encode_png(sample_grid(generators, *self.held_out))
            self._write_samples()
        return losses

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        drawn = {
            name: torch.frombuffer(bytearray(png), dtype=torch.uint8) for name, png in self._drawn.items()
        }
        return {"history": self.history.state_dict(), "choice": self.choice.state_dict(), "drawn": drawn}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state`` was taken: write and tell again what was written and told until then."""
        self.history.load_state_dict(state["history"])
        self.choice.load_state_dict(state["choice"])
        self._drawn = {name: png.numpy().tobytes() for name, png in state["drawn"].items()}
        self._write_losses(self.history.rows)
        self._write_scores(self.choice.rows)
        self._write_samples()

    def _write_losses(self, new: Sequence[Mapping[str, float]]) -> None:
        if new:
            write_curves(self.folder / "losses.csv", TERMS, self.history.rows)
            self._tell(new, TERMS, "")

    def _write_scores(self, new: Sequence[Mapping[str, float]]) -> None:
        if new:
            write_curves(self.folder / "val.csv", [METRIC], self.choice.rows)
            self._tell(new, [METRIC], "val_")

    def _tell(self, rows: Sequence[Mapping[str, float]], names: Sequence[str], prefix: str) -> None:
        for row in rows:
            self.log.metrics({f"{prefix}{name}": row[name] for name in names}, int(row["step"]))

    def _write_samples(self) -> None:
        for name, png in self._drawn.items():
            write_bytes(self.folder / "samples" / name, png)
        if self._drawn:
            self.log.files(self.folder)
