"""Measure the studio in Chromium: its first load, and how long a designer waits for an image.

    python benchmarks/studio.py --rounds 5

Times are from what the designer does to the frame that shows the image; median of the rounds, least and most.
Cold is a browser without a cache, from the page's address on. Needs the built page (``make studio``).
"""

import os
import shutil
import statistics
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cli import argument_parser, markdown_table
from sketch2color import imaging
from sketch2color.studio.server import StudioServer
from sketch2color.studio.site import SiteFile, read_site

SIZES = ((1024, 1024), (4000, 3000))
COLORS = ("teal", "gold", "navy", "plum")
PATIENCE = 300_000
"""Milliseconds that an image may take."""
WATCH = """
    let frames = 0, last = 0;
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
        put.call(this, image, ...place);
        if (image.width < 256) return; // a thumbnail
        requestAnimationFrame(() => requestAnimationFrame(() => { frames++; last = performance.now(); }));
    };
    let begun = 0;
    window.begin = () => { begun = performance.now(); frames = 0; };
    window.shown = async (count) => {
        while (frames < count) await new Promise(requestAnimationFrame);
        return (last - begun) / 1000;
    };
    for (const kind of ['change', 'click', 'pointerup']) window.addEventListener(kind, window.begin, true);
"""
"""``shown(n)`` waits for the n-th image since the last action; returns the seconds until it was shown."""


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    files = read_site()
    times = defaultdict[str, list[float]](list)
    with serve(files) as address, launch() as browser, tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            requested, taken = load(browser, address)
            times["page to first coloured sketch, 512 × 512, cold"].append(taken)
        for width, height in SIZES:
            path = Path(folder) / f"{width}.png"
            path.write_bytes(imaging.encode_png(draw(width, height)))
            for action, taken in work(browser, address, path, rounds):
                times[f"{width} × {height}: {action}"].append(taken)
        machine = f"Chromium {browser.version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    size = sum(len(files[name].gzipped or files[name].content) for name in requested)
    rows = [("first load, compressed", f"{size / 1e6:.1f} MB")]
    rows += [(f"{action}, s", spread(taken)) for action, taken in times.items()]
    print(markdown_table((machine, ""), rows))


def spread(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


@contextmanager
def serve(files: Mapping[str, SiteFile]) -> Iterator[str]:
    """Yield the address of a server of the files."""
    for file in files.values():
        _ = file.gzipped, file.etag  # as the command does, before the first request
    with StudioServer(files, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        try:
            yield server.address
        finally:
            server.shutdown()


@contextmanager
def launch() -> Iterator[Browser]:
    names = (os.environ.get("CHROMIUM", "chromium"), "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        sys.exit("no Chromium found: install one, or name it in CHROMIUM")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser) -> Iterator[Page]:
    """Yield a page of a browser that has nothing cached."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    context.add_init_script(WATCH)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def load(browser: Browser, address: str) -> tuple[set[str], float]:
    """Return the files that the page loads, and the seconds from its address to a coloured sample."""
    requested = set[str]()
    with open_page(browser) as page:
        page.context.on(
            "request", lambda request: requested.add(urlsplit(request.url).path[1:] or "index.html")
        )
        page.goto(address)
        page.evaluate("document.querySelector('[data-sample=vacuum]').click()")
        page.evaluate("shown(2)")  # the sketch, and the sketch in colour
        taken: float = page.evaluate("performance.now() / 1000")
        return {path or "index.html" for path in requested}, taken


def work(browser: Browser, address: str, sketch: Path, rounds: int) -> Iterator[tuple[str, float]]:
    """Yield what a designer does to a sketch, with the seconds that the image took."""
    with open_page(browser) as page:
        page.goto(address)
        expect(page.locator("#status")).to_have_text("Ready.", timeout=PATIENCE)
        page.set_input_files("#file", sketch)
        yield "open", page.evaluate("shown(2)")
        calm(page)
        page.click("#palette-wells .well")
        for turn in range(rounds + 1):
            page.click(f"#swatches [aria-label={COLORS[turn % len(COLORS)]}]")
            taken = page.evaluate("shown(1)")
            if turn:  # the first palette of a sketch also groups its parts
                yield "palette change", taken
            calm(page)
        for tool in ("fill", "line"):
            page.click(f"[data-tool={tool}]")
            for turn in range(rounds):
                stroke(page, 0.4 + 0.03 * turn)
                yield f"{tool} stroke", page.evaluate("shown(1)")
                calm(page)


def calm(page: Page) -> None:
    """Wait until image, layers and thumbnails are done."""
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    page.wait_for_timeout(1500)


def stroke(page: Page, height: float) -> None:
    """Draw a stroke across the middle of the stage, at a share of its height."""
    box = page.locator("#view").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * height
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 5, steps=6)
    page.mouse.up()


def draw(width: int, height: int) -> imaging.ImageArray:
    """Return a sketch of a case with a window, buttons and hatching, in ink on white."""
    image = np.full((height, width, 3), 255, np.uint8)
    unit, ink = min(width, height) / 100, (25, 25, 25)
    thick = max(2, round(0.6 * unit))

    def at(x: float, y: float) -> tuple[int, int]:
        return round(width / 2 + x * unit), round(height / 2 + y * unit)

    cv2.rectangle(image, at(-40, -30), at(40, 30), ink, thick, cv2.LINE_AA)
    cv2.circle(image, at(0, 0), round(18 * unit), ink, thick, cv2.LINE_AA)
    for x in (-32, -26, 26, 32):
        cv2.circle(image, at(x, 20), round(2 * unit), ink, thick, cv2.LINE_AA)
    for x in range(-38, -20, 2):
        cv2.line(image, at(x, -28), at(x - 1, -10), ink, max(1, thick // 3), cv2.LINE_AA)
    return image


if __name__ == "__main__":
    main()
