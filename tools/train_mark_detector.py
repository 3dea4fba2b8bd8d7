r"""Train the network that finds publishers' marks, on drawn marks over drawn pages and on real ones.

    python tools/train_mark_detector.py OPENMOJI --scratch DIR --fonts FONTS --real INDUSTRIAL

OPENMOJI is the unpacked npm package ``openmoji`` 17.0.0 (CC BY-SA 4.0). The drawings of the bundled sample
(``sample_objects.csv``) do not train, nor do its typefaces (``marks.SAMPLE_FACES``) and seeds, so that scores
on the sample are honest. FONTS holds seven Debian packages unpacked: ``fonts-wqy-microhei``,
``fonts-wqy-zenhei``, ``fonts-arphic-gkai00mp``, ``fonts-roboto-unhinted``, ``fonts-lato``,
``fonts-bebas-neue`` and ``fonts-comfortaa``. INDUSTRIAL is a folder as
``benchmarks/watermarks.py`` takes it: its development half trains, the other half is never read. Needs
``resvg-py`` besides the project's own requirements. What is drawn, and what VGG-19 sees of it (2.2 MB an
example), is kept in DIR: delete it after a change to what draws.

The weights in the package came of all legs, on two threads, with one difference: in the first leg features
were 32 times larger, so that the variance of the first three norms overflowed the 16 bits it was written in
and was measured anew on 1,000 examples. ``--without FOLD`` trains by the first leg, shortened, without one
half of the development half, to choose thresholds with networks that have not seen what they are judged on.
"""

import argparse
import csv
import io
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

import boards
import boxes
import mark_examples
import marks
import pages
import real_marks
import training_marks
import wider_marks
from sketch2color.files import atomic_write
from sketch2color.models.mark_detector import LAYERS, WEIGHTS, MarkHead, backbone, extract_features

