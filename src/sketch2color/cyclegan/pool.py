"""The pool of earlier fakes that keeps critics from chasing only the newest (Shrivastava et al. 2017)."""

from collections.abc import Mapping
from typing import Any

import torch


class ImagePool:
    """Keeps up to ``size`` generated pictures and hands out a mixture of old and new.

    Once full, each new picture is handed out itself with probability 1/2; else it takes the place of a random
    old one, which is handed out instead. With ``size`` 0 new pictures pass through.
    """

    def __init__(self, size: int, generator: torch.Generator) -> None:
        self.size = size
        self.generator = generator
        self.pictures: list[torch.Tensor] = []

    def exchange(self, pictures: torch.Tensor) -> torch.Tensor:
        """Give N × C × H × W new pictures, get as many from the pool, detached from their graph."""
        if self.size == 0:
            return pictures.detach()
        return torch.cat([self._one(picture) for picture in torch.split(pictures.detach(), 1)])

    def state_dict(self) -> dict[str, Any]:
        """Return the pictures; the generator is its owner's to keep."""
        return {"pictures": self.pictures}

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on from where ``state`` was taken."""
        self.pictures = [picture.to(device) for picture in state["pictures"]]

    def _one(self, picture: torch.Tensor) -> torch.Tensor:
        if len(self.pictures) < self.size:
            self.pictures.append(picture)
            return picture
        coin, place = torch.rand(2, generator=self.generator).tolist()
        if coin < 0.5:
            return picture
        index = int(place * self.size)
        old, self.pictures[index] = self.pictures[index], picture
        return old
