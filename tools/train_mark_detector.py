"""Train the network that detects publishers' marks, on generated and on real marked images.

    python tools/train_mark_detector.py OPENMOJI --scratch DIR --fonts FONTS --real INDUSTRIAL

OPENMOJI is the unpacked npm package ``openmoji`` 17.0.0 (CC BY-SA 4.0). The drawings of the data set
openmoji (``openmoji_objects.csv``), its typefaces (``marks.HELD_OUT_FACES``) and its seeds are left out, so
that scores on it are held out. FONTS holds seven Debian packages unpacked: ``fonts-wqy-microhei``,
``fonts-wqy-zenhei``, ``fonts-arphic-gkai00mp``, ``fonts-roboto-unhinted``, ``fonts-lato``,
``fonts-bebas-neue`` and ``fonts-comfortaa``. INDUSTRIAL is a folder as in ``boxes.py``: its development half
trains, the other half is never read. ``resvg-py`` is required besides the project's own requirements.
Generated images and their VGG-19 features (2.2 MB an example) are cached in DIR: delete it after changing
a generator.

The weights in the package come from all phases, on two threads, with one difference: in the first phase
features were 32 times larger, so that the variance of the first three norms overflowed float16 and was
measured again on 1,000 examples. ``--without FOLD`` trains one shortened phase without one fold of the
development half, to choose thresholds with networks that have not seen the images they are scored on.
"""

import argparse
import csv
import io
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import skimage
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import boards
import boxes
import diverse_marks
import mark_examples
import marks
import real_marks
import sketches
import training_marks
from sketch2color.files import atomic_write
from sketch2color.models.mark_detector import LAYERS, WEIGHTS, MarkHead, backbone, extract_features

