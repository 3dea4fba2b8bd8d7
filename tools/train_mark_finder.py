r"""Train the network that finds publishers' marks, on drawn marks over drawn pages.

    python tools/train_mark_finder.py OPENMOJI --scratch DIR --fonts FONTS

OPENMOJI is the unpacked npm package ``openmoji`` 17.0.0 (CC BY-SA 4.0). The drawings of the bundled sample
(``sample_objects.csv``) do not train, nor do its typefaces (``marks.SAMPLE_FACES``) and seeds, so that scores
on the sample are honest. FONTS holds four Debian packages unpacked: ``fonts-wqy-microhei``,
``fonts-wqy-zenhei``, ``fonts-arphic-gkai00mp`` and ``fonts-roboto-unhinted``. Needs ``resvg-py`` besides the
project's own requirements. What is drawn is kept in DIR: delete it after a change to what draws.

The weights in the package were trained in three legs, on one thread: 4,300 steps of an earlier form of this
script (in the history, on plainer pages and marks); 4,400 steps of this one with ``--pages 2000 --sets 3000
--start THOSE``, broken off, at twice the rate, in minutes instead of steps and without stains; then

    python tools/train_mark_finder.py OPENMOJI --scratch DIR --fonts FONTS --pages 2000 --sets 3000 \
        --steps 2600 --start THOSE

``--start`` costs two thirds of the learning rate. Steps, not minutes, set the end.
"""

import argparse
import csv
import io
import pickle
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import skimage
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file

import boards
import marks
import pages
import training_marks
from sketch2color.cleaning.network import WEIGHTS, MarkFinder
from sketch2color.files import replacing

SIZE = 256
SEED = 7
SAMPLE_OBJECTS = Path(__file__).with_name("sample_objects.csv")
GROUPS = (
    "animals-nature", "food-drink", "objects", "activities", "travel-places", "extras-openmoji",
    "people-body",
)  # fmt: skip
SIGNS = ("brand", "ui-element", "symbol-other", "symbols", "queer-symbols", "flags")
"""Subgroups of drawings that look like marks themselves."""
PEOPLE = 150
"""Of the 2,400 drawings of people, most of which differ in the colour of the skin."""


