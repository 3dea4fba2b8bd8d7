"""The loss curves: means over windows of steps."""

import math
from collections.abc import Callable, Mapping
from statistics import mean
from typing import Any

import torch

from sketch2color.cyclegan.losses import TERMS

MOST_ROWS = 300


class NotFiniteError(Exception):
    """The loss ``term`` of a step, counted from 1, is ``value``."""

    def __init__(self, step: int, term: str, value: float) -> None:
        super().__init__(f"step {step}: the {term} loss is {value}")
        self.step = step
        self.term = term
        self.value = value


class History:
    """Collects the loss terms of each step, without waiting for the device before a window is full.

    Args:
        steps: of the whole training.
        identity_every: each window has a step with the identity term.
        average: means over all processes; each process has seen a share of the batch.
    """

    def __init__(
        self, steps: int, identity_every: int, average: Callable[[torch.Tensor], torch.Tensor]
    ) -> None:
        self.window = math.ceil(steps / MOST_ROWS / identity_every) * identity_every
        self.steps = steps
        self.average = average
        self.rows: list[dict[str, float]] = []
        self._read: list[dict[str, float]] = []
        self._unread: list[dict[str, torch.Tensor]] = []

    def add(self, step: int, terms: dict[str, torch.Tensor]) -> dict[str, float] | None:
        """Take the terms of a step (counted from 0); return the row of a window that ends with it.

        Raises:
            NotFiniteError: a term of the window is not finite.
        """
        self._unread.append(terms)
        done = step + 1
        if done % self.window and done != self.steps:
            return None
        self.read(done)
        row = {"step": done, **{name: self._mean(name) for name in TERMS}}
        self._read = []
        self.rows.append(row)
        return row

    def read(self, done: int) -> None:
        """Wait for the terms of the last steps, up to the ``done``-th, and check them.

        Raises:
            NotFiniteError: one is not finite.
        """
        if not self._unread:
            return
        values = iter(
            self.average(torch.stack([v for terms in self._unread for v in terms.values()])).tolist()
        )
        read = [{name: next(values) for name in terms} for terms in self._unread]
        self._unread = []
        for step, terms in enumerate(read, done - len(read) + 1):
            for name, value in terms.items():
                if not math.isfinite(value):
                    raise NotFiniteError(step, name, value)
        self._read += read

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps; all terms must have been read."""
        return {"rows": self.rows, "read": self._read}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        self.rows, self._read = list(state["rows"]), list(state["read"])

    def _mean(self, name: str) -> float:
        return mean([terms[name] for terms in self._read if name in terms] or [0.0])
