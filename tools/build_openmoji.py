# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "matplotlib==3.11.2",
#     "numpy==2.4.6",
#     "opencv-python-headless==5.0.0.93",
#     "pillow==13.0.0",
#     "resvg-py==0.5.0",
# ]
# ///
"""Build ``data/sources/openmoji/``: OpenMoji's objects as line art and in colour, half of them with marks.

The drawings come from the npm package ``openmoji``, and the requirements stand at the top of this file::

    npm pack openmoji@17.0.0 && tar xf openmoji-17.0.0.tgz    # unpacks to package/
    python tools/build_openmoji.py package

Equal requirements give equal bytes. ``openmoji_objects.csv`` names the objects: those of OpenMoji's groups
objects, activities, transport, technology, healthcare and the like whose coloured drawing has clear colour,
without symbols, faces, brands and drawings that look the same as line art. The archive has

- ``sketch/<name>.png`` and ``color/<name>.png``: 512 × 512, both halves of a pair under the same name;
- ``truth/mask/<domain>/<name>.png``: for an image with a mark, 255 where the mark lies;
- ``truth/clean/<domain>/<name>.png``: that image without its mark, equal to it outside the mask.
"""

import argparse
import csv
import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from marks import HELD_OUT_FACES, stamp
from packing import encode, encode_bits, pack

ImageArray = NDArray[np.uint8]
Box = tuple[float, float, float, float]
SOURCE = Path(__file__).resolve().parent.parent / "data" / "sources" / "openmoji"
OBJECTS = Path(__file__).with_name("openmoji_objects.csv")
FOLDERS = {"sketch": "black", "color": "color"}
SIZE = 512
PAGE = 72.0
"""Edge of OpenMoji's drawing area, in its units."""
FILL = 0.86
"""Share of the page's edge that the longer side of a drawing takes up."""
MAX_ZOOM = 1.8
"""Small drawings stay smaller, so that their lines do not become beams."""
MARKED = 0.5
"""Chance of an image to bear a mark."""
SEED = 2020


def main() -> None:
    """Build the archive and put the licence beside it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("package", type=Path, help="the unpacked npm package openmoji 17.0.0")
    package = parser.parse_args().package
    shutil.copyfile(package / "LICENSE.txt", SOURCE / "LICENSE")
    files = dict(images(package))
    for name in ("LICENSE", "ATTRIBUTION.md"):
        files[name] = (SOURCE / name).read_bytes()
    pack(files, SOURCE / "openmoji.zip")
    print(f"{len(files)} files, {(SOURCE / 'openmoji.zip').stat().st_size:,} bytes")


def images(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every image of the archive."""
    for record in csv.DictReader(OBJECTS.read_text(encoding="utf-8").splitlines()):
        drawings = {
            domain: (package / folder / "svg" / f"{record['hexcode']}.svg").read_text(encoding="utf-8")
            for domain, folder in FOLDERS.items()
        }
        box = page(list(drawings.values()))
        for domain, drawing in drawings.items():
            yield from published(render(drawing, box, SIZE), domain, record["name"])


def published(clean: ImageArray, domain: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield one image as a publisher shows it, with the truth where that is not ``clean`` itself."""
    digest = hashlib.sha256(f"{domain}/{name}".encode()).digest()
    rng = np.random.default_rng([SEED, int.from_bytes(digest[:8], "big")])
    if rng.random() >= MARKED:
        yield f"{domain}/{name}.png", encode(clean)
        return
    marked, mask, _ = stamp(clean, rng, HELD_OUT_FACES)
    yield f"{domain}/{name}.png", encode(marked)
    yield f"truth/clean/{domain}/{name}.png", encode(clean)
    yield f"truth/mask/{domain}/{name}.png", encode_bits(mask)


def page(drawings: list[str]) -> Box:
    """Return the square that shows all ``drawings`` in full, as x, y, width and height in their units."""
    pixels = 144
    shown = [render(drawing, (0, 0, PAGE, PAGE), pixels) for drawing in drawings]
    rows, columns = np.nonzero(np.min(shown, axis=(0, 3)) < 250)
    scale = PAGE / pixels
    left, right = columns.min() * scale, (columns.max() + 1) * scale
    top, bottom = rows.min() * scale, (rows.max() + 1) * scale
    edge = max(right - left, bottom - top) / FILL
    edge = max(edge, PAGE / MAX_ZOOM)
    return (left + right - edge) / 2, (top + bottom - edge) / 2, edge, edge


def render(drawing: str, box: Box, size: int) -> ImageArray:
    """Render the part ``box`` of an SVG on white, ``size`` × ``size`` pixels, RGB."""
    view = 'viewBox="{:g} {:g} {:g} {:g}"'.format(*box)
    drawing = re.sub(r'viewBox="[^"]*"', view, drawing, count=1)
    content = resvg_py.svg_to_bytes(svg_string=drawing, width=size, height=size, background="white")
    return np.asarray(Image.open(io.BytesIO(bytes(content))).convert("RGB"))


if __name__ == "__main__":
    main()
