"""Train the network that finds publishers' marks, on drawn marks over drawn pages.

    python tools/train_mark_finder.py OPENMOJI --scratch DIR [--han FONT]

OPENMOJI is the unpacked npm package ``openmoji`` 17.0.0 (CC BY-SA 4.0). The drawings of the bundled sample
(``sample_objects.csv``) do not train, nor do its typefaces (``marks.SAMPLE_FACES``) and seeds, so that scores
on the sample are honest. Needs ``resvg-py`` besides the project's own requirements.

The weights in the package: 20 minutes (3,500 steps on a shared core), then 4.5 more with ``--start`` those
weights and ``--marks 2000``; FONT was WenQuanYi Micro Hei. Minutes, not steps, set the end: another run gives
other weights.
"""

import argparse
import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file

import marks
import pages
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
    parser.add_argument(
        "--han", type=Path, help="a font file with Chinese characters, for marks in that script"
    )
    parser.add_argument("--pages", type=int, default=2500)
    parser.add_argument("--marks", type=int, default=4000)
    parser.add_argument("--minutes", type=float, default=20, help="the learning rate runs out with the time")
    parser.add_argument("--start", type=Path, help="weights to go on from, at a third of the learning rate")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    stock = _stock(options.openmoji, options.scratch)
    sheets = _pages(stock, options.pages, options.scratch)
    drawn = _marks(options.marks, options.han)
    train(sheets, drawn, options.minutes, options.start, options.out)


def _stock(openmoji: Path, scratch: Path) -> pages.Stock:
    kept = scratch / "stock.npz"
    if not kept.exists():
        import resvg_py  # only this needs it

        with SAMPLE_OBJECTS.open(encoding="utf-8") as file:
            left_out = {row["hexcode"] for row in csv.DictReader(file)}
        with (openmoji / "data" / "openmoji.csv").open(encoding="utf-8") as file:
            rows = [
                row
                for row in csv.DictReader(file)
                if row["group"] in GROUPS and row["subgroups"] not in SIGNS and row["hexcode"] not in left_out
            ]
        people = [row for row in rows if row["group"] == "people-body"]
        rows = [row for row in rows if row["group"] != "people-body"] + people[
            :: max(1, len(people) // PEOPLE)
        ]
        art = {}
        for style in ("black", "color"):
            paths = [openmoji / style / "svg" / f"{row['hexcode']}.svg" for row in rows]
            rendered = (
                resvg_py.svg_to_bytes(svg_path=str(path), width=160) for path in paths if path.exists()
            )
            art[style] = np.stack(
                [np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA")) for png in rendered]
            )
        np.savez(kept, **art)
    art = np.load(kept)
    folder = Path(skimage.__file__).parent / "data"
    names = ("astronaut", "coffee", "chelsea", "motorcycle_left", "brick", "gravel", "grass")
    photos = [np.asarray(Image.open(folder / f"{name}.png").convert("RGB")) for name in names]
    return pages.Stock(list(art["black"]), list(art["color"]), photos)


def _pages(stock: pages.Stock, count: int, scratch: Path) -> NDArray[np.uint8]:
    kept = scratch / f"pages{count}.npy"
    if not kept.exists():
        started = time.monotonic()
        drawn = np.stack(
            [pages.page(np.random.default_rng((SEED, 1, number)), stock, SIZE) for number in range(count)]
        )
        np.save(kept, drawn)
        print(f"{count} pages in {time.monotonic() - started:.0f} s", flush=True)
    return np.asarray(np.load(kept))


def _marks(count: int, han: Path | None) -> list[marks.Mark]:
    faces = (*marks.TRAINING_FACES, *([marks.Face(han, han=True)] * 8 if han else []))
    return [
        marks.draw(SIZE, SIZE, np.random.default_rng((SEED, 2, number)), faces) for number in range(count)
    ]


def example(
    rng: np.random.Generator, sheets: NDArray[np.uint8], drawn: list[marks.Mark]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give a picture (SIZE × SIZE × 3) and what is to be found on it (SIZE × SIZE × 2: ground and pixels)."""
    picture = sheets[int(rng.integers(len(sheets)))]
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.2:
        picture = picture[::-1]
    picture = np.ascontiguousarray(picture)
    truth = np.zeros((SIZE, SIZE, 2), np.uint8)
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.35, 0.4, 0.18, 0.07]))):
        picture, mask = marks.lay(picture, drawn[int(rng.integers(len(drawn)))])
        truth[..., 1] |= mask
        truth[..., 0] |= _ground(mask)
    return _worn(rng, picture), truth


def _ground(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Close the gaps between letters and lines."""
    padded = cv2.copyMakeBorder(mask, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((5, 11), np.uint8)))[8:-8, 8:-8]


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
    sheets: NDArray[np.uint8], drawn: list[marks.Mark], size: int, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Give pictures N × 3 × H × W in [-1, 1] and truth N × 2 × H × W in {0, 1}, without end."""
    rng = np.random.default_rng((seed, 3))
    while True:
        pictures, truths = zip(*(example(rng, sheets, drawn) for _ in range(size)), strict=True)
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
        yield x, torch.from_numpy(np.stack(truths)).permute(0, 3, 1, 2).float() / 255


def loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy that weighs a false alarm double, plus one minus soft Dice over the batch."""
    weight = 2 - truth
    entropy = F.binary_cross_entropy_with_logits(logits, truth, weight=weight)
    chance = logits.sigmoid()
    overlap = (chance * truth).sum((0, 2, 3))
    dice = 2 * overlap / (chance.sum((0, 2, 3)) + truth.sum((0, 2, 3)) + 1)
    return entropy * 2 + (1 - dice.mean()) * 0.5


def train(
    sheets: NDArray[np.uint8], drawn: list[marks.Mark], minutes: float, start: Path | None, out: Path
) -> None:
    """Train for ``minutes`` with AdamW at a falling learning rate; write averaged weights to ``out``."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = MarkFinder().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start:
        network.load_state_dict({name: value.float() for name, value in load_file(start).items()})
        with torch.no_grad():  # the first round's logits hardly pass 2: sharpen them, so that chances spread
            network.head.weight.mul_(3)
            network.head.bias.mul_(3)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    started = time.monotonic()
    for step, (x, truth) in enumerate(batches(sheets, drawn, 8, SEED + 1 if start else SEED)):
        done = (time.monotonic() - started) / (minutes * 60)
        if done >= 1:
            break
        optimizer.param_groups[0]["lr"] = (1e-3 if start else 3e-3) * min(1.0, done / 0.05 + 0.02) * (
            0.5 + 0.5 * np.cos(np.pi * done)
        ) + 1e-5
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