SIZE = 256
SEED = 7
BATCH = 12
BOARDS, DRAWINGS, SETS, WIDER = 2000, 700, 3000, 2400
"""How many boards, drawings, publishers' sets of marks and wider marks examples are put together from."""
AVERAGE_DECAY = 0.99
FEATURES = tuple(zip(LAYERS.values(), (SIZE // 4, SIZE // 4, SIZE // 8), strict=True))
"""Channels and edge of what the head takes."""
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
    """Read the command line, draw, look, train, write the weights into the package."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("openmoji", type=Path)
    parser.add_argument("--scratch", type=Path, required=True, help="where what is drawn and seen is kept")
    parser.add_argument("--fonts", type=Path, required=True, help="where the Debian fonts lie unpacked")
    parser.add_argument("--real", type=Path, required=True, help="real images with boxed marks")
    parser.add_argument("--without", type=int, choices=(0, 1), help="a fold of the real images to leave out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.scratch.mkdir(parents=True, exist_ok=True)
    stores = _stores(options)
    name = "" if options.without is None else f"without{options.without}-"
    seen, start = [], None
    for leg in LEGS if options.without is None else FOLD_LEGS:
        seen.append(_seen(stores, leg, options.scratch / f"seen-{name}{leg.mix}-{leg.draws}"))
        train(seen, leg, start, options.out)
        start = options.out


@dataclass(frozen=True)
class Leg:
    """A training: on so many new examples of a mix, and on all before them, at a rate that runs out.

    ``draws`` and ``shuffles`` seed the examples and their order.
    """

    mix: str
    examples: int
    steps: int
    rate: float
    draws: int
    shuffles: int


LEGS = (
    Leg("first", 4000, 2000, 2e-3, 3, 5),
    Leg("second", 3000, 1500, 1e-3, 6, 7),
    Leg("third", 3000, 1500, 1e-3, 8, 9),
    Leg("third", 2000, 1200, 1e-3, 10, 11),
    Leg("third", 2000, 1200, 1e-3, 12, 13),
)
FOLD_LEGS = (Leg("first", 1400, 700, 2e-3, 3, 5),)


@dataclass(frozen=True)
class Stock(pages.Stock):
    """What boards are drawn from, and silhouettes for the signs in marks."""

    signs: Sequence[NDArray[np.uint8]]


def _stores(options: argparse.Namespace) -> mark_examples.Stores:
    stock = _stock(options.openmoji, options.scratch)
    faces = _faces(options.fonts)
    real = real_marks.boxed(options.real)
    if options.without is not None:
        real = [one for one in real if boxes.fold_of(one.name) != options.without]
    return mark_examples.Stores(
        _boards(stock, BOARDS, options.fonts, options.scratch),
        _drawings(options.openmoji, DRAWINGS, options.scratch),
        _sets("sets", 2, SETS, training_marks.publishers_set, stock, faces["print"], options.scratch),
        _sets("wider", 3, WIDER, wider_marks.wider_set, stock, faces["wider"], options.scratch),
        real,
    )


def _stock(openmoji: Path, scratch: Path) -> Stock:
    kept = scratch / "stock.npz"
    if not kept.exists():
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
    paths = [openmoji / style / "svg" / f"{hexcode}.svg" for hexcode in hexcodes]
    return np.stack([np.asarray(_svg(path, 160, 160)) for path in paths if path.exists()])


def _svg(path: Path, drawn: int, edge: int) -> Image.Image:
    """Draw at a width of ``drawn`` pixels, then bring to ``edge``."""
    import resvg_py  # only this needs it

    large = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=drawn))))
    return large.convert("RGBA").resize((edge, edge))


def _drawings(openmoji: Path, count: int, scratch: Path) -> NDArray[np.uint8]:
    """Draw pages as the bundled sample has them, of other drawings: one to four on white paper."""
    kept = scratch / f"drawings{count}.npy"
    if not kept.exists():
        hexcodes, _ = _rows(openmoji)
        drawn = [
            _drawing(np.random.default_rng((SEED, 4, number)), openmoji, hexcodes) for number in range(count)
        ]
        np.save(kept, np.stack(drawn))
    return np.asarray(np.load(kept))


def _drawing(rng: np.random.Generator, openmoji: Path, hexcodes: Sequence[str]) -> NDArray[np.uint8]:
    style = "black" if rng.random() < 0.55 else "color"
    page = Image.new("RGBA", (SIZE, SIZE), "white")
    how_many = int(rng.choice([1, 1, 1, 2, 4]))
    for _ in range(how_many):
        path = openmoji / style / "svg" / f"{hexcodes[int(rng.integers(len(hexcodes)))]}.svg"
        if not path.exists():
            continue
        edge = int(rng.uniform(190, 300) if how_many == 1 else rng.uniform(90, 150))
        left, top = [(SIZE - edge) // 2] * 2 if how_many == 1 else rng.integers(0, SIZE - edge, 2).tolist()
        layer = Image.new("RGBA", page.size)
        layer.paste(_svg(path, 2 * edge, edge), (left, top))
        page.alpha_composite(layer)
    return np.asarray(page.convert("RGB"))


def _faces(fonts: Path) -> dict[str, tuple[marks.Face, ...]]:
    """Give the faces of print, of hand lettering, and all those of the wider marks."""
    files = sorted(fonts.rglob("*.[ot]t[fc]"))
    han = [marks.Face(path, han=True) for path in files if "wqy" in path.name]
    kai = [marks.Face(path, han=True) for path in files if "kai" in path.name]
    latin = [marks.Face(path) for path in files if "Roboto" in path.name]
    printed = (*marks.TRAINING_FACES, *latin, *han * 12)
    wider = [marks.Face(path) for path in files if path.name.startswith(("Lato", "Bebas", "Comfortaa"))]
    return {
        "print": printed,
        "wider": (*printed, *wider),
        "hand": (*marks.TRAINING_FACES, *kai * 8, *han * 3),
    }


def _boards(stock: Stock, count: int, fonts: Path, scratch: Path) -> NDArray[np.uint8]:
    kept = scratch / f"boards{count}.npy"
    if not kept.exists():
        hand = boards.Hand(_faces(fonts)["hand"])
        rngs = (np.random.default_rng((SEED, 1, number)) for number in range(count))
        np.save(kept, np.stack([boards.board(rng, stock, hand, SIZE) for rng in rngs]))
    return np.asarray(np.load(kept))


Drawer = Callable[
    [int, np.random.Generator, Sequence[marks.Face], Sequence[NDArray[np.uint8]]], list[marks.Mark]
]


def _sets(
    name: str, seed: int, count: int, drawer: Drawer, stock: Stock, faces: Sequence[marks.Face], scratch: Path
) -> list[list[marks.Mark]]:
    kept = scratch / f"{name}{count}.pickle"
    if not kept.exists():
        rngs = (np.random.default_rng((SEED, seed, number)) for number in range(count))
        kept.write_bytes(pickle.dumps([drawer(SIZE, rng, faces, stock.signs) for rng in rngs]))
    return list(pickle.loads(kept.read_bytes()))


@dataclass(frozen=True)
class Seen:
    """N examples: images, N × H × W × 3; truth and judged, N × H × W × 2, of 0 or 255; features as e4m3."""

    images: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    judged: NDArray[np.uint8]
    features: Sequence[NDArray[np.uint8]]


def _seen(stores: mark_examples.Stores, leg: Leg, folder: Path) -> Seen:
    """Make a leg's examples and let VGG-19 look at them, unless ``folder`` has them already."""
    if not folder.exists():
        beside = folder.with_suffix(".part")
        beside.mkdir(exist_ok=True)
        _look_at(stores, leg, _opened(beside, "w+", leg.examples))
        beside.rename(folder)
    return _opened(folder, "r", leg.examples)


def _opened(folder: Path, mode: str, count: int) -> Seen:
    def array(name: str, *shape: int) -> NDArray[np.uint8]:
        path = folder / f"{name}.npy"
        return (
            np.lib.format.open_memmap(path, mode, np.uint8, (count, *shape))
            if mode == "w+"
            else np.load(path, "r")
        )

    features = [array(f"features{i}", c, edge, edge) for i, (c, edge) in enumerate(FEATURES)]
    maps = (array(name, SIZE, SIZE, 2) for name in ("truth", "judged"))
    return Seen(array("images", SIZE, SIZE, 3), *maps, features)


def _look_at(stores: mark_examples.Stores, leg: Leg, seen: Seen) -> None:
    network, started, count = backbone(), time.monotonic(), len(seen.images)
    for first in range(0, count, 8):
        some = slice(first, min(first + 8, count))
        for number in range(some.start, some.stop):
            rng = np.random.default_rng((SEED, leg.draws, number))
            made = mark_examples.example(rng, stores, mark_examples.MIXES[leg.mix])
            seen.images[number], seen.truth[number], seen.judged[number] = (
                made.image,
                made.truth,
                made.judged,
            )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            features = extract_features(network, _levels(np.array(seen.images[some])))
        for store, values in zip(seen.features, features, strict=True):
            store[some] = values.clamp(max=448).to(torch.float8_e4m3fn).view(torch.uint8).numpy()
        if first % 200 == 0:
            print(f"looked at {first} of {count}, {time.monotonic() - started:.0f} s", flush=True)


def _levels(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def batches(seen: Sequence[Seen], seed: int) -> Iterator[tuple[Tensor, list[Tensor], Tensor, Tensor]]:
    """Give images, features, truth and judged of ``BATCH`` examples, without end, each epoch shuffled."""
    rng = np.random.default_rng((SEED, seed))
    where = [(part, number) for part in seen for number in range(len(part.images))]
    order: list[int] = []
    while True:
        if len(order) < BATCH:
            order = rng.permutation(len(where)).tolist()
        chosen = [where[i] for i in sorted(order.pop() for _ in range(BATCH))]
        features = [
            torch.from_numpy(np.stack([part.features[i][number] for part, number in chosen]))
            .view(torch.float8_e4m3fn)
            .bfloat16()
            for i in range(len(FEATURES))
        ]
        truth = _shares(np.stack([part.truth[number] for part, number in chosen]))
        judged = _shares(np.stack([part.judged[number] for part, number in chosen]))
        yield _levels(np.stack([part.images[number] for part, number in chosen])), features, truth, judged


def _shares(maps: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(maps).permute(0, 3, 1, 2).float() / 255


def loss(logits: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Cross-entropy plus one minus soft Dice over the batch, where judged; all N × 2 × H × W."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    chance = logits.sigmoid() * judged
    overlap = (chance * truth).sum((0, 2, 3))
    dice = 2 * overlap / (chance.sum((0, 2, 3)) + (truth * judged).sum((0, 2, 3)) + 1)
    return (entropy * judged).sum() / judged.sum() * 2 + (1 - dice.mean()) * 0.5


def train(seen: Sequence[Seen], leg: Leg, start: Path | None, out: Path) -> None:
    """Train with AdamW at a falling rate, from ``start`` if given; write averaged weights to ``out``."""
    torch.manual_seed(SEED)
    head = MarkHead().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    torch.nn.init.constant_(head.head.bias, -2.0)  # marks are rare
    if start:
        head.load_state_dict({name: value.float() for name, value in load_file(start).items()})
    average = torch.optim.swa_utils.AveragedModel(
        head, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE_DECAY), use_buffers=True
    )
    optimizer = torch.optim.AdamW(head.parameters(), lr=leg.rate, weight_decay=1e-2)
    started, smooth = time.monotonic(), 1.0
    for step, (images, features, truth, judged) in zip(
        range(leg.steps), batches(seen, leg.shuffles), strict=False
    ):
        done = step / leg.steps
        warm = min(1.0, done / 0.05 + 0.02)
        optimizer.param_groups[0]["lr"] = leg.rate * warm * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        with torch.autocast("cpu", torch.bfloat16):
            shaped = (x.contiguous(memory_format=torch.channels_last) for x in (images, *features))
            logits = head(*shaped)
        value = loss(logits.float(), truth, judged)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(head)
        smooth += 0.02 * (value.item() - smooth)
        if step % 25 == 0:
            print(f"{done:6.1%} step {step} loss {smooth:.4f} {time.monotonic() - started:.0f} s", flush=True)
        if step % 200 == 199:
            save(average.module, out)
    save(average.module, out)


def save(head: torch.nn.Module, out: Path) -> None:
    """Write the weights in half precision, whole or not at all."""
    values = {name: value.contiguous() for name, value in head.state_dict().items()}
    with atomic_write(out) as beside:
        save_file({name: v.half() if v.is_floating_point() else v for name, v in values.items()}, beside)


if __name__ == "__main__":
    main()
