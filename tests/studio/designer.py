"""What a designer does with the page, as tests say it."""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

HAND_OVER = """([kind, name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], name));
    const options = {dataTransfer: data, clipboardData: data, bubbles: true};
    const event = kind === 'drop' ? new DragEvent(kind, options) : new ClipboardEvent(kind, options);
    document.querySelector('#stage').dispatchEvent(event);
}"""
CONTRAST = """() => {
    const channels = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
    const luminance = (color) => {
        const linear = (v) => (v > 0.04045 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92);
        const [r, g, b] = color.map((level) => linear(level / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = channels(getComputedStyle(at).backgroundColor);
            if ((color[3] ?? 1) > 0.7) return color.slice(0, 3);
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.closest('.hidden, :disabled, .empty')) continue;
        const text = channels(getComputedStyle(element).color).slice(0, 3);
        const [a, b] = [text, ground(element)].map(luminance);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) faint.push(`${element.outerHTML.slice(0, 60)}: ${ratio.toFixed(2)}`);
    }
    return faint;
}"""
"""Elements whose text has a contrast below 4.5 to 1 (WCAG 2.2, AA), what is disabled left out."""
OUTSIDE = """() => [...document.querySelectorAll('.bar button, .tools button, .well, #view, .panel, #busy')]
    .filter((element) => element.checkVisibility())
    .filter((element) => {
        const {left, right, top, bottom} = element.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
    }).map((element) => element.outerHTML.slice(0, 60))"""
"""Controls that the window does not hold."""
LOADING = 60_000
"""Milliseconds that the model may take."""
MARGIN = 24
"""CSS pixels round a sketch that is fitted into the window, as in ``view.ts``."""


@dataclass
class Designer:
    """A page that is worked with; ``folder`` is where downloads go."""

    page: Page
    folder: Path

    def drop(self, path, name=None):
        """Drop a file on the page, under another name if one is given."""
        self.page.evaluate(HAND_OVER, ["drop", name or path.name, list(path.read_bytes())])

    def paste(self, path):
        """Paste a file."""
        self.page.evaluate(HAND_OVER, ["paste", path.name, list(path.read_bytes())])

    def open(self, path):
        """Choose a file in the dialog, and wait for the coloured image."""
        self.page.set_input_files("#file", path)
        self.wait()

    def wait(self):
        """Wait until the image shows the work."""
        expect(self.page.locator("#start")).to_be_hidden()
        expect(self.page.locator("#stage")).to_have_attribute("aria-busy", "false", timeout=LOADING)
        expect(self.page.locator("#notice")).to_be_hidden()

    def choose_color(self, color, well="Main colour"):
        """Type a colour for the stroke or a place of the palette, and wait for the image."""
        self.type_color(color, well)
        self.wait()

    def type_color(self, color, well="Main colour"):
        self.page.get_by_role("button", name=re.compile(f"^{well}: ")).click()
        self.page.fill("#color-text", color)
        self.page.press("#color-text", "Enter")

    def press(self, *keys):
        """Press keys with the sketch in focus."""
        for key in keys:
            self.page.press("#view", key)
        self.wait()

    def place(self, x, y, width, height):
        """Return where a place of a fitted sketch of ``width`` × ``height`` is in the window."""
        box = self.page.locator("#view").bounding_box()
        margin = min(MARGIN, box["width"] / 20)
        scale = min((box["width"] - 2 * margin) / width, (box["height"] - 2 * margin) / height, 8)
        left, top = (box["width"] - width * scale) / 2, (box["height"] - height * scale) / 2
        return box["x"] + left + x * scale, box["y"] + top + y * scale

    def drag(self, size, *points):
        """Draw with the mouse from place to place of a sketch of a size."""
        mouse = self.page.mouse
        mouse.move(*self.place(*points[0], *size))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.place(*point, *size), steps=4)
        mouse.up()
        self.wait()

    def save(self, kind):
        """Download a file: png, psd, ora or work."""
        self.page.click("#save")
        with self.page.expect_download() as download:
            self.page.click(f"[data-export={kind}]")
        path = self.folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def image(self):
        """Return the image as the PNG has it, uint8 H × W × 3 or 4."""
        with Image.open(self.save("png")) as image:
            return np.asarray(image)

    def work(self):
        """Return the work file."""
        return json.loads(self.save("work").read_text())


def read_ora(path):
    """Return an OpenRaster's stack and its merged image; its type must come first and uncompressed."""
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        return archive.read("stack.xml").decode(), Image.open(io.BytesIO(archive.read("mergedimage.png")))
