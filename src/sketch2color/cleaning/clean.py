"""The stage `clean`: publishers' marks off, then every picture to 256×256."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sketch2color import files, images, manifest
from sketch2color.cleaning.fill import fill
from sketch2color.cleaning.find import Finding, find
from sketch2color.cleaning.fit import fit
from sketch2color.cleaning.review import Review
from sketch2color.cleaning.score import Score, score, summary
from sketch2color.errors import UserError
from sketch2color.images import PictureArray
from sketch2color.manifest import CleanPicture, Picture, Rejected
from sketch2color.params import Clean
from sketch2color.progress import progress

LARGEST_SIDE = 1024
"""Pixels; larger pictures are shrunk to this before anything else, for the stage ends at 256 anyway."""
NOTHING = Finding([], [])


@dataclass
class Done:
    """What the stage has to tell of the pictures so far."""

    rows: list[CleanPicture] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    review: Review = field(default_factory=Review)


def clean(raw: Path, out: Path, report: Path, params: Clean) -> dict[str, float]:
    """Clean every picture of a raw data set.

    Args:
        raw: the folder that ingest wrote: ``images/``, ``manifest.csv`` and, for scoring, ``truth/``.
        out: gets ``{train,val,test}/{sketch,color}/<id>.png`` and ``manifest.csv``.
        report: gets ``review.png``, ``metrics.json`` (what is returned) and ``rejected.csv`` (pictures that
            could not be processed, and why).
        params: whether to remove marks, and how to fit.

    Returns:
        How many pictures there are and what was done with them; with truth also the scores against it.

    Raises:
        UserError: the raw folder lacks its manifest, or no picture could be processed.
    """
    pictures = manifest.read(raw / "manifest.csv", Picture)
    originals = {path.stem: path for path in sorted((raw / "images").glob("*"))}
    files.empty_directory(out)
    files.empty_directory(report)
    done = Done()
    with _one_thread():
        for picture in progress(pictures, "clean"):
            try:
                _clean_one(_read(originals, picture), picture, raw / "truth", out, params, done)
            except Exception as error:  # one bad picture never stops the stage
                _path(out, picture).unlink(missing_ok=True)
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                done.rejected.append(Rejected(source=picture.source, domain=picture.domain, reason=reason))
    if not done.rows:
        first = done.rejected[0] if done.rejected else None
        why = f"{first.source}: {first.reason}" if first else f"{raw / 'manifest.csv'} is empty"
        raise UserError(f"no picture of {raw} could be cleaned: {why}")
    return _write(done, out, report)


def remove_marks(picture: PictureArray) -> tuple[Finding, PictureArray]:
    """Find the marks on ``picture`` (uint8, H × W × 3) and return it without the sure ones.

    Where nothing is sure, the very same picture comes back.
    """
    finding = find(picture)
    if not finding.sure:
        return finding, picture
    return finding, fill(picture, finding.mask(*picture.shape[:2]))


def _clean_one(
    before: PictureArray, picture: Picture, truth: Path, out: Path, params: Clean, done: Done
) -> None:
    finding, after = remove_marks(before) if params.remove_marks else (NOTHING, before)
    mask = finding.mask(*before.shape[:2])
    images.write_png(_path(out, picture), fit(after, params.fit))
    row = _row(picture, finding, mask)
    done.review.add(row, before, finding, after)
    if truth.is_dir():
        done.scores.append(score(truth, picture.id, before, after, mask))
    done.rows.append(row)


def _write(done: Done, out: Path, report: Path) -> dict[str, float]:
    manifest.write(out / "manifest.csv", done.rows, CleanPicture)
    manifest.write(report / "rejected.csv", done.rejected, Rejected)
    images.write_png(report / "review.png", done.review.sheet())
    figures = _counts(done.rows, done.rejected) | summary(done.scores)
    figures = {name: round(value, 4) for name, value in figures.items()}
    files.write_text(report / "metrics.json", json.dumps(figures, indent=2) + "\n")
    return figures


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split by thread: with one, the number of processors does not show in the result."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _read(originals: dict[str, Path], picture: Picture) -> PictureArray:
    if picture.id not in originals:
        raise images.PictureError(f"images/{picture.id} is missing: run `dvc repro`")
    content = images.read(originals[picture.id])
    height, width = content.shape[:2]
    factor = min(1.0, LARGEST_SIDE / max(height, width))
    return images.resize(content, max(1, round(width * factor)), max(1, round(height * factor)))


def _path(out: Path, picture: Picture) -> Path:
    return out / picture.split / picture.domain / f"{picture.id}.png"


def _row(picture: Picture, finding: Finding, mask: NDArray[np.uint8]) -> CleanPicture:
    return CleanPicture(
        **asdict(picture),
        marks=finding.kinds,
        mark_area=round(float((mask > 0).mean()), 4),
        confidence=round(finding.confidence, 4),
        action=finding.action,
    )


def _counts(rows: list[CleanPicture], rejected: list[Rejected]) -> dict[str, float]:
    actions = Counter(row.action for row in rows)
    return {
        "pictures": len(rows),
        "removed": actions["removed"],
        "left": actions["left"],
        "none": actions["none"],
        "failed": len(rejected),
    }
