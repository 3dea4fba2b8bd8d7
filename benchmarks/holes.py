"""Measure how opaque marks over real drawings are filled, where what they hid is known.

    PYTHONPATH=tools python benchmarks/holes.py FOLDER [--out sheet.png]

FOLDER is as ``tools/boxes.py`` tells; its images without marks of the half `development` get three discs or
plates each, in any place. The rows are apart by how much of a hole's rim is paper. Besides PSNR in the hole,
which rewards a blur, there is the perceptual distance between what is seen there and in the truth, as the
stage evaluate measures it: 0 is the same, 8 the opposite. ``--out`` gets a sheet of the holes with the least
paper first.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import boxes
from removal import FILLERS
from sketch2color import imaging
from sketch2color.imaging import ImageArray
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.imaging.morphology import dilate
from sketch2color.metrics import perceptual_distance
from sketch2color.models.tensors import to_tensor
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.watermarks.plane import separate_paper
from sketch2color.watermarks.scoring import psnr

Mask = NDArray[np.uint8]
SEED = 0
HOLES = 3
"""On each image."""
SIZE = 256
RIM = 6.0
MARK = np.array([200, 30, 120], np.uint8)
WAYS = ("paper", "Telea", "Navier-Stokes", "ours")
HALF = 127
"""A place where a layer looks is in the hole if more of it than half is."""
SHARES = (0.985, 0.9, 0.75, 0.4, 0.0)
"""Least shares of paper along the rim, for the rows of the table; holes in nothing but paper are left out."""


@dataclass(frozen=True)
class Hole:
    """A marked image, its mask (255), the truth, and the share of the rim that is paper."""

    marked: ImageArray
    mask: Mask
    truth: ImageArray
    paper: ImageArray
    share: float


def fill(hole: Hole, way: str) -> ImageArray:
    """Fill with the paper of the rim, or as ``removal.FILLERS`` do."""
    if way == "paper":
        return np.where(hole.mask[..., None] > 0, hole.paper, hole.truth)
    return FILLERS[way](hole.marked, hole.mask)


def holes(folder: Path) -> Iterator[Hole]:
    """Yield the holes that are not in nothing but paper."""
    rng = np.random.default_rng(SEED)
    for one in boxes.read(folder, "development"):
        if one.boxes:
            continue
        truth = imaging.shrink(one.image, SIZE)
        for _ in range(HOLES):
            mask = _mark(truth.shape[:2], rng)
            rim = dilate(mask > 0, RIM) & (mask == 0)
            paper, ink = separate_paper(truth, rim)
            share = 1 - float(ink.sum() / rim.sum())
            if share < SHARES[0]:
                marked = np.where(mask[..., None] > 0, MARK, truth)
                yield Hole(marked, mask, truth, paper, share)


def _mark(shape: tuple[int, int], rng: np.random.Generator) -> Mask:
    """Draw a disc, a bar or a plate anywhere."""
    mask = np.zeros(shape, np.uint8)
    at = int(rng.integers(20, shape[1] - 20)), int(rng.integers(15, shape[0] - 15))
    kind = rng.integers(3)
    if kind == 0:
        cv2.ellipse(mask, at, (int(rng.integers(14, 24)), int(rng.integers(14, 30))), 0, 0, 360, 255, -1)
        return mask
    wide, high = (rng.integers(20, 60), rng.integers(8, 16)) if kind == 1 else rng.integers(10, 26, 2)
    cv2.rectangle(
        mask, (at[0] - int(wide), at[1] - int(high)), (at[0] + int(wide), at[1] + int(high)), 255, -1
    )
    return mask


class Eyes:
    """What VGG-19 sees in holes."""

    def __init__(self) -> None:
        self._network = perceptual_distance.extractor()

    def look(self, image: ImageArray, mask: Mask) -> Mapping[str, Tensor]:
        """Give each layer's activations at the N places that the mask covers by half, 1 × C × N."""
        with torch.inference_mode():
            seen = self._network(to_tensor(image))
        inside = {}
        for layer, activations in seen.items():
            size = activations.shape[:-3:-1]
            covered = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > HALF
            inside[layer] = activations[..., torch.from_numpy(covered)]
        return inside


@one_thread()
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="a PNG: marked, ours, true")
    options = parser.parse_args()
    eyes, cases = Eyes(), list(holes(options.folder))
    truths = [eyes.look(one.truth, one.mask) for one in progress(cases, "truth")]
    given = {way: [fill(one, way) for one in progress(cases, way)] for way in WAYS}
    print("| paper along the rim | holes | " + " | ".join(WAYS) + " |")
    print("|" + "---|" * (2 + len(WAYS)))
    for most, least in zip(SHARES, (*SHARES[1:], -1.0), strict=True):
        chosen = [number for number, one in enumerate(cases) if least <= one.share < most]
        if chosen:
            cells = [_cell([(cases[at], truths[at], given[way][at]) for at in chosen], eyes) for way in WAYS]
            print(f"| {max(0.0, least):.0%} to {most:.1%} | {len(chosen)} | {' | '.join(cells)} |")
    if options.out:
        order = np.argsort([one.share for one in cases], kind="stable")
        rows = [[cases[at].marked, given["ours"][at], cases[at].truth] for at in order]
        labels = [f"{cases[at].share:.0%} paper" for at in order]
        imaging.write_png(options.out, contact_sheet(rows, ["marked", "ours", "true"], labels))


def _cell(filled: list[tuple[Hole, Mapping[str, Tensor], ImageArray]], eyes: Eyes) -> str:
    scores, distances = [], []
    for one, truth, image in filled:
        scores.append(psnr(float(np.square(image.astype(float) - one.truth)[one.mask > 0].mean())))
        distances.append(perceptual_distance.perceptual_distance(eyes.look(image, one.mask), truth))
    return f"{np.mean(scores):.1f} dB, {np.mean(distances):.3f}"


if __name__ == "__main__":
    main()
