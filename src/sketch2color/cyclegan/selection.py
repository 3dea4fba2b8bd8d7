"""The choice of the checkpoint: held-out sketches are painted now and then, and the best painter is kept."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import nn

from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging import ImageArray
from sketch2color.metrics import features
from sketch2color.metrics.kid import kid
from sketch2color.metrics.metric import Features
from sketch2color.models.generator import Generator

METRIC = "kid"
"""Lower is better."""
LEAST = 4
"""KID of fewer images says nothing."""


class Choice:
    """Scores generators by the KID of the painted ``sketches`` of val against ``colors`` of val.

    The same sketches, palettes and coloured images are taken each time, so that scores differ only by the
    generators. Where val has too few images, nothing is scored, and nothing chosen.
    """

    def __init__(
        self,
        sketches: Sequence[ImageArray],
        colors: Sequence[ImageArray],
        palettes: torch.Tensor,
        seed: int,
    ) -> None:
        self.sketches = sketches
        self.palettes = palettes
        self.seed = seed
        self.rows: list[dict[str, float]] = []
        self.weights: dict[str, torch.Tensor] | None = None
        self._net = features.load("vgg19") if min(len(sketches), len(colors)) >= LEAST else None
        if self._net is None:
            print(
                f"val has {len(sketches)} sketches and {len(colors)} coloured images, and choosing weights "
                f"takes {LEAST} of each: the last weights are taken"
            )
        else:
            self._real = features.stack([features.extract_features(self._net, image) for image in colors])

    def consider(self, done: int, generators: nn.ModuleList) -> dict[str, float] | None:
        """Score the generators after ``done`` steps, and keep their weights if none were better."""
        if self._net is None:
            return None
        colorizer = Colorizer(
            cast(Generator, generators[0]), self.palettes, size=max(self.sketches[0].shape[:2])
        )
        colorized = (colorizer.colorize(sketch) for sketch in self.sketches)
        painted = [features.extract_features(self._net, image) for image in colorized]
        row = {"step": float(done), **self._score(features.stack(painted))}
        self.rows.append(row)
        if self.chosen() is row:
            self.weights = {name: value.clone() for name, value in generators.state_dict().items()}
        return row

    def chosen(self) -> dict[str, float] | None:
        """Return the row of the best score; of equal ones the first."""
        return min(self.rows, key=lambda row: row[METRIC], default=None)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"rows": self.rows, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        self.rows, self.weights = list(state["rows"]), state["weights"]

    def _score(self, painted: Features) -> dict[str, float]:
        score = kid(painted, self._real, self.seed)
        return {} if score is None else {METRIC: score}
