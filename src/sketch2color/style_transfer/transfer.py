"""The stage's work: every test sketch in the style of coloured training images."""

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
from sketch2color.files import empty_directory, write_csv
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.manifest import CleanImageRow
from sketch2color.models import bfloat16
from sketch2color.models.tensors import to_image, to_tensor
from sketch2color.models.threads import one_thread
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.style_transfer.coarse_to_fine import CoarseToFine
from sketch2color.style_transfer.losses import Losses, Weights
from sketch2color.style_transfer.one_scale import OneScale
from sketch2color.style_transfer.references import assign_references, layout_correlation

Images = Mapping[str, ImageArray]  # by id


class Method(Protocol):
    """A method of style transfer, built with the weights of its losses, its steps and whether in bf16."""

    def stylize(self, sketches: Tensor, references: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Losses]:
        """Transfer the style of references to sketches.

        Args:
            sketches: N × 3 × H × W in [-1, 1].
            references: K for each sketch, N·K × 3 × H × W; the first K are the first sketch's.
            seeds: N seeds of the noise that is added to the sketches to start from.

        Returns:
            The images, N × 3 × H × W in [-1, 1], and their losses.
        """


METHODS: Mapping[str, Callable[[Weights, int, bool], Method]] = {
    "coarse_to_fine": CoarseToFine,
    "one_scale": OneScale,
}


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One row of ``references.csv``.

    ``reference`` has one id or several with spaces between, ``layout_correlation`` the mean over them, in
    [-1, 1]; the losses are final; ``failed`` is the reason where there is no image.
    """

    sketch: str
    reference: str = ""
    layout_correlation: float | None = None
    content: float | None = None
    style: float | None = None
    variation: float | None = None
    failed: str = ""


def transfer(clean: Path, out: Path, params: TransferStyle, seed: int) -> dict[str, float]:
    """Transfer style to every test sketch; write ``<id>.png`` for each, and ``references.csv``.

    References are coloured training images only. A sketch that cannot be read, or whose image is not finite,
    is listed as failed and gets no image. Sketches are processed in parallel, each on one thread: no result
    depends on the others or on the number of threads.

    Args:
        clean: the clean set.
        out: a directory, emptied first.
        params: method, references, weights, steps.
        seed: of the noise to start from; each sketch's own follows from it and the sketch's id.

    Returns:
        ``images`` written, ``failed``, and the means over images of the final losses ``content``,
        ``style`` and ``variation`` (left out when there are no images).

    Raises:
        UserError: the manifest or the extractor's weights are missing, there is no coloured training
            image or not that which the parameters name, or all test sketches failed.
    """
    rows = manifest.read(clean / "manifest.csv", CleanImageRow)
    sketches, table = _read(clean, manifest.select(rows, split="test", domain="sketch"))
    colored, _ = _read(clean, manifest.select(rows, split="train", domain="color"))
    if sketches and not colored:
        raise UserError(f"{clean} has no coloured training image to take style from: see its manifest.csv")
    planned = _plan(sketches, colored, params.references) if sketches else []
    work = partial(_stylize, _method(params), sketches, colored, seed)
    empty_directory(out)
    with _deterministic():
        stylized = thread_map(work, planned, params.threads)
        for row, image in progress(stylized, "transferring style", total=len(planned)):
            table.append(row)
            if image is not None:
                imaging.write_png(out / f"{row.sketch}.png", image)
    columns = [field.name for field in fields(Transfer)]
    write_csv(out / "references.csv", columns, map(asdict, sorted(table, key=lambda row: row.sketch)))
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
    """Assign so many references to each sketch, or the named ones to all."""
    names = list(colored)
    correlations = layout_correlation(list(sketches.values()), list(colored.values()))
    if isinstance(references, int):
        chosen = assign_references(correlations, references)
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
            layout_correlation=round(float(row[indices].mean()), 4),
        )
        for sketch, row, indices in zip(sketches, correlations, chosen, strict=True)
    ]


def _method(params: TransferStyle) -> Method:
    style, variation = params.style_weight, params.variation_weight
    weights = Weights(content=params.content_weight, style=style, variation=variation)
    bf16 = params.precision == "bf16"
    if bf16 and not bfloat16.processor_has_bf16():
        print(bfloat16.MISSING, flush=True)
    return METHODS[params.method](weights, params.steps, bf16)


def _stylize(
    method: Method, sketches: Images, colored: Images, seed: int, planned: Transfer
) -> tuple[Transfer, ImageArray | None]:
    """Process one sketch as planned; return a failed row and no image where numbers overflow."""
    references = [to_tensor(colored[name]) for name in planned.reference.split()]
    noise_seed = int(manifest.sha256(f"{seed} {planned.sketch}".encode())[:15], 16)
    sketch = to_tensor(sketches[planned.sketch])
    images, losses = method.stylize(sketch, torch.cat(references), [noise_seed])
    content, style, variation = (float(f"{float(of):.6g}") for of in astuple(losses))
    if not (math.isfinite(content + style + variation) and images.isfinite().all()):
        return replace(planned, failed="the image is not finite"), None
    row = replace(planned, content=content, style=style, variation=variation)
    return row, to_image(images)


@contextmanager
def _deterministic() -> Iterator[None]:
    """Compute each sketch on one thread, with deterministic algorithms."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        with one_thread():
            yield
    finally:
        torch.use_deterministic_algorithms(before)


def _metrics(table: Sequence[Transfer]) -> dict[str, float]:
    done = [row for row in table if not row.failed]
    if table and not done:
        first = table[0]
        raise UserError(f"all test sketches failed; the first, {first.sketch}: {first.failed}")
    names = ("content", "style", "variation") if done else ()
    losses = {name: fmean(getattr(row, name) for row in done) for name in names}
    return {"images": float(len(done)), "failed": float(len(table) - len(done)), **losses}
