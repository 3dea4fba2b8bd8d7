# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "matplotlib==3.11.2",
#     "numpy==2.4.6",
#     "opencv-python-headless==5.0.0.93",
#     "pillow==13.0.0",
#     "scikit-image==0.26.0",
#     "scipy==1.17.1",
# ]
# ///
"""Build ``data/sources/products/``: sketches and marker renderings of invented products.

    python tools/build_products.py BUILD                      # everything, into the archive
    python tools/build_products.py BUILD --contact sheet.webp # a contact sheet of what is built

Products, views and strokes follow from a seed: equal requirements give equal images. Images are kept in the
folder BUILD, and what is there is not made again. The archive has

- ``<domain>/<split>/<name>.webp``: 512 × 512. Training sketches and colour images show different products;
  those of val and test are pairs, and test has families that training has not;
- ``truth/parts/<domain>/<name>.png``: of val and test, the role of each pixel, an index in ``sheets.ROLES``;
- ``truth/mask/<domain>/<name>.png`` and ``truth/clean/<domain>/<name>.webp``: of an image with a publisher's
  mark, 255 where the mark lies, and the image without it.
"""

import argparse
import csv
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from marks import HELD_OUT_FACES, stamp
from packing import encode_bits, pack
from products.draw import Draw
from products.families import FAMILIES, HELD_OUT, TRAINING
from products.hand import STYLES, sketch
from products.marker import Palette, color_sheet, pick_palette
from products.notes import write_notes
from products.raster import render
from products.sheets import EDGE, ROLES, arrange, over, place
from products.views import Camera, Passes, load

ImageArray = NDArray[np.uint8]
SOURCE = Path(__file__).resolve().parent.parent / "data" / "sources" / "products"
SIZE = 512
SEED = 2023
TRAIN, VAL, TEST = 100, 20, 24
"""Training sketches and as many colour images; pairs to validate and to test with."""
MARKED = 0.5
"""Chance of an image to bear a publisher's mark."""
QUALITY = 70
"""Of the WebP files."""


@dataclass(frozen=True)
class Sheet:
    """One product on one sheet, published in one domain or, as a pair, in both."""

    name: str
    split: str
    domains: tuple[str, ...]
    family: str
    style: str
    views: int
    seed: int


def plan() -> list[Sheet]:
    """Return all sheets of the data set."""
    wanted = [
        *(("train", (domain,), tuple(TRAINING), TRAIN) for domain in ("sketch", "color")),
        ("val", ("sketch", "color"), tuple(TRAINING), VAL),
        ("test", ("sketch", "color"), tuple(HELD_OUT), TEST),
    ]
    sheets: list[Sheet] = []
    for split, domains, families, count in wanted:
        for index in range(count):
            seed = len(sheets)
            draw = Draw(SEED, seed)
            family = families[index % len(families)]
            number = 1 + sum(sheet.family == family for sheet in sheets)
            views = 3 if draw.happens(0.22) else 2 if draw.happens(0.12) else 1
            style = draw.pick(list(STYLES))
            sheets.append(Sheet(f"{family}-{number:02d}", split, domains, family, style, views, seed))
    return sheets


def cameras(count: int, draw: Draw) -> list[Camera]:
    """Return the views of a sheet: a perspective, then an elevation, and one from behind or above."""
    turn = draw.pick([-1, 1]) * draw(12, 50)
    views = [Camera(turn, draw(10, 36), draw(2.8, 6))]
    views.append(Camera(draw.pick([0.0, 0.0, -turn]), draw(0, 6), draw(12, 40)))
    views.append(
        Camera(turn + 180 + draw(-25, 25), draw(12, 30), draw(3, 6))
        if draw.happens(0.6)
        else Camera(turn, draw(55, 75), draw(4, 8))
    )
    return views[:count]


def passes(sheet: Sheet, folder: Path) -> list[Passes]:
    """Return the passes of a sheet's views, those in ``folder`` as they are."""
    draw = Draw(SEED, sheet.seed, 1)
    mesh = None
    found = []
    for index, camera in enumerate(cameras(sheet.views, draw.fork(0))):
        path = folder / f"{sheet.name}-{index}.npz"
        if not path.exists():
            mesh = mesh or FAMILIES[sheet.family](draw.fork(1))
            path.parent.mkdir(parents=True, exist_ok=True)
            render(mesh, camera).save(path)
        found.append(load(path))
    return found


