"""The page's names of colours are those of ``--palette``."""

import re
from pathlib import Path

from PIL import ImageColor

from sketch2color.colorize.color_names import COLOR_NAMES

PAGE = Path(__file__).parents[2] / "studio" / "src" / "page"


def test_the_page_knows_the_names_that_palette_knows():
    names = dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', (PAGE / "names.ts").read_text()))
    # `getrgb` replaces what it has looked up in `colormap`, whose values are therefore of two kinds.
    known = {name: "#" + bytes(ImageColor.getrgb(name)[:3]).hex() for name in ImageColor.colormap}
    assert names == known | COLOR_NAMES


def test_swatches_have_known_names():
    swatches = (PAGE / "ready.ts").read_text().split("[]", 1)[1].split("];", 1)[0]
    assert set(re.findall(r'"(\w+)"', swatches)) <= set(ImageColor.colormap)
