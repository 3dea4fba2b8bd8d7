"""The stage's work: every test sketch painted in the style of coloured training images."""

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Protocol

import torch
from torch import Tensor

from sketch2color import imaging, manifest
from sketch2color.config.params import TransferStyle
from sketch2color.errors import UserError
from sketch2color.files import empty_directory, write_text
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.manifest import CleanImageRow
from sketch2color.models import precision
from sketch2color.models.tensors import to_image, to_tensor
from sketch2color.models.threads import one_thread
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.style_transfer.coarse_to_fine import CoarseToFine
from sketch2color.style_transfer.losses import Losses, Weights
from sketch2color.style_transfer.one_scale import OneScale
from sketch2color.style_transfer.references import choose, likeness

Images = Mapping[str, ImageArray]  # by id


class Method(Protocol):
    """A way of painting."""

    def paint(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Carry the style of N·K references over to N sketches; return the images and their losses."""


METHODS: Mapping[str, Callable[[Weights, int, bool], Method]] = {
    "coarse_to_fine": CoarseToFine,
    "one_scale": OneScale,
}


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One row of ``references.csv``: what was painted after what.

    ``sketch`` is an id, ``reference`` one id or several with spaces between; ``likeness`` is the mean
    correlation of their layouts with the sketch's, in [-1, 1]; ``content``, ``style`` and ``variation`` are
    the final losses; ``failed`` says why there is no image, and is empty where there is one.
    """

    sketch: str
    reference: str = ""
    likeness: float | None = None
    content: float | None = None
    style: float | None = None
    variation: float | None = None
    failed: str = ""


def transfer(clean: Path, out: Path, params: TransferStyle, seed: int) -> dict[str, float]:
    """Paint every test sketch; write ``<id>.png`` for each, and ``references.csv``.

    References are coloured training images only. A sketch that cannot be read, or that painting takes
    beyond finite numbers, is listed as failed and gets no image. Sketches are painted side by side, each on
    one thread: neither their company nor the number of threads shows in what comes out.

    Args:
        clean: what the clean stage wrote.
        out: a directory, emptied first.
        params: method, references, weights, effort.
        seed: of the noise that painting starts from; each sketch's own follows from it and the sketch's id.

    Returns:
        ``images`` painted, ``failed``, and the means over images of the final losses ``content``,
        ``style`` and ``variation`` (left out when there are no images).

    Raises:
        UserError: the manifest or the extractor's weights are missing, there is no coloured training
            image or not that which the parameters name, or not one of the test sketches could be painted.
    """
    rows = manifest.read(clean / "manifest.csv", CleanImageRow)
    sketches, table = _read(clean, manifest.select(rows, split="test", domain="sketch"))
    colored, _ = _read(clean, manifest.select(rows, split="train", domain="color"))
    if sketches and not colored:
        raise UserError(f"{clean} has no coloured training image to take style from: see its manifest.csv")
    planned = _plan(sketches, colored, params.references) if sketches else []
    work = partial(_paint, _method(params), sketches, colored, seed)
    empty_directory(out)
    with _deterministic():
        painted = thread_map(work, planned, params.threads)
        for row, image in progress(painted, "transferring style", total=len(planned)):
            table.append(row)
            if image is not None:
                imaging.write_png(out / f"{row.sketch}.png", image)
    _write_table(out / "references.csv", table)
    return _metrics(table)


def _read(clean: Path, rows: Sequence[CleanImageRow]) -> tuple[dict[str, ImageArray], list[Transfer]]:
    """Read images in the order of their ids; list those that cannot be read."""
    images: dict[str, ImageArray] = {}
    failed: list[Transfer] = []
    for row in sorted(rows, key=lambda row: row.id):
        try:
            images[row.id] = imaging.read(clean / row.split / row.domain / f"{row.id}.png")
        except FileNotFoundError:
            failed.append(Transfer(sketch=row.id, failed="missing"))
        except ImageError as error:
            failed.append(Transfer(sketch=row.id, failed=str(error)))
    return images, failed


def _plan(sketches: Images, colored: Images, references: int | tuple[str, ...]) -> list[Transfer]:
    """Choose so many references for each sketch, or the named ones for all."""
    names = list(colored)
    alike = likeness(list(sketches.values()), list(colored.values()))
    if isinstance(references, int):
        chosen = choose(alike, references)
    else:
        if unknown := sorted(set(references) - set(names)):
            raise UserError(
                f"transfer_style.references: {', '.join(unknown)} is no id of a coloured training image"
            )
        chosen = [[names.index(name) for name in references]] * len(sketches)
    return [
        Transfer(
            sketch=sketch,
            reference=" ".join(names[index] for index in indices),
            likeness=round(float(row[indices].mean()), 4),
        )
        for sketch, row, indices in zip(sketches, alike, chosen, strict=True)
    ]


def _method(params: TransferStyle) -> Method:
    weights = Weights(
        content=params.content_weight, style=params.style_weight, variation=params.variation_weight
    )
    bf16 = params.precision == "bf16"
    if bf16 and not precision.processor_has_bf16():
        print(precision.MISSING, flush=True)
    return METHODS[params.method](weights, params.steps, bf16)


def _paint(
    method: Method, sketches: Images, colored: Images, seed: int, planned: Transfer
) -> tuple[Transfer, ImageArray | None]:
    """Paint one sketch as planned; return no image, and a row that says so, where numbers overflow."""
    references = [to_tensor(colored[name]) for name in planned.reference.split()]
    images, losses = method.paint(
        to_tensor(sketches[planned.sketch]), torch.cat(references), [_noise_seed(planned.sketch, seed)]
    )
    content, style, variation = (float(f"{float(of):.6g}") for of in astuple(losses))
    if not (math.isfinite(content + style + variation) and images.isfinite().all()):
        return replace(planned, failed="painting left the finite numbers"), None
    row = replace(planned, content=content, style=style, variation=variation)
    return row, to_image(images)


def _noise_seed(sketch: str, seed: int) -> int:
    """Return a seed for one sketch, whatever others there are."""
    return int(manifest.sha256(f"{seed} {sketch}".encode())[:15], 16)


@contextmanager
def _deterministic() -> Iterator[None]:
    """Compute each sketch on one thread, with algorithms that give the same bits each time."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        with one_thread():
            yield
    finally:
        torch.use_deterministic_algorithms(before)


def _write_table(path: Path, table: Sequence[Transfer]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Transfer)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in sorted(table, key=lambda row: row.sketch))
    write_text(path, text.getvalue())


def _metrics(table: Sequence[Transfer]) -> dict[str, float]:
    painted = [row for row in table if not row.failed]
    if table and not painted:
        first = table[0]
        raise UserError(f"no test sketch could be painted; {first.sketch}, for one: {first.failed}")
    metrics = {"images": float(len(painted)), "failed": float(len(table) - len(painted))}
    for name in ("content", "style", "variation"):
        losses = [loss for row in painted if (loss := getattr(row, name)) is not None]
        if losses:
            metrics[name] = fmean(losses)
    return metrics
