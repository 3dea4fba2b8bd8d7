"""Seeded random choices."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draw:
    """A random generator with the choices that families and styles make."""

    def __init__(self, *seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    def fork(self, number: int) -> "Draw":
        """Return a generator of its own, which depends on the seed and a number alone."""
        return Draw(*self.seed, number)

    def __call__(self, low: float, high: float) -> float:
        """Return a number between two bounds."""
        return float(self.rng.uniform(low, high))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def happens(self, probability: float) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < probability)

    def whole(self, low: int, high: int) -> int:
        """Return an integer between two bounds, both included."""
        return int(self.rng.integers(low, high + 1))