def make(sheet: Sheet, views: list[Passes]) -> tuple[dict[str, ImageArray], ImageArray, Palette]:
    """Return a sheet's clean image in each of its domains, its pixels' roles and its palette."""
    draw = Draw(SEED, sheet.seed, 2)
    shapes = [
        float(np.ptp(np.nonzero(view.product)[1]) / np.ptp(np.nonzero(view.product)[0])) for view in views
    ]
    spots = arrange(len(views), shapes, draw.fork(0))
    placed = [place(view, center, edge) for view, (center, edge) in zip(views, spots, strict=True)]
    notes = write_notes(placed, draw.fork(1)) if draw.happens(0.4) else None
    palette, ground, style = pick_palette(draw.fork(2)), draw.happens(0.8), STYLES[sheet.style]
    images = {}
    if "sketch" in sheet.domains:
        images["sketch"] = sketch(placed, style, draw.fork(3), ground=ground, notes=notes)
    if "color" in sheet.domains:
        images["color"] = color_sheet(placed, palette, style, draw.fork(3), ground=ground, notes=notes)
    role, _ = over(placed)
    if not ground:
        role[role == ROLES.index("shadow")] = 0
    step = EDGE // SIZE
    small = {
        name: np.asarray(cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)
        for name, image in images.items()
    }
    return small, role[step // 2 :: step, step // 2 :: step], palette


def build(sheet: Sheet, folder: Path) -> None:
    """Write what the archive has of a sheet to ``folder``, unless it is there."""
    done = folder / "done" / sheet.name
    if done.exists():
        return
    images, role, palette = make(sheet, passes(sheet, folder / "passes"))
    files: dict[str, bytes] = {}
    for domain, image in images.items():
        files |= dict(published(image, domain, sheet))
        if sheet.split != "train":
            files[f"truth/parts/{domain}/{sheet.name}.png"] = _png(role)
    for name, content in files.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    done.parent.mkdir(parents=True, exist_ok=True)
    colors = {
        role: "#{:02x}{:02x}{:02x}".format(*(round(255 * c) for c in color))
        for role, color in palette.colors.items()
    }
    done.write_text(" ".join(f"{role}={color}" for role, color in colors.items()), encoding="utf-8")


def published(image: ImageArray, domain: str, sheet: Sheet) -> Iterator[tuple[str, bytes]]:
    """Yield one image as a publisher shows it, with the truth where it bears a mark."""
    clean = _webp(image)
    digest = hashlib.sha256(f"{domain}/{sheet.name}".encode()).digest()
    rng = np.random.default_rng([SEED, int.from_bytes(digest[:8], "big")])
    path = f"{domain}/{sheet.split}/{sheet.name}.webp"
    if rng.random() >= MARKED:
        yield path, clean
        return
    marked, mask, _ = stamp(np.asarray(Image.open(io.BytesIO(clean)).convert("RGB")), rng, HELD_OUT_FACES)
    yield path, _webp(marked)
    yield f"truth/clean/{domain}/{sheet.name}.webp", clean
    yield f"truth/mask/{domain}/{sheet.name}.png", encode_bits(mask)


def _webp(image: ImageArray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def _png(image: ImageArray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write_details(sheets: list[Sheet], folder: Path) -> None:
    """Write ``details.csv``: what each sheet shows, and its palette."""
    with (SOURCE / "details.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["name", "split", "domains", "family", "style", "views", *ROLES[1:-1]])
        for sheet in sheets:
            palette = dict(
                entry.split("=") for entry in (folder / "done" / sheet.name).read_text("utf-8").split()
            )
            row = [sheet.name, sheet.split, "+".join(sheet.domains), sheet.family, sheet.style, sheet.views]
            table.writerow([*row, *(palette[role] for role in ROLES[1:-1])])


def contact_sheet(sheets: list[Sheet], folder: Path, path: Path, count: int = 48, columns: int = 8) -> None:
    """Write a sheet of ``count`` images of those that are built, drawn at random."""
    paths = sorted(p for s in sheets for p in (folder / "files").glob(f"*/{s.split}/{s.name}.webp"))
    some = np.random.default_rng(SEED).permutation(len(paths))[:count]
    edge = 192
    page = Image.new("RGB", (columns * edge, -(-len(some) // columns) * edge), "white")
    for place_, index in enumerate(some):
        page.paste(
            Image.open(paths[index]).resize((edge, edge)), (place_ % columns * edge, place_ // columns * edge)
        )
    page.save(path)


def main() -> None:
    """Build what is missing, and pack the archive once all is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("build", type=Path, help="a folder outside the repository that keeps what is built")
    parser.add_argument("--only", metavar="FAMILY", help="build the sheets of one family, pack nothing")
    parser.add_argument("--limit", type=int, help="build at most so many sheets of each family, pack nothing")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--contact", type=Path, metavar="IMAGE", help="write a contact sheet of what is built, and stop"
    )
    options = parser.parse_args()
    sheets = plan()
    if options.contact:
        contact_sheet(sheets, options.build, options.contact)
        return
    wanted = [sheet for sheet in sheets if options.only in (None, sheet.family)]
    if options.limit:
        wanted = [s for s in wanted if int(s.name.rsplit("-", 1)[1]) <= options.limit]
    with ProcessPoolExecutor(options.workers) as pool:
        for number, _ in enumerate(pool.map(build, wanted, [options.build] * len(wanted)), 1):
            print(f"{number}/{len(wanted)} {wanted[number - 1].name}", flush=True)
    if len(wanted) < len(sheets):
        return
    SOURCE.mkdir(parents=True, exist_ok=True)
    write_details(sheets, options.build)
    root = options.build / "files"
    files = {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
    pack(files, SOURCE / "products.zip")
    print(f"{len(files)} files, {(SOURCE / 'products.zip').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
