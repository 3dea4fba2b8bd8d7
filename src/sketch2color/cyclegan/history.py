"""The loss curves: means over windows of steps, as a table that ``dvc plots`` draws."""

import csv
import io
import math
from pathlib import Path
from statistics import mean

import torch

from sketch2color.cyclegan.objective import TERMS
from sketch2color.errors import UserError
from sketch2color.files import write_text

MOST_ROWS = 300


class History:
    """Collects the loss terms of each step, without waiting for the device before a window is full."""

    def __init__(self, steps: int, identity_every: int) -> None:
        windows = math.ceil(steps / MOST_ROWS / identity_every)
        self.window = windows * identity_every  # each window has a step with the identity term
        self.steps = steps
        self.rows: list[dict[str, float]] = []
        self._terms: list[dict[str, torch.Tensor]] = []

    def add(self, step: int, terms: dict[str, torch.Tensor]) -> dict[str, float] | None:
        """Take the terms of a step (counted from 0); return the row of a window that ends with it.

        Raises:
            UserError: a term of the window is not finite.
        """
        self._terms.append(terms)
        done = step + 1
        if done % self.window and done != self.steps:
            return None
        window = [{name: float(term) for name, term in terms.items()} for terms in self._terms]
        self._terms = []
        for number, values in enumerate(window, done - len(window) + 1):
            self._check(number, values)
        losses = {
            name: mean([values[name] for values in window if name in values] or [0.0]) for name in TERMS
        }
        self.rows.append({"step": done, **losses})
        return losses

    def write(self, path: Path) -> None:
        """Write the rows so far as CSV: step, identity, gan, cycle, discriminator."""
        text = io.StringIO()
        table = csv.DictWriter(text, ["step", *TERMS], lineterminator="\n")
        table.writeheader()
        for row in self.rows:
            table.writerow({"step": row["step"], **{name: f"{row[name]:.6g}" for name in TERMS}})
        write_text(path, text.getvalue())

    def _check(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            if not math.isfinite(value):
                raise UserError(
                    f"training failed at step {step} of {self.steps}: the {name} loss is {value}; "
                    "lower train_cyclegan.learning_rate, or set train_cyclegan.precision to fp32"
                )
