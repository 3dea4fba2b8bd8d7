"""Measure how well holes in real sketches are filled, against the truth.

    PYTHONPATH=tools python benchmarks/holes.py FOLDER [--out sheet.png]

FOLDER is as for ``tools/boxes.py``; its unmarked images of the half `development` get three discs or plates
each, anywhere. Rows are by the share of a hole's rim that is paper. Besides PSNR in the hole, which rewards
blur, there is the perceptual distance from the truth, as the stage evaluate measures it: 0 is equal, 8 the
opposite. ``--out`` gets a contact sheet, the holes with the least paper first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import boxes
from cli import argument_parser, markdown_table
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
HOLES_PER_IMAGE = 3
SIZE = 256
RIM = 6.0
MARK = np.array([200, 30, 120], np.uint8)
METHODS = ("paper", "Telea", "Navier-Stokes", "ours")
HALF = 127
"""An activation is in the hole if more than half of its cell is."""
SHARES = (0.985, 0.9, 0.75, 0.4, 0.0)
"""Least shares of paper along the rim, for the rows of the table; holes entirely in paper are left out."""


@dataclass(frozen=True)
class FilledArea:
    """A marked image, its mask (255), the truth, and the share of the rim that is paper."""

    marked: ImageArray
    mask: Mask
    truth: ImageArray
    paper: ImageArray
    share: float


def fill(hole: FilledArea, method: str) -> ImageArray:
    """Fill with the paper of the rim, or with one of ``removal.FILLERS``."""
    if method == "paper":
        return np.where(hole.mask[..., None] > 0, hole.paper, hole.truth)
    return FILLERS[method](hole.marked, hole.mask)


def holes(folder: Path) -> Iterator[FilledArea]:
    """Yield the holes that are not entirely in paper."""
    rng = np.random.default_rng(SEED)
    for one in boxes.read(folder, "development"):
        if one.boxes:
            continue
        truth = imaging.shrink(one.image, SIZE)
        for _ in range(HOLES_PER_IMAGE):
            mask = _mark(truth.shape[:2], rng)
            rim = dilate(mask > 0, RIM) & (mask == 0)
            paper, ink = separate_paper(truth, rim)
            share = 1 - float(ink.sum() / rim.sum())
            if share < SHARES[0]:
                marked = np.where(mask[..., None] > 0, MARK, truth)
                yield FilledArea(marked, mask, truth, paper, share)


def _mark(shape: tuple[int, int], rng: np.random.Generator) -> Mask:
    """Return the mask of a disc, a bar or a plate anywhere."""
    mask = np.zeros(shape, np.uint8)
    at = int(rng.integers(20, shape[1] - 20)), int(rng.integers(15, shape[0] - 15))
    kind = rng.integers(3)
    if kind == 0:
        cv2.ellipse(mask, at, (int(rng.integers(14, 24)), int(rng.integers(14, 30))), 0, 0, 360, 255, -1)
        return mask
    wide, tall = (rng.integers(20, 60), rng.integers(8, 16)) if kind == 1 else rng.integers(10, 26, 2)
    low, high = ((at[0] + sign * int(wide), at[1] + sign * int(tall)) for sign in (-1, 1))
    cv2.rectangle(mask, low, high, 255, -1)
    return mask


class HoleFeatures:
    """Extracts VGG-19 features inside holes."""

    def __init__(self) -> None:
        self._network = perceptual_distance.extractor()

    def extract(self, image: ImageArray, mask: Mask) -> Mapping[str, Tensor]:
        """Return each layer's activations at the N places that the mask covers by half, 1 × C × N."""
        with torch.inference_mode():
            features = self._network(to_tensor(image))
        inside = {}
        for layer, activations in features.items():
            size = activations.shape[:-3:-1]
            covered = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > HALF
            inside[layer] = activations[..., torch.from_numpy(covered)]
        return inside


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="a PNG: marked, ours, true")
    options = parser.parse_args()
    network, cases = HoleFeatures(), list(holes(options.folder))
    truths = [network.extract(one.truth, one.mask) for one in progress(cases, "truth")]
    filled = {method: [fill(one, method) for one in progress(cases, method)] for method in METHODS}
    rows = []
    for most, least in zip(SHARES, (*SHARES[1:], -1.0), strict=True):
        chosen = [number for number, one in enumerate(cases) if least <= one.share < most]
        if chosen:
            cells = [_cell([(cases[i], truths[i], filled[m][i]) for i in chosen], network) for m in METHODS]
            rows.append([f"{max(0.0, least):.0%} to {most:.1%}", len(chosen), *cells])
    print(markdown_table(["paper along the rim", "holes", *METHODS], rows))
    if options.out:
        order = np.argsort([one.share for one in cases], kind="stable")
        shown = [[cases[i].marked, filled["ours"][i], cases[i].truth] for i in order]
        labels = [f"{cases[i].share:.0%} paper" for i in order]
        imaging.write_png(options.out, contact_sheet(shown, ["marked", "ours", "true"], labels))


def _cell(filled: list[tuple[FilledArea, Mapping[str, Tensor], ImageArray]], network: HoleFeatures) -> str:
    scores, distances = [], []
    for one, truth, image in filled:
        scores.append(psnr(float(np.square(image.astype(float) - one.truth)[one.mask > 0].mean())))
        distances.append(perceptual_distance.perceptual_distance(network.extract(image, one.mask), truth))
    return f"{np.mean(scores):.1f} dB, {np.mean(distances):.3f}"


if __name__ == "__main__":
    main()
