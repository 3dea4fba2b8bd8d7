"""Unpaired batches of augmented images; which, and how changed, follows from seed and step alone."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # read when albumentations is imported

import albumentations as A
import cv2
import numpy as np
import torch

from sketch2color import imaging
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray
from sketch2color.manifest import DOMAINS, Domain, Split
from sketch2color.models.tensors import to_tensor

Augmentation = Literal["crop", "move"]
_PUBLISHED_SCALE = 286 / 256
FEWEST = 2
"""Images of a domain without which nothing can be learned of it."""
AHEAD = 2
"""Batches made before they are asked for."""


def load(clean: Path, split: Split, domain: Domain) -> list[ImageArray]:
    """Decode all images of a split and domain, in the order of their names; none is no error."""
    return [imaging.read(path) for path in sorted((clean / split / domain).glob("*.png"))]


def load_training(clean: Path, stride: int, least: int) -> dict[Domain, list[ImageArray]]:
    """Decode the images that train.

    Raises:
        UserError: a domain has fewer than two images, they are of unequal sizes, or of a size that is no
            multiple of ``stride`` pixels, or below ``least``.
    """
    images = {domain: load(clean, "train", domain) for domain in DOMAINS}
    for domain in DOMAINS:
        if (found := len(images[domain])) < FEWEST:
            raise UserError(
                f"{clean / 'train' / domain} has {found or 'no'} image: CycleGAN needs {FEWEST} at least "
                "in both domains; give the data set more, or lower ingest.val and ingest.test"
            )
    sizes = {image.shape[:2] for domain in DOMAINS for image in images[domain]}
    if len(sizes) > 1:
        (height, width), (other_height, other_width) = sorted(sizes)[:2]
        raise UserError(
            f"{clean / 'train'} has images of {width}x{height} and {other_width}x{other_height} pixels: "
            "all must be of one size; run `dvc repro clean`"
        )
    height, width = sizes.pop()
    if height % stride or width % stride or min(height, width) < least:
        raise UserError(
            f"{clean / 'train'} has images of {width}x{height} pixels: "
            f"the generator needs multiples of {stride}, at least {least}"
        )
    return images


@dataclass(frozen=True)
class Batch:
    """What one step learns from; a process's share of it, where there are several.

    ``sketch`` and ``color`` are N × 3 × H × W in [-1, 1].
    """

    sketch: torch.Tensor
    color: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        """Move it, without waiting for the device where memory is pinned."""
        return Batch(*(images.to(device, non_blocking=True) for images in (self.sketch, self.color)))

    def pin(self) -> "Batch":
        """Move it to memory that a GPU can fetch from by itself."""
        return Batch(self.sketch.pin_memory(), self.color.pin_memory())


class Batches:
    """The training's batches: ``batches[step]`` is always the same, so no state is to be kept.

    Each domain is gone through again and again, each time in another order, whatever the other domain does.
    Of ``world`` processes the one numbered ``rank`` gets every ``world``-th sample of each batch.
    """

    def __init__(
        self,
        images: dict[Domain, list[ImageArray]],
        batch_size: int,
        augmentation: Augmentation,
        seed: int,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.share = slice(rank, None, world)
        self.augment = _augmentation(augmentation, images["sketch"][0].shape[:2])

    def __getitem__(self, step: int) -> Batch:
        """Return this process's share of a step's batch."""
        return Batch(*(self._images(step, number) for number in range(len(DOMAINS))))

    def between(self, start: int, stop: int, pinned: bool) -> Iterator[Batch]:
        """Yield the batches of steps ``start`` to ``stop`` - 1; ``pinned`` ones are made ahead, in a thread.

        That is for a GPU. On a CPU the thread would get threads of its own for its arithmetic, and they would
        take the cores from those that train: steps took twice as long.
        """
        if not pinned:
            yield from (self[step] for step in range(start, stop))
            return
        with ThreadPoolExecutor(1) as maker:
            ahead: deque[Future[Batch]] = deque()
            for step in range(start, stop):
                ahead.append(maker.submit(lambda step: self[step].pin(), step))
                if len(ahead) > AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _images(self, step: int, number: int) -> torch.Tensor:
        images = self.images[DOMAINS[number]]
        batch = []
        for drawn in range(step * self.batch_size, (step + 1) * self.batch_size)[self.share]:
            round_, place = divmod(drawn, len(images))
            order = np.random.default_rng([self.seed, number, round_]).permutation(len(images))
            changes = np.random.default_rng([self.seed, number, round_, place]).integers(2**31)
            self.augment.set_random_seed(int(changes))
            batch.append(to_tensor(self.augment(image=images[order[place]])["image"]))
        return torch.cat(batch)


def _augmentation(kind: Augmentation, size: Sequence[int]) -> A.Compose:
    """Return albumentations' chain for images of ``size`` (height, width).

    ``crop`` is as published: enlarged 286/256 times, cropped at random, flipped. ``move`` leaves drawings
    whole, as they lie on paper: scaled, shifted, turned a little, flipped, the paper going on at the edges.
    """
    height, width = size
    if kind == "crop":
        larger = round(height * _PUBLISHED_SCALE), round(width * _PUBLISHED_SCALE)
        return A.Compose(
            [
                A.Resize(*larger, interpolation=cv2.INTER_CUBIC),
                A.RandomCrop(height, width),
                A.HorizontalFlip(),
            ]
        )
    moved = A.Affine(
        scale=(0.75, 1.1),
        translate_percent=(-0.06, 0.06),
        rotate=(-15, 15),
        interpolation=cv2.INTER_CUBIC,
        border_mode=cv2.BORDER_REPLICATE,
        p=1.0,
    )
    return A.Compose([moved, A.HorizontalFlip()])
