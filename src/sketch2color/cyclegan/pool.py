"""The pool of earlier fakes that keeps discriminators from chasing the newest (Shrivastava et al. 2017)."""

from collections.abc import Mapping
from typing import Any

import torch


class ImagePool:
    """Keeps up to ``size`` generated images and hands out a mixture of old and new.

    Once full, each new image is handed out itself with probability 1/2; else it takes the place of a random
    old one, which is handed out instead. With ``size`` 0 new images pass through.
    """

    def __init__(self, size: int, generator: torch.Generator) -> None:
        self.size = size
        self.generator = generator
        self.images: list[torch.Tensor] = []

    def exchange(self, images: torch.Tensor) -> torch.Tensor:
        """Give N × C × H × W new images, get as many from the pool, detached from their graph."""
        if self.size == 0:
            return images.detach()
        return torch.cat([self._one(image) for image in torch.split(images.detach(), 1)])

    def state_dict(self) -> dict[str, Any]:
        """Return the images; the generator is its owner's to keep."""
        return {"images": self.images}

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on from where ``state`` was taken."""
        self.images = [image.to(device) for image in state["images"]]

    def _one(self, image: torch.Tensor) -> torch.Tensor:
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        coin, place = torch.rand(2, generator=self.generator).tolist()
        if coin < 0.5:
            return image
        index = int(place * self.size)
        old, self.images[index] = self.images[index], image
        return old