SIZE = 256
SEED = 7
BATCH = 12
BOARDS, DRAWINGS, SETS, DIVERSE = 2000, 700, 3000, 2400
"""Numbers of boards, drawings, sets of marks and diverse marks that examples are composed of."""
AVERAGE_DECAY = 0.99
FEATURES = tuple(zip(LAYERS.values(), (SIZE // 4, SIZE // 4, SIZE // 8), strict=True))
"""Channels and edge of the head's inputs."""
OPENMOJI_OBJECTS = Path(__file__).with_name("openmoji_objects.csv")
GROUPS = (
    "animals-nature", "food-drink", "objects", "activities", "travel-places", "extras-openmoji",
    "people-body",
)  # fmt: skip
SIGNS = ("brand", "ui-element", "symbol-other", "symbols", "queer-symbols", "flags")
"""Subgroups of OpenMoji that look like marks themselves."""
PEOPLE = 150
"""Number used of the 2,400 drawings of people, most of which differ only in skin colour."""


def main() -> None:
    """Generate examples, extract features, train, and write the weights into the package."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("openmoji", type=Path)
    parser.add_argument("--scratch", type=Path, required=True, help="cache of images and features")
    parser.add_argument("--fonts", type=Path, required=True, help="the unpacked Debian fonts")
    parser.add_argument("--real", type=Path, required=True, help="real images with boxed marks")
    parser.add_argument("--without", type=int, choices=(0, 1), help="a fold of the real images to leave out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.scratch.mkdir(parents=True, exist_ok=True)
    stores = _stores(options)
    name = "" if options.without is None else f"without{options.without}-"
    datasets, start = [], None
    for phase in PHASES if options.without is None else FOLD_PHASES:
        datasets.append(_dataset(stores, phase, options.scratch / f"features-{name}{phase.mix}-{phase.seed}"))
        train(datasets, phase, start, options.out)
        start = options.out


@dataclass(frozen=True)
class Phase:
    """A phase of training on new examples of a mix and all earlier ones, at a learning rate that decays.

    ``seed`` draws the examples, ``shuffle_seed`` their order.
    """

    mix: str
    examples: int
    steps: int
    learning_rate: float
    seed: int
    shuffle_seed: int


PHASES = (
    Phase("first", 4000, 2000, 2e-3, 3, 5),
    Phase("second", 3000, 1500, 1e-3, 6, 7),
    Phase("third", 3000, 1500, 1e-3, 8, 9),
    Phase("third", 2000, 1200, 1e-3, 10, 11),
    Phase("third", 2000, 1200, 1e-3, 12, 13),
)
FOLD_PHASES = (Phase("first", 1400, 700, 2e-3, 3, 5),)


@dataclass(frozen=True)
class Stock(sketches.Stock):
    """The drawings of sketches, and silhouettes for the logos in marks."""

    signs: Sequence[NDArray[np.uint8]]


def _stores(options: argparse.Namespace) -> mark_examples.Stores:
    stock = _stock(options.openmoji, options.scratch)
    faces = _faces(options.fonts)
    real = [one for one in real_marks.load(options.real) if boxes.fold_of(one.name) != options.without]
    return mark_examples.Stores(
        _boards(stock, BOARDS, options.fonts, options.scratch),
        _drawings(options.openmoji, DRAWINGS, options.scratch),
        _sets("sets", 2, SETS, training_marks.mark_set, stock, faces["print"], options.scratch),
        _sets("diverse", 3, DIVERSE, diverse_marks.diverse_marks, stock, faces["diverse"], options.scratch),
        real,
    )


def _stock(openmoji: Path, scratch: Path) -> Stock:
    cache = scratch / "stock.npz"
    if not cache.exists():
        drawings, signs = _hexcodes(openmoji)
        black, color = (_render(openmoji, style, drawings) for style in ("black", "color"))
        silhouettes = [_render(openmoji, style, signs) for style in ("black", "black", "color")]
        np.savez(cache, black=black, color=color, signs=np.concatenate(silhouettes))
    art = np.load(cache)
    folder = Path(skimage.__file__).parent / "data"
    names = ("astronaut", "coffee", "chelsea", "motorcycle_left", "brick", "gravel", "grass")
    photos = [np.asarray(Image.open(folder / f"{name}.png").convert("RGB")) for name in names]
    return Stock(list(art["black"]), list(art["color"]), photos, list(art["signs"]))


def _hexcodes(openmoji: Path) -> tuple[list[str], list[str]]:
    """Return the hexcodes of the drawings in sketches, and of the logos in marks."""
    with OPENMOJI_OBJECTS.open(encoding="utf-8") as file:
        left_out = {row["hexcode"] for row in csv.DictReader(file)}
    with (openmoji / "data" / "openmoji.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["hexcode"] not in left_out]
    kept = [row for row in rows if row["group"] in GROUPS and row["subgroups"] not in SIGNS]
    people = [row["hexcode"] for row in kept if row["group"] == "people-body"]
    others = [row["hexcode"] for row in kept if row["group"] != "people-body"]
    signs = [row["hexcode"] for row in rows if row["subgroups"] in SIGNS or row["group"] == "symbols"]
    return others + people[:: max(1, len(people) // PEOPLE)], signs


def _render(openmoji: Path, style: str, hexcodes: Sequence[str]) -> NDArray[np.uint8]:
    paths = [openmoji / style / "svg" / f"{hexcode}.svg" for hexcode in hexcodes]
    return np.stack([np.asarray(_render_svg(path, 160, 160)) for path in paths if path.exists()])


def _render_svg(path: Path, width: int, edge: int) -> Image.Image:
    """Render at a width of ``width`` pixels, then resize to ``edge`` × ``edge``."""
    import resvg_py  # not among the project's requirements

    large = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=width))))
    return large.convert("RGBA").resize((edge, edge))


def _drawings(openmoji: Path, count: int, scratch: Path) -> NDArray[np.uint8]:
    """Return images like those of the data set openmoji, of other drawings: one to four on white paper."""
    cache = scratch / f"drawings{count}.npy"
    if not cache.exists():
        hexcodes, _ = _hexcodes(openmoji)
        rngs = (np.random.default_rng((SEED, 4, number)) for number in range(count))
        np.save(cache, np.stack([_drawing(rng, openmoji, hexcodes) for rng in rngs]))
    return np.asarray(np.load(cache))


def _drawing(rng: np.random.Generator, openmoji: Path, hexcodes: Sequence[str]) -> NDArray[np.uint8]:
    style = "black" if rng.random() < 0.55 else "color"
    image = Image.new("RGBA", (SIZE, SIZE), "white")
    count = int(rng.choice([1, 1, 1, 2, 4]))
    for _ in range(count):
        path = openmoji / style / "svg" / f"{hexcodes[int(rng.integers(len(hexcodes)))]}.svg"
        if not path.exists():
            continue
        edge = int(rng.uniform(190, 300) if count == 1 else rng.uniform(90, 150))
        left, top = [(SIZE - edge) // 2] * 2 if count == 1 else rng.integers(0, SIZE - edge, 2).tolist()
        layer = Image.new("RGBA", image.size)
        layer.paste(_render_svg(path, 2 * edge, edge), (left, top))
        image.alpha_composite(layer)
    return np.asarray(image.convert("RGB"))


def _faces(fonts: Path) -> dict[str, tuple[marks.Face, ...]]:
    """Return the typefaces of print, of hand lettering, and of the diverse marks."""
    files = sorted(fonts.rglob("*.[ot]t[fc]"))
    han = [marks.Face(path, han=True) for path in files if "wqy" in path.name]
    kai = [marks.Face(path, han=True) for path in files if "kai" in path.name]
    latin = [marks.Face(path) for path in files if "Roboto" in path.name]
    printed = (*marks.TRAINING_FACES, *latin, *han * 12)
    more = [marks.Face(path) for path in files if path.name.startswith(("Lato", "Bebas", "Comfortaa"))]
    hand = (*marks.TRAINING_FACES, *kai * 8, *han * 3)
    return {"print": printed, "diverse": (*printed, *more), "hand": hand}


def _boards(stock: Stock, count: int, fonts: Path, scratch: Path) -> NDArray[np.uint8]:
    cache = scratch / f"boards{count}.npy"
    if not cache.exists():
        hand = boards.Hand(_faces(fonts)["hand"])
        rngs = (np.random.default_rng((SEED, 1, number)) for number in range(count))
        np.save(cache, np.stack([boards.board(rng, stock, hand, SIZE) for rng in rngs]))
    return np.asarray(np.load(cache))


Drawer = Callable[
    [int, np.random.Generator, Sequence[marks.Face], Sequence[NDArray[np.uint8]]], list[marks.Mark]
]


def _sets(
    name: str, seed: int, count: int, drawer: Drawer, stock: Stock, faces: Sequence[marks.Face], scratch: Path
) -> list[list[marks.Mark]]:
    cache = scratch / f"{name}{count}.pickle"
    if not cache.exists():
        rngs = (np.random.default_rng((SEED, seed, number)) for number in range(count))
        cache.write_bytes(pickle.dumps([drawer(SIZE, rng, faces, stock.signs) for rng in rngs]))
    return list(pickle.loads(cache.read_bytes()))


@dataclass(frozen=True)
class Dataset:
    """N examples: images, N × H × W × 3; truth and valid, N × H × W × 2, of 0 or 255; features as e4m3."""

    images: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    valid: NDArray[np.uint8]
    features: Sequence[NDArray[np.uint8]]


def _dataset(stores: mark_examples.Stores, phase: Phase, folder: Path) -> Dataset:
    """Generate a phase's examples and extract their features, unless ``folder`` has them already."""
    if not folder.exists():
        partial = folder.with_suffix(".part")
        partial.mkdir(exist_ok=True)
        _fill_dataset(_open_dataset(partial, "w+", phase.examples), stores, phase)
        partial.rename(folder)
    return _open_dataset(folder, "r", phase.examples)


def _open_dataset(folder: Path, mode: Literal["r", "w+"], count: int) -> Dataset:
    def array(name: str, *shape: int) -> NDArray[np.uint8]:
        path = folder / f"{name}.npy"
        if mode == "r":
            return np.asarray(np.load(path, "r"))
        return np.asarray(np.lib.format.open_memmap(path, mode, np.uint8, (count, *shape)))

    features = [array(f"features{i}", c, edge, edge) for i, (c, edge) in enumerate(FEATURES)]
    truth, valid = (array(name, SIZE, SIZE, 2) for name in ("truth", "valid"))
    return Dataset(array("images", SIZE, SIZE, 3), truth, valid, features)


def _fill_dataset(dataset: Dataset, stores: mark_examples.Stores, phase: Phase) -> None:
    network, started, count = backbone(), time.monotonic(), len(dataset.images)
    for first in range(0, count, 8):
        batch = slice(first, min(first + 8, count))
        for number in range(batch.start, batch.stop):
            rng = np.random.default_rng((SEED, phase.seed, number))
            made = mark_examples.make_example(rng, stores, mark_examples.MIXES[phase.mix])
            dataset.images[number], dataset.truth[number] = made.image, made.truth
            dataset.valid[number] = made.valid
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            features = extract_features(network, _normalize(np.array(dataset.images[batch])))
        for store, values in zip(dataset.features, features, strict=True):
            store[batch] = values.clamp(max=448).to(torch.float8_e4m3fn).view(torch.uint8).numpy()
        if first % 200 == 0:
            print(f"{first} of {count} examples, {time.monotonic() - started:.0f} s", flush=True)


def _normalize(images: NDArray[np.uint8]) -> Tensor:
    """Convert N × H × W × 3 levels to N × 3 × H × W in [-1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def batches(datasets: Sequence[Dataset], seed: int) -> Iterator[tuple[Tensor, list[Tensor], Tensor, Tensor]]:
    """Yield images, features, truth and valid of ``BATCH`` examples, endlessly, shuffled each epoch."""
    rng = np.random.default_rng((SEED, seed))
    examples = [(part, number) for part in datasets for number in range(len(part.images))]
    order: list[int] = []
    while True:
        if len(order) < BATCH:
            order = rng.permutation(len(examples)).tolist()
        chosen = [examples[i] for i in sorted(order.pop() for _ in range(BATCH))]
        features = [
            torch.from_numpy(np.stack([part.features[i][number] for part, number in chosen]))
            .view(torch.float8_e4m3fn)
            .bfloat16()
            for i in range(len(FEATURES))
        ]
        truth = _unit(np.stack([part.truth[number] for part, number in chosen]))
        valid = _unit(np.stack([part.valid[number] for part, number in chosen]))
        yield _normalize(np.stack([part.images[number] for part, number in chosen])), features, truth, valid


def _unit(maps: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(maps).permute(0, 3, 1, 2).float() / 255


def loss(logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Return cross-entropy plus one minus soft Dice over the batch, where valid; all N × 2 × H × W."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    probability = logits.sigmoid() * valid
    overlap = (probability * truth).sum((0, 2, 3))
    dice = 2 * overlap / (probability.sum((0, 2, 3)) + (truth * valid).sum((0, 2, 3)) + 1)
    return (entropy * valid).sum() / valid.sum() * 2 + (1 - dice.mean()) * 0.5


def train(datasets: Sequence[Dataset], phase: Phase, start: Path | None, out: Path) -> None:
    """Train with AdamW and cosine decay, from ``start`` if given; write averaged weights to ``out``."""
    torch.manual_seed(SEED)
    head = MarkHead().to(memory_format=torch.channels_last)
    assert head.head.bias is not None
    torch.nn.init.constant_(head.head.bias, -2.0)  # marks are rare
    if start:
        head.load_state_dict({name: value.float() for name, value in load_file(start).items()})
    decay_average = get_ema_multi_avg_fn(AVERAGE_DECAY)  # type: ignore[no-untyped-call]
    average = AveragedModel(head, multi_avg_fn=decay_average, use_buffers=True)
    optimizer = torch.optim.AdamW(head.parameters(), lr=phase.learning_rate, weight_decay=1e-2)
    started, smooth = time.monotonic(), 1.0
    steps = zip(range(phase.steps), batches(datasets, phase.shuffle_seed), strict=False)
    for step, (images, features, truth, valid) in steps:
        done = step / phase.steps
        warmup = min(1.0, done / 0.05 + 0.02)
        decay = 0.5 + 0.5 * np.cos(np.pi * done)
        optimizer.param_groups[0]["lr"] = phase.learning_rate * warmup * decay + 1e-5
        with torch.autocast("cpu", torch.bfloat16):
            logits = head(*(x.contiguous(memory_format=torch.channels_last) for x in (images, *features)))
        value = loss(logits.float(), truth, valid)
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
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
    """Write the weights in half precision, atomically."""
    values = {name: value.contiguous() for name, value in head.state_dict().items()}
    with atomic_write(out) as beside:
        save_file({name: v.half() if v.is_floating_point() else v for name, v in values.items()}, beside)


if __name__ == "__main__":
    main()
