"""The stage's work: every test sketch painted in the style of a coloured training picture."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from statistics import fmean

import torch

from sketch2color import images, manifest
from sketch2color.errors import UserError
from sketch2color.files import empty_directory, write_text
from sketch2color.images import PictureArray, PictureError
from sketch2color.manifest import CleanPicture
from sketch2color.networks.tensors import to_picture, to_tensor
from sketch2color.params import TransferStyle
from sketch2color.progress import progress
from sketch2color.style.optimise import Features, Weights, paint
from sketch2color.style.references import choose

BATCH = 4  # sketches painted at once: more are no faster on a CPU, and take more memory

Pictures = Mapping[str, PictureArray]  # by id


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One row of ``references.csv``: what was painted after what.

    ``sketch`` and ``reference`` are ids; ``likeness`` is the correlation of the two layouts in [-1, 1];
    ``content``, ``style`` and ``variation`` are the final losses; ``failed`` says why there is no picture,
    and is empty where there is one.
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

    References are coloured training pictures only. A sketch that cannot be read, or that painting takes
    beyond finite numbers, is listed as failed and gets no picture.

    Args:
        clean: what the clean stage wrote.
        out: a directory, emptied first.
        params: extractor, weights, effort.
        seed: of the noise that painting starts from; each sketch's own follows from it and the sketch's id.

    Returns:
        ``pictures`` painted, ``failed``, and the means over pictures of the final losses ``content``,
        ``style`` and ``variation`` (left out when there are no pictures).

    Raises:
        UserError: the manifest or the extractor's weights are missing, there is no coloured training
            picture, or not one of the test sketches could be painted.
    """
    rows = manifest.read(clean / "manifest.csv", CleanPicture)
    sketches, table = _read(clean, manifest.select(rows, split="test", domain="sketch"))
    colored, _ = _read(clean, manifest.select(rows, split="train", domain="color"))
    if sketches and not colored:
        raise UserError(f"{clean} has no coloured training picture to take style from: see its manifest.csv")
    empty_directory(out)
    if sketches:
        with _deterministic(params.threads):
            features = Features(params.extractor, bf16=params.precision == "bf16")
            batches = _batches(_plan(sketches, colored))
            for batch in progress(batches, "transferring style", unit="batch"):
                for row, picture in _paint_batch(batch, features, sketches, colored, params, seed):
                    table.append(row)
                    if not row.failed:
                        images.write_png(out / f"{row.sketch}.png", picture)
    _write_table(out / "references.csv", table)
    return _metrics(table)


def _read(clean: Path, rows: Sequence[CleanPicture]) -> tuple[dict[str, PictureArray], list[Transfer]]:
    """Read pictures in the order of their ids; list those that cannot be read."""
    pictures: dict[str, PictureArray] = {}
    failed: list[Transfer] = []
    for row in sorted(rows, key=lambda row: row.id):
        try:
            pictures[row.id] = images.read(clean / row.split / row.domain / f"{row.id}.png")
        except FileNotFoundError:
            failed.append(Transfer(sketch=row.id, failed="missing"))
        except PictureError as error:
            failed.append(Transfer(sketch=row.id, failed=str(error)))
    return pictures, failed


def _plan(sketches: Pictures, colored: Pictures) -> list[Transfer]:
    names = list(colored)
    chosen = choose(list(sketches.values()), list(colored.values()))
    return [
        Transfer(sketch=sketch, reference=names[index], likeness=round(likeness, 4))
        for sketch, (index, likeness) in zip(sketches, chosen, strict=True)
    ]


def _batches(planned: Sequence[Transfer]) -> list[Sequence[Transfer]]:
    return [planned[start : start + BATCH] for start in range(0, len(planned), BATCH)]


def _paint_batch(
    batch: Sequence[Transfer],
    features: Features,
    sketches: Pictures,
    colored: Pictures,
    params: TransferStyle,
    seed: int,
) -> Iterator[tuple[Transfer, PictureArray]]:
    weights = Weights(
        content=params.content_weight, style=params.style_weight, variation=params.variation_weight
    )
    pictures, losses = paint(
        features,
        torch.cat([to_tensor(sketches[row.sketch]) for row in batch]),
        torch.cat([to_tensor(colored[row.reference]) for row in batch]),
        [_noise_seed(row.sketch, seed) for row in batch],
        weights,
        params.steps,
    )
    finite = losses.weighted(weights).isfinite() & pictures.isfinite().flatten(1).all(1)
    for i, row in enumerate(batch):
        done = replace(
            row,
            content=round(float(losses.content[i]), 6),
            style=round(float(losses.style[i]), 6),
            variation=round(float(losses.variation[i]), 6),
        )
        if finite[i]:
            yield done, to_picture(pictures[i])
        else:
            yield replace(row, failed="painting left the finite numbers"), sketches[row.sketch]


def _noise_seed(sketch: str, seed: int) -> int:
    """Return a seed for one sketch, whatever others there are."""
    return int(manifest.sha256(f"{seed} {sketch}".encode())[:15], 16)


@contextmanager
def _deterministic(threads: int) -> Iterator[None]:
    """Compute on ``threads`` threads, with algorithms that give the same bits each time."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


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
    metrics = {"pictures": float(len(painted)), "failed": float(len(table) - len(painted))}
    for name in ("content", "style", "variation"):
        losses = [loss for row in painted if (loss := getattr(row, name)) is not None]
        if losses:
            metrics[name] = fmean(losses)
    return metrics
