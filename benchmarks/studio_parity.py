"""Compare a coloured sketch of PyTorch, of ONNX Runtime and of the studio in Chromium, in several sizes.

    python benchmarks/studio_parity.py data/clean/products/val/sketch

Of each of 20 sketches, once in the model's own colours and once in a palette: the share of pixels that are
within one level in all channels, and the largest difference. Needs the built page (``make studio``).
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
import torch
from playwright.sync_api import Page, expect

from cli import argument_parser, markdown_table
from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import BUNDLED, Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.onnx_export import ONNX
from sketch2color.colorize.request import Request, parse_palette
from sketch2color.imaging import ImageArray
from sketch2color.models.generators.base import Generator
from sketch2color.models.sketch_lines import flatten_illumination, max_channel
from sketch2color.studio.site import read_site
from studio import PATIENCE, calm, launch, open_page, serve

SKETCHES = 20
SIZES = ((180, 240), (256, 256), (400, 300), (512, 512), (640, 900), (1024, 1024), (1600, 1200), (2400, 1800))
"""Width and height, in turn."""
PALETTE = ("royalblue", "darkorange", "dimgray")


class OnnxRuntime(Generator):
    """A generator whose layer ONNX Runtime computes."""

    layered = True

    def __init__(self, generator: Path) -> None:
        super().__init__(0)
        self.session = onnxruntime.InferenceSession(generator)
        self.place = torch.nn.Parameter(torch.zeros(0))  # a colourizer asks parameters for their device

    def color_layer(self, sketch: torch.Tensor, condition: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        """See :class:`Generator`."""
        scale = fine.shape[-1] // sketch.shape[-1]
        inputs = {
            "ink": flatten_illumination(max_channel(sketch)).numpy(),
            "palette": condition.numpy(),
            "fine": flatten_illumination(max_channel(fine), window=16 * scale + 1).numpy(),
        }
        (layer,) = self.session.run(None, inputs)
        return torch.from_numpy(layer)


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("sketches", type=Path, metavar="DIR")
    paths = sorted(parser.parse_args().sketches.glob("*.png"))[:SKETCHES]
    torch_model = Colorizer.load(BUNDLED)
    onnx_model = Colorizer(OnnxRuntime(BUNDLED / ONNX), torch_model.palettes, torch_model.size)
    rows: dict[tuple[str, str], list[tuple[float, int]]] = {}
    with serve(read_site()) as address, launch() as browser, TemporaryDirectory() as folder:
        for number, path in enumerate(paths):
            size = SIZES[number % len(SIZES)]
            sketch = imaging.resize(imaging.read(path), *size)
            file = Path(folder) / f"{path.stem}.png"
            file.write_bytes(imaging.encode_png(sketch))
            with open_page(browser) as page:
                page.goto(address)
                page.set_input_files("#file", file)
                for colors, seen in images(page, Path(folder)):
                    ours = [color(model, sketch, colors) for model in (torch_model, onnx_model)]
                    what = "with a palette" if colors else "the model's colours"
                    pairs = {"PyTorch, ONNX Runtime": ours, "PyTorch, browser": [ours[0], seen]}
                    for pair, (one, other) in pairs.items():
                        rows.setdefault((pair, what), []).append(difference(one, other))
    columns = ("", "", "sketches", "pixels within 1 level, least", "mean", "largest difference, levels")
    print(
        markdown_table(
            columns,
            (
                (*key, len(found), f"{min(shares):.4%}", f"{np.mean(shares):.4%}", max(largest))
                for key, found in rows.items()
                for shares, largest in [tuple(zip(*found, strict=True))]
            ),
        )
    )


def color(model: Colorizer, sketch: ImageArray, colors: tuple[str, ...]) -> ImageArray:
    return composite(
        Analysis.of(sketch, model).layers(Request(parse_palette(",".join(colors)) if colors else ()))
    )


def images(page: Page, folder: Path) -> Iterator[tuple[tuple[str, ...], ImageArray]]:
    """Yield the page's image of an opened sketch without a palette and with one, as its PNG."""
    expect(page.locator("#start")).to_be_hidden(timeout=PATIENCE)
    calm(page)
    yield (), download(page, folder)
    for index, name in enumerate(PALETTE):
        page.locator("#palette-wells .well").nth(index).click()
        page.fill("#color-text", name)
        page.press("#color-text", "Enter")
    calm(page)
    yield PALETTE, download(page, folder)


def download(page: Page, folder: Path) -> ImageArray:
    page.click("#save")
    with page.expect_download() as waiting:
        page.click("[data-export=png]")
    waiting.value.save_as(folder / "image.png")
    return imaging.read(folder / "image.png")


def difference(one: ImageArray, other: ImageArray) -> tuple[float, int]:
    """Return the share of pixels within one level, and the largest difference."""
    levels = np.abs(one.astype(np.int16) - other).max(2)
    return float((levels <= 1).mean()), int(levels.max())


if __name__ == "__main__":
    main()
