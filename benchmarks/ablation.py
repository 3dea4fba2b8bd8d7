"""Measure what each heuristic of mark detection contributes, by disabling it.

    PYTHONPATH=tools python benchmarks/ablation.py FOLDER --cache DIR [--folds WITHOUT0 WITHOUT1]

FOLDER and the fold networks are as for ``benchmarks/watermarks.py``: without ``--folds`` the figures of the
development half are not held out. The synthetic marks are those of ``benchmarks/removal.py`` with another
seed. Each heuristic is disabled alone; then heuristics are disabled one after the other, the least useful
first, as long as all together stay within ``BUDGET``. DIR caches the network's output.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

import removal
import watermarks
from cli import argument_parser, markdown_table
from sketch2color.models.threads import one_thread
from sketch2color.preprocess.clean import remove_marks
from sketch2color.watermarks import detect
from sketch2color.watermarks.scoring import psnr

SEED, ROUNDS = 20261128, 5
PACKAGE = "sketch2color.watermarks"
HEURISTICS: dict[str, tuple[str, Callable[..., Any]]] = {
    "blanking of huge marks": ("fill.blank_page", lambda *_: None),
    "islands of patches": ("fill.remove_islands", lambda image, *_: image),
    "islands of letters": ("unblend.letter_islands", lambda ink, *_: np.zeros_like(ink)),
    "tints": ("unblend.snap_to_tints", lambda under, *_: under),
    "rectangle": ("detect.fit_rectangle", lambda *_: None),
    "lettering": ("detect.segment_lettering", lambda *_: None),
    "crossing strokes": ("detect.crossing_strokes", lambda image, writing, _: np.zeros_like(writing)),
    "barcode": ("detect.detect_barcodes", lambda *_: ()),
    "plate contour": ("detect.refine_contour", lambda *_: None),
    "color log-odds": (
        "refine_contour.color_log_odds",
        lambda image, *_: np.zeros(image.shape[:2], np.float32),
    ),
    "mirrored prediction": ("detect.with_mirrored", lambda logits, *_: logits),
    "recurring marks": (
        "recurring.TemplateBank.promote_recurring",
        lambda bank, image, detections, page: detections,
    ),
}
"""Functions of the package, and what replaces them when they are disabled."""


@dataclass(frozen=True)
class Figures:
    """Boxes removed by half and unmarked images unchanged, real and synthetic; dB inside masks; mask IoU."""

    boxes: float
    unchanged: float
    synthetic_unchanged: float
    psnr: float
    iou: float


BUDGET = Figures(boxes=1, unchanged=1, synthetic_unchanged=1, psnr=0.3, iou=1)
"""How much worse the figures may become when heuristics are deleted."""


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="a folder for the network's output")
    parser.add_argument("--folds", type=Path, nargs=2, help="weights without fold 0 and 1")
    parser.add_argument("--raw", type=Path, default=Path("data/raw/openmoji"))
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    ablation = Ablation(options.folder, options.folds, options.raw, options.cache)
    baseline = ablation.measure([])
    alone = {name: ablation.measure([name]) for name in HEURISTICS}
    rows = [("none", *astuple(baseline)), *((name, *astuple(found)) for name, found in alone.items())]
    deleted: list[str] = []
    for name in sorted(HEURISTICS, key=lambda name: cost(baseline, alone[name])):
        found = ablation.measure([*deleted, name])
        if cost(baseline, found) <= 1:
            deleted.append(name)
            rows.append((" + ".join(deleted), *astuple(found)))
    print(markdown_table(["disabled", *(field.name for field in fields(Figures))], rows))


def cost(baseline: Figures, found: Figures) -> float:
    """Return the largest loss as a share of ``BUDGET``."""
    losses = [
        (getattr(baseline, field.name) - getattr(found, field.name)) / getattr(BUDGET, field.name)
        for field in fields(Figures)
    ]
    return float(max(losses))


class Ablation:
    """Measures detection and filling with some heuristics disabled."""

    def __init__(self, folder: Path, folds: Sequence[Path] | None, raw: Path, cache: Path) -> None:
        self._folder, self._folds, self._cache = folder, folds, cache
        originals = removal.Originals(raw)
        self._cases = list(removal.unseen(originals, SEED, ROUNDS))
        self._unmarked = list(removal.unmarked_images(originals, SEED, ROUNDS))
        self._compute_logits = detect._logits

    def measure(self, disabled: Collection[str]) -> Figures:
        """Return the figures without the ``disabled`` heuristics."""
        with self._without(disabled):
            real = watermarks.evaluate(self._folder, "development", self._folds)
            results = [self._remove(case) for case in self._cases]
            unchanged = sum(np.array_equal(remove_marks(image)[1], image) for image in self._unmarked)
        psnr, iou = (float(np.mean(values)) for values in zip(*results, strict=True))
        return Figures(real.removed["all"], real.unchanged, unchanged, psnr, iou)

    def _remove(self, case: removal.Case) -> tuple[float, float]:
        detections, filled = remove_marks(case.marked)
        iou = removal.intersection_over_union(detections.mask(*case.mask.shape), case.mask)
        error = np.square(filled.astype(np.float64) - case.clean)
        return psnr(float(error[case.mask > 0].mean())), iou

    @contextmanager
    def _without(self, disabled: Collection[str]) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(patch.object(detect, "_logits", self._cached_logits))
            for name in disabled:
                function, replacement = HEURISTICS[name]
                stack.enter_context(patch(f"{PACKAGE}.{function}", replacement))
            yield

    def _cached_logits(self, image: Tensor, weights: Path) -> Tensor:
        key = hashlib.sha256(image.numpy().tobytes() + weights.read_bytes()).hexdigest()
        path = self._cache / f"{key}.npy"
        if not path.exists():
            np.save(path, self._compute_logits(image, weights).numpy())
        return torch.from_numpy(np.load(path))


if __name__ == "__main__":
    main()