def main() -> None:
    """Read the command line, train, write the weights into the package."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("openmoji", type=Path)
    parser.add_argument("--scratch", type=Path, required=True, help="where drawn pages and marks are kept")
    parser.add_argument("--fonts", type=Path, required=True, help="where the Debian fonts lie unpacked")
    parser.add_argument("--pages", type=int, default=2500)
    parser.add_argument("--sets", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=10_000, help="the learning rate runs out with them")
    parser.add_argument("--start", type=Path, help="weights to go on from, at a third of the learning rate")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    stock = _stock(options.openmoji, options.scratch)
    sheets = _pages(stock, options.pages, options.fonts, options.scratch)
    sets = _sets(stock, options.sets, options.fonts, options.scratch)
    train(sheets, sets, options.steps, options.start, options.out)


@dataclass(frozen=True)
class Stock(pages.Stock):
    """What pages are drawn from, and silhouettes for the signs in marks."""

    signs: Sequence[NDArray[np.uint8]]


def _stock(openmoji: Path, scratch: Path) -> Stock:
    kept = scratch / "stock.npz"
    if not kept.exists():
        scratch.mkdir(parents=True, exist_ok=True)
        drawings, signs = _rows(openmoji)
        np.savez(
            kept,
            black=_rendered(openmoji, "black", drawings),
            color=_rendered(openmoji, "color", drawings),
            signs=np.concatenate(
                [_rendered(openmoji, style, signs) for style in ("black", "black", "color")]
            ),
        )
    art = np.load(kept)
    folder = Path(skimage.__file__).parent / "data"
    names = ("astronaut", "coffee", "chelsea", "motorcycle_left", "brick", "gravel", "grass")
    photos = [np.asarray(Image.open(folder / f"{name}.png").convert("RGB")) for name in names]
    return Stock(list(art["black"]), list(art["color"]), photos, list(art["signs"]))


def _rows(openmoji: Path) -> tuple[list[str], list[str]]:
    """Give the hexcodes of what is drawn on pages, and of the signs in marks."""
    with SAMPLE_OBJECTS.open(encoding="utf-8") as file:
        left_out = {row["hexcode"] for row in csv.DictReader(file)}
    with (openmoji / "data" / "openmoji.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["hexcode"] not in left_out]
    kept = [row for row in rows if row["group"] in GROUPS and row["subgroups"] not in SIGNS]
    people = [row["hexcode"] for row in kept if row["group"] == "people-body"]
    others = [row["hexcode"] for row in kept if row["group"] != "people-body"]
    signs = [row["hexcode"] for row in rows if row["subgroups"] in SIGNS or row["group"] == "symbols"]
    return others + people[:: max(1, len(people) // PEOPLE)], signs


def _rendered(openmoji: Path, style: str, hexcodes: Sequence[str]) -> NDArray[np.uint8]:
    import resvg_py  # only this needs it

    paths = [openmoji / style / "svg" / f"{hexcode}.svg" for hexcode in hexcodes]
    pngs = (resvg_py.svg_to_bytes(svg_path=str(path), width=160) for path in paths if path.exists())
    return np.stack(
        [np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA").resize((160, 160))) for png in pngs]
    )


def _faces(fonts: Path) -> dict[str, tuple[marks.Face, ...]]:
    """Give the faces of print and of hand lettering."""
    files = sorted(fonts.rglob("*.tt[fc]"))
    han = [marks.Face(path, han=True) for path in files if "wqy" in path.name]
    kai = [marks.Face(path, han=True) for path in files if "kai" in path.name]
    latin = [marks.Face(path) for path in files if "Roboto" in path.name]
    printed = (*marks.TRAINING_FACES, *latin, *han * 12)
    return {"print": printed, "hand": (*marks.TRAINING_FACES, *kai * 8, *han * 3)}


def _pages(stock: Stock, count: int, fonts: Path, scratch: Path) -> NDArray[np.uint8]:
    kept = scratch / f"pages{count}.npy"
    if not kept.exists():
        started = time.monotonic()
        hand = boards.Hand(_faces(fonts)["hand"])
        drawn = np.stack(
            [
                boards.board(np.random.default_rng((SEED, 1, number)), stock, hand, SIZE)
                for number in range(count)
            ]
        )
        np.save(kept, drawn)
        print(f"{count} pages in {time.monotonic() - started:.0f} s", flush=True)
    return np.asarray(np.load(kept))


def _sets(stock: Stock, count: int, fonts: Path, scratch: Path) -> list[list[marks.Mark]]:
    kept = scratch / f"sets{count}.pickle"
    if not kept.exists():
        started = time.monotonic()
        faces = _faces(fonts)["print"]
        sets = [
            training_marks.publishers_set(SIZE, np.random.default_rng((SEED, 2, number)), faces, stock.signs)
            for number in range(count)
        ]
        kept.write_bytes(pickle.dumps(sets))
        print(f"{count} sets of marks in {time.monotonic() - started:.0f} s", flush=True)
    return list(pickle.loads(kept.read_bytes()))


def example(
    rng: np.random.Generator, sheets: NDArray[np.uint8], sets: list[list[marks.Mark]]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give a picture (SIZE × SIZE × 3) and what is to be found on it (SIZE × SIZE × 2: ground and pixels)."""
    picture = sheets[int(rng.integers(len(sheets)))]
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.2:
        picture = picture[::-1]
    picture = np.ascontiguousarray(picture)
    if rng.random() < 0.2:
        picture = _stained(rng, picture)
    truth = np.zeros((SIZE, SIZE, 2), np.uint8)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.3, 0.55, 0.15]))):
        for mark in sets[int(rng.integers(len(sets)))]:
            picture, mask = marks.lay(picture, mark)
            truth[..., 1] |= mask
            truth[..., 0] |= _ground(mask, mark.kind)
    return _worn(rng, picture), truth


