"""What a training reports on its way: loss curves, scores on val, sample grids, figures for the run's log."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, Protocol

import torch

from sketch2color.cyclegan.losses import TERMS
from sketch2color.cyclegan.networks import Generators
from sketch2color.cyclegan.selection import METRIC, CheckpointSelector
from sketch2color.files import write_bytes, write_csv
from sketch2color.imaging import ImageArray, encode_png
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.models.palette import palette
from sketch2color.models.tensors import to_image, to_tensor

MAX_ROWS = 300
"""Rows of the loss curves."""
GRIDS = 4
"""Sample grids in a training."""
GRID_COLUMNS = ("sketch", "colored", "and back", "color", "sketched", "and back")
GRID_ROWS = 8

Row = Mapping[str, float]


class Log(Protocol):
    """Where figures and files go while a training runs."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log figures after ``step`` steps."""

    def files(self, *paths: Path) -> None:
        """Log files, or directories with all that is in them."""


class NotFiniteError(Exception):
    """At a step, counted from 1, something is not finite."""

    def __init__(self, step: int, what: str) -> None:
        super().__init__(f"step {step}: {what}")
        self.step, self.what = step, what


class LossHistory:
    """Means of the loss terms over windows of steps, without waiting for the device before a window is full.

    Args:
        steps: of the whole training.
        identity_every: each window has a step with the identity term.
        average: means over all processes; each process has seen a share of the batch.
    """

    def __init__(
        self, steps: int, identity_every: int, average: Callable[[torch.Tensor], torch.Tensor]
    ) -> None:
        self.window = math.ceil(steps / MAX_ROWS / identity_every) * identity_every
        self.steps, self.average = steps, average
        self.rows: list[dict[str, float]] = []
        self._read: list[dict[str, float]] = []
        self._unread: list[dict[str, torch.Tensor]] = []

    def add(self, step: int, terms: dict[str, torch.Tensor]) -> dict[str, float] | None:
        """Add the terms of a step (counted from 0); return the row of a window that ends with it.

        Raises:
            NotFiniteError: a term of the window is not finite.
        """
        self._unread.append(terms)
        done = step + 1
        if done % self.window and done != self.steps:
            return None
        self.read(done)
        values = {name: [terms[name] for terms in self._read if name in terms] or [0.0] for name in TERMS}
        self.rows.append({"step": done, **{name: mean(values[name]) for name in TERMS}})
        self._read = []
        return self.rows[-1]

    def read(self, done: int) -> None:
        """Wait for the terms of steps up to the ``done``-th; raise NotFiniteError if one is not finite."""
        if not self._unread:
            return
        stacked = torch.stack([value for terms in self._unread for value in terms.values()])
        values = iter(self.average(stacked).tolist())
        read = [{name: next(values) for name in terms} for terms in self._unread]
        self._unread = []
        for step, terms in enumerate(read, done - len(read) + 1):
            for name, value in terms.items():
                if not math.isfinite(value):
                    raise NotFiniteError(step, f"the {name} loss is {value}")
        self._read += read

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a checkpoint keeps; all terms must have been read."""
        return {"rows": self.rows, "read": self._read}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from ``state``."""
        self.rows, self._read = list(state["rows"]), list(state["read"])


