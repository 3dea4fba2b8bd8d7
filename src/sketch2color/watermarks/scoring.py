"""Score the removal of marks against the truth that a source ships; the only code that reads that truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sketch2color.imaging import ImageArray, read, resize
from sketch2color.watermarks.masks import Mask

MAX_PSNR = 60.0  # dB, also of equal images


@dataclass(frozen=True)
class MarkedScore:
    """How well the marks of one image were detected and removed.

    ``found``, ``masked`` and ``true`` are pixels: masked rightly, masked at all, and marked in truth. The
    others are mean squared errors against the image without marks, in levels², before and after removal,
    over the true mask (``inside``) and over the whole image.
    """

    found: int
    masked: int
    true: int
    inside_before: float
    inside_after: float
    whole_before: float
    whole_after: float


@dataclass(frozen=True)
class CleanScore:
    """Whether an image without marks came through with every pixel unchanged."""

    untouched: bool


Score = MarkedScore | CleanScore


def score(truth: Path, image_id: str, before: ImageArray, after: ImageArray, mask: Mask) -> Score:
    """Score one image against ``truth/<id>.mask.png`` and ``.clean.png``, both resized to its size.

    Without these, or where the mask is empty, it has no mark.
    """
    height, width = before.shape[:2]
    mask_path = truth / f"{image_id}.mask.png"
    true = np.zeros((height, width), bool)
    if mask_path.exists():
        true = resize(read(mask_path), width, height)[..., 0] > 127
    if not true.any():
        return CleanScore(bool(np.array_equal(before, after)))
    original = resize(read(truth / f"{image_id}.clean.png"), width, height)
    errors = [np.square(image.astype(np.float64) - original).mean(2) for image in (before, after)]
    inside = (float(error[true].mean()) for error in errors)
    whole = (float(error.mean()) for error in errors)
    masked = mask > 0
    return MarkedScore(int((masked & true).sum()), int(masked.sum()), int(true.sum()), *inside, *whole)


def summary(scores: Sequence[Score]) -> dict[str, float]:
    """Average over images: mask IoU, recall, precision, PSNR in dB, and the share of clean ones untouched.

    ``mask_iou`` is the mean over marked images; recall and precision are of all images' marked pixels.
    """
    marked = [one for one in scores if isinstance(one, MarkedScore)]
    clean = [one.untouched for one in scores if isinstance(one, CleanScore)]
    figures: dict[str, float] = {}
    if marked:
        found = sum(one.found for one in marked)
        ious = [one.found / (one.masked + one.true - one.found) for one in marked]
        figures["mask_iou"] = float(np.mean(ious))
        figures["mask_recall"] = found / sum(one.true for one in marked)
        figures["mask_precision"] = found / max(1, sum(one.masked for one in marked))
        for name in ("inside_before", "inside_after", "whole_before", "whole_after"):
            figures[f"psnr_{name}"] = float(np.mean([psnr(getattr(one, name)) for one in marked]))
    if clean:
        figures["clean_untouched"] = float(np.mean(clean))
    return figures


def psnr(mean_squared_error: float) -> float:
    """Return 10 log10(255² / MSE) in dB, at most ``MAX_PSNR``.

    >>> round(psnr(65.025), 6), psnr(0.0)
    (30.0, 60.0)
    """
    if mean_squared_error == 0:
        return MAX_PSNR
    return min(MAX_PSNR, float(10 * np.log10(255**2 / mean_squared_error)))
