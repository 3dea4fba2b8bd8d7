import colorsys

import numpy as np
import pytest

from sketch2color.evaluation.palette_spread import palette_spread


def sheet(hue, share=0.3):
    """White paper, ``share`` of it painted; ``hue`` in turns."""
    picture = np.full((40, 40, 3), 255, np.uint8)
    picture[: int(40 * share)] = np.multiply(colorsys.hsv_to_rgb(hue % 1.0, 0.8, 0.9), 255).round()
    return picture


def test_it_grows_with_the_difference_between_palettes():
    spreads = [palette_spread([sheet(width * place / 5) for place in range(6)]) for width in (0, 0.1, 0.4, 1)]
    assert spreads[0] == pytest.approx(0, abs=1e-9)
    assert spreads == sorted(spreads)
    assert spreads[-1] > 40


def test_how_much_is_painted_does_not_count():
    assert palette_spread([sheet(0.1, 0.1), sheet(0.1, 0.9)]) == pytest.approx(0, abs=1e-9)
    apart = palette_spread([sheet(0.1), sheet(0.6)])
    assert palette_spread([sheet(0.1, 0.1), sheet(0.6, 0.9)]) == pytest.approx(apart)


def test_pictures_without_colour_do_not_count():
    grey = np.full((40, 40, 3), 90, np.uint8)
    assert palette_spread([sheet(0.1), grey, sheet(0.6)]) == palette_spread([sheet(0.1), sheet(0.6)])
    assert palette_spread([sheet(0.1), grey]) is None
    assert palette_spread([]) is None