class TrainingLogger:
    """Writes losses.csv, val.csv and samples/epoch_*.png of a training into ``folder``, and logs to ``log``.

    Args:
        folder: gets the files.
        history: of the losses.
        selector: None in all processes but the first: they write nothing.
        held_out: sketches and coloured images to sample with; without them there are no samples.
        epoch: its length in steps.
        choose_every: epochs after which the selector evaluates.
        log: gets the figures and files.
    """

    def __init__(
        self,
        folder: Path,
        history: LossHistory,
        selector: CheckpointSelector | None,
        held_out: Sequence[Sequence[ImageArray]],
        epoch: int,
        choose_every: int,
        log: Log,
    ) -> None:
        self.folder, self.log = folder, log
        self.history, self.selector, self.held_out = history, selector, held_out
        epochs = history.steps // epoch
        sampled = {-(-epochs * part // GRIDS) for part in range(1, GRIDS + 1)} if all(held_out) else set()
        self.grids = {number * epoch: f"epoch_{number:04d}.png" for number in sampled}
        self.scored = {number * epoch for number in (*range(choose_every, epochs, choose_every), epochs)}
        self._samples: dict[str, bytes] = {}

    def add(
        self, step: int, terms: dict[str, torch.Tensor], generators: Generators
    ) -> dict[str, float] | None:
        """Record a step (counted from 0); return the mean losses of a window that ends with it.

        Raises:
            NotFiniteError: a loss is not finite.
        """
        losses, done = self.history.add(step, terms), step + 1
        if self.selector is None:
            return losses
        if losses:
            self._write_losses([losses])
        if done in self.scored and (scores := self.selector.evaluate(done, generators)):
            self._write_scores([scores], self.selector.rows)
        if done in self.grids:
            self._samples[self.grids[done]] = encode_png(sample_grid(generators, *self.held_out))
            self._write_samples()
        return losses

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a checkpoint keeps."""
        selector = self.selector.state_dict() if self.selector else None
        pngs = {
            name: torch.frombuffer(bytearray(png), dtype=torch.uint8) for name, png in self._samples.items()
        }
        return {"history": self.history.state_dict(), "selector": selector, "samples": pngs}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from ``state``: write and log again what had been written and logged."""
        self.history.load_state_dict(state["history"])
        if self.selector is None:
            return
        self.selector.load_state_dict(state["selector"])
        self._samples = {name: png.numpy().tobytes() for name, png in state["samples"].items()}
        self._write_losses(self.history.rows)
        self._write_scores(self.selector.rows, self.selector.rows)
        self._write_samples()

    def _write_losses(self, new: Sequence[Row]) -> None:
        write_curves(self.folder / "losses.csv", TERMS, self.history.rows)
        for row in new:
            self.log.metrics({name: row[name] for name in TERMS}, int(row["step"]))

    def _write_scores(self, new: Sequence[Row], rows: Sequence[Row]) -> None:
        write_curves(self.folder / "val.csv", [METRIC], rows)
        for row in new:
            self.log.metrics({f"val_{METRIC}": row[METRIC]}, int(row["step"]))

    def _write_samples(self) -> None:
        for name, png in self._samples.items():
            write_bytes(self.folder / "samples" / name, png)
        if self._samples:
            self.log.files(self.folder)


def write_curves(path: Path, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows, if there are any, as CSV: the step, then the values of ``names`` with six digits."""
    if rows:
        lines = [{"step": int(row["step"])} | {name: f"{row[name]:.6g}" for name in names} for row in rows]
        write_csv(path, ["step", *names], lines)


@torch.no_grad()
def sample_grid(
    generators: Generators, sketches: Sequence[ImageArray], colors: Sequence[ImageArray]
) -> ImageArray:
    """Return a contact sheet of up to eight rows: both cycles of a sketch and of an unpaired coloured image.

    Each row's sketch is coloured with the palette of its coloured image.
    """
    device = next(generators.parameters()).device
    sketch_to_color, color_to_sketch = generators.sketch_to_color, generators.color_to_sketch
    rows = []
    for images in zip(sketches[:GRID_ROWS], colors[:GRID_ROWS], strict=False):
        sketch, color = (to_tensor(image).to(device) for image in images)
        condition = palette(color)
        fake_color, fake_sketch = sketch_to_color(sketch, condition), color_to_sketch(color, condition)
        cycle_sketch = color_to_sketch(fake_color, condition)
        cycle_color = sketch_to_color(fake_sketch, condition)
        tensors = (sketch, fake_color, cycle_sketch, color, fake_sketch, cycle_color)
        rows.append([to_image(each) for each in tensors])
    return contact_sheet(rows, GRID_COLUMNS)
