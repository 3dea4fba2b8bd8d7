"""Checkpoint selection: the generators are scored on val now and then, and the best weights are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from sketch2color.colorize.colorizer import Colorizer
from sketch2color.cyclegan.networks import Generators
from sketch2color.imaging import ImageArray
from sketch2color.metrics import features
from sketch2color.metrics.kid import kid
from sketch2color.metrics.metric import Features

METRIC = "kid"
"""Lower is better."""
MIN_IMAGES = 4
"""KID is undefined for fewer."""


class CheckpointSelector:
    """Scores generators by the KID of the coloured ``sketches`` of val against ``colors`` of val.

    All inputs are the same each time. Where val has too few images, nothing is scored or selected.
    """

    def __init__(
        self, sketches: Sequence[ImageArray], colors: Sequence[ImageArray], palettes: torch.Tensor, seed: int
    ) -> None:
        self.sketches = sketches
        self.palettes = palettes
        self.seed = seed
        self.rows: list[dict[str, float]] = []
        self.weights: dict[str, torch.Tensor] | None = None
        self._net = features.load("vgg19") if min(len(sketches), len(colors)) >= MIN_IMAGES else None
        if self._net is None:
            print(
                f"val has {len(sketches)} sketches and {len(colors)} coloured images, and selecting weights "
                f"takes {MIN_IMAGES} of each: the last weights are used"
            )
        else:
            self._real = features.stack([features.extract_features(self._net, image) for image in colors])

    def evaluate(self, done: int, generators: Generators) -> dict[str, float] | None:
        """Score the generators after ``done`` steps, and keep their weights if none were better."""
        if self._net is None:
            return None
        size = max(self.sketches[0].shape[:2])
        colorizer = Colorizer(generators.sketch_to_color, self.palettes, size)
        colorized = [colorizer.colorize(sketch) for sketch in self.sketches]
        rows = [features.extract_features(self._net, image) for image in colorized]
        row = {"step": float(done), METRIC: self._score(features.stack(rows))}
        self.rows.append(row)
        if self.best() is row:
            self.weights = {name: value.clone() for name, value in generators.state_dict().items()}
        return row

    def best(self) -> dict[str, float] | None:
        """Return the row of the best score; of equal ones the first."""
        return min(self.rows, key=lambda row: row[METRIC], default=None)

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a checkpoint keeps."""
        return {"rows": self.rows, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from ``state``."""
        self.rows, self.weights = list(state["rows"]), state["weights"]

    def _score(self, colorized: Features) -> float:
        score = kid(colorized, self._real, self.seed)
        assert score is not None  # there are enough images
        return score