def _stained(rng: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay a soft stain or shadow on the paper, mostly at an edge of the page."""
    at = rng.uniform(-0.05, 1.05, 2) * SIZE
    if rng.random() < 0.7:
        at[int(rng.integers(2))] = SIZE * float(rng.integers(2))
    spot = np.zeros((SIZE, SIZE), np.uint8)
    axes = rng.uniform(4, 60), rng.uniform(3, 20)
    cv2.ellipse(spot, (at.tolist(), axes, float(rng.normal(0, 20))), 255, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(1.5, 8))).astype(np.float32)[..., None] / 255
    tint = rng.uniform(0, 0.5) * rng.uniform(0.4, 1, 3).astype(np.float32)
    return np.asarray((picture * (1 - soft * tint)).clip(0, 255), np.uint8)


def _ground(mask: NDArray[np.uint8], kind: str) -> NDArray[np.uint8]:
    """Close the gaps between letters and lines; of a badge, all inside its rim, too."""
    kernel = np.ones((5, 9) if kind == "tiled" else (9, 15), np.uint8)
    padded = cv2.copyMakeBorder(mask, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    if kind in ("badge", "qr", "logo"):
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(closed, contours, -1, 255, -1)
    return np.asarray(closed)[16:-16, 16:-16]


def _worn(rng: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Wear a picture as the web does: brightness, blur, sharpening, JPEG."""
    if rng.random() < 0.3:
        levels = (np.arange(256) / 255.0) ** rng.uniform(0.75, 1.3) * 255 * rng.uniform(0.92, 1.0)
        picture = levels.clip(0, 255).astype(np.uint8)[picture]
    if rng.random() < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.0))
    elif rng.random() < 0.3:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        picture = cv2.addWeighted(picture, 1.6, soft, -0.6, 0)
    if rng.random() < 0.6:
        quality = int(rng.integers(35, 96))
        _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
    return np.asarray(picture)


def batches(
    sheets: NDArray[np.uint8], sets: list[list[marks.Mark]], size: int, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Give pictures N × 3 × H × W in [-1, 1] and truth N × 2 × H × W in {0, 1}, without end."""
    rng = np.random.default_rng((seed, 3))
    while True:
        pictures, truths = zip(*(example(rng, sheets, sets) for _ in range(size)), strict=True)
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
        yield x, torch.from_numpy(np.stack(truths)).permute(0, 3, 1, 2).float() / 255


def loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy plus one minus soft Dice over the batch."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth)
    chance = logits.sigmoid()
    overlap = (chance * truth).sum((0, 2, 3))
    dice = 2 * overlap / (chance.sum((0, 2, 3)) + truth.sum((0, 2, 3)) + 1)
    return entropy * 2 + (1 - dice.mean()) * 0.5


def train(
    sheets: NDArray[np.uint8], sets: list[list[marks.Mark]], steps: int, start: Path | None, out: Path
) -> None:
    """Train for ``steps`` with AdamW at a falling learning rate; write averaged weights to ``out``."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = MarkFinder().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start:
        network.load_state_dict({name: value.float() for name, value in load_file(start).items()})
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    rate = 1e-3 if start else 3e-3
    examples = islice(batches(sheets, sets, 8, SEED + 1 if start else SEED), steps)
    for step, (x, truth) in enumerate(examples):
        done = step / steps
        warm = min(1.0, done / 0.05 + 0.02)
        optimizer.param_groups[0]["lr"] = rate * warm * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(x.contiguous(memory_format=torch.channels_last))
        value = loss(logits.float(), truth)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(network)
        if step % 50 == 0:
            print(f"{done:6.1%} step {step} loss {value.item():.4f}", flush=True)
        if step % 200 == 199:
            save(average.module, out)
    save(average.module, out)


def save(network: torch.nn.Module, out: Path) -> None:
    """Write the weights in half precision, whole or not at all."""
    values = {name: value.contiguous() for name, value in network.state_dict().items()}
    with replacing(out) as beside:
        save_file({name: v.half() if v.is_floating_point() else v for name, v in values.items()}, beside)


if __name__ == "__main__":
    main()
