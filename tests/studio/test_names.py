"""The page's names of colours are those of ``--palette``."""

import re
from pathlib import Path

from PIL import ImageColor

PAGE = Path(__file__).parents[2] / "studio" / "src" / "page"


def test_the_page_knows_the_names_that_palette_knows():
    names = dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', (PAGE / "names.ts").read_text()))
    assert names == ImageColor.colormap


def test_swatches_have_known_names():
    swatches = (PAGE / "ready.ts").read_text().split("[]", 1)[1].split("];", 1)[0]
    assert set(re.findall(r'"(\w+)"', swatches)) <= set(ImageColor.colormap)
