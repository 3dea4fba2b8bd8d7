"""Unpaired batches of augmented images, and the pools of generated ones.

Which images a step gets, and how they are augmented, follows from seed and step alone.
"""

import os
from collections.abc import Iterator, Sequence
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
from sketch2color.parallel import thread_map

Augmentation = Literal["crop", "move"]
_PUBLISHED_SCALE = 286 / 256
MIN_IMAGES = 2
"""Of a domain, to learn anything of it."""


def load(clean: Path, split: Split, domain: Domain) -> list[ImageArray]:
    """Decode all images of a split and domain, in the order of their names; there may be none."""
    return [imaging.read(path) for path in sorted((clean / split / domain).glob("*.png"))]


def load_training(clean: Path, stride: int, min_size: int) -> dict[Domain, list[ImageArray]]:
    """Decode the images that train.

    Raises:
        UserError: a domain has fewer than two images, they are of unequal sizes, or of a size that is no
            multiple of ``stride`` pixels, or below ``min_size``.
    """
    images = {domain: load(clean, "train", domain) for domain in DOMAINS}
    for domain in DOMAINS:
        if (found := len(images[domain])) < MIN_IMAGES:
            raise UserError(
                f"{clean / 'train' / domain} has {found or 'no'} image: CycleGAN needs {MIN_IMAGES} at least "
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
    if height % stride or width % stride or min(height, width) < min_size:
        raise UserError(
            f"{clean / 'train'} has images of {width}x{height} pixels: "
            f"the generator needs multiples of {stride}, at least {min_size}"
        )
    return images


@dataclass(frozen=True)
class Batch:
    """A process's share of a step's images: ``sketch`` and ``color``, N × 3 × H × W in [-1, 1]."""

    sketch: torch.Tensor
    color: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        """Move it, without waiting for the device where memory is pinned."""
        return Batch(*(images.to(device, non_blocking=True) for images in (self.sketch, self.color)))

    def pin(self) -> "Batch":
        """Move it to memory that a GPU can fetch from by itself."""
        return Batch(self.sketch.pin_memory(), self.color.pin_memory())


class Batches:
    """The training's batches: ``batches[step]`` is always the same, so there is no state to keep.

    Each domain is shuffled anew each time it is used up, independently of the other.
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
        return Batch(self._images(step, 0), self._images(step, 1))

    def between(self, start: int, stop: int, pinned: bool) -> Iterator[Batch]:
        """Yield the batches of steps ``start`` to ``stop`` - 1.

        Those for a GPU are ``pinned`` and made ahead, in a thread. On a CPU its threads of arithmetic would
        compete with those that train: steps took twice as long.
        """
        steps = range(start, stop)
        if pinned:
            yield from thread_map(lambda step: self[step].pin(), steps, threads=1)
        else:
            yield from (self[step] for step in steps)

    def _images(self, step: int, number: int) -> torch.Tensor:
        images = self.images[DOMAINS[number]]
        batch = []
        for sample in range(step * self.batch_size, (step + 1) * self.batch_size)[self.share]:
            round_, place = divmod(sample, len(images))
            order = np.random.default_rng([self.seed, number, round_]).permutation(len(images))
            changes = np.random.default_rng([self.seed, number, round_, place]).integers(2**31)
            self.augment.set_random_seed(int(changes))
            batch.append(to_tensor(self.augment(image=images[order[place]])["image"]))
        return torch.cat(batch)


def _augmentation(kind: Augmentation, size: Sequence[int]) -> A.Compose:
    """Return the augmentation of images of ``size`` (height, width).

    ``crop`` is as published: enlarge, crop at random, flip. ``move`` keeps drawings whole: scale, shift,
    rotate a little, flip, and replicate the paper at the edges.
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
    affine = A.Affine(
        scale=(0.75, 1.1),
        translate_percent=(-0.06, 0.06),
        rotate=(-15, 15),
        interpolation=cv2.INTER_CUBIC,
        border_mode=cv2.BORDER_REPLICATE,
        p=1.0,
    )
    return A.Compose([affine, A.HorizontalFlip()])


class ImagePool:
    """Mixes earlier fakes into those that discriminators see (Shrivastava et al. 2017).

    Keeps up to ``size`` generated images. Once full, each new image is returned itself with probability 1/2;
    else it replaces a random old one, which is returned instead. With ``size`` 0 new images pass through.
    """

    def __init__(self, size: int, random: torch.Generator) -> None:
        self.size = size
        self.random = random
        self.images: list[torch.Tensor] = []

    def query(self, images: torch.Tensor) -> torch.Tensor:
        """Add N × C × H × W new images and return as many from the pool, detached from their graph."""
        if self.size == 0:
            return images.detach()
        return torch.cat([self._query(image) for image in torch.split(images.detach(), 1)])

    def _query(self, image: torch.Tensor) -> torch.Tensor:
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        coin, place = torch.rand(2, generator=self.random).tolist()
        if coin < 0.5:
            return image
        index = int(place * self.size)
        old, self.images[index] = self.images[index], image
        return old
