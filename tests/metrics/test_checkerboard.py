import numpy as np
import pytest

from sketch2color.metrics.checkerboard import checkerboard


@pytest.fixture
def sketch():
    """A cross of lines on paper."""
    sketch = np.full((160, 192, 3), 250, np.uint8)
    sketch[80:82] = 30
    sketch[:, 100:102] = 30
    return sketch


def patterned(sketch, strength, period=2, area=np.s_[:]):
    """``sketch`` painted blue, with every ``period``-th pixel across and down darker by ``strength``."""
    image = sketch.astype(float)
    image[sketch[..., 0] > 100] = (60, 120, 220)
    pattern = np.zeros(sketch.shape[:2])
    pattern[::period, ::period] = strength
    image[area] -= pattern[area][..., None]
    return image.round().astype(np.uint8)


def test_an_even_image_has_none(sketch):
    assert checkerboard(patterned(sketch, 0), sketch) == 0


@pytest.mark.parametrize("period", [2, 4])
def test_it_grows_in_proportion_to_the_pattern(sketch, period):
    share = 1 / period**2
    for strength in (4, 16, 48):
        expected = strength * (share * (1 - share)) ** 0.5  # its standard deviation
        assert checkerboard(patterned(sketch, strength, period), sketch) == pytest.approx(expected, rel=0.05)


def test_half_the_area_has_half_the_energy(sketch):
    whole = checkerboard(patterned(sketch, 20), sketch)
    half = checkerboard(patterned(sketch, 20, area=np.s_[:, :96]), sketch)
    assert half**2 == pytest.approx(whole**2 / 2, rel=0.15)


def test_grain_and_edges_are_no_checkerboard(sketch):
    grain = np.random.default_rng(3).normal(0, 12, sketch.shape)
    grainy = (patterned(sketch, 0) + grain).clip(0, 255).astype(np.uint8)
    assert checkerboard(grainy, sketch) < 1.2  # of 12
    edges = patterned(sketch, 0)
    edges[:, 37:61] = (250, 200, 0)
    edges[21:33] = (10, 200, 0)
    assert checkerboard(edges, sketch) < 2.0  # of 100 and more
    both = (patterned(sketch, 40) + grain).clip(0, 255).astype(np.uint8)
    assert checkerboard(both, sketch) == pytest.approx(checkerboard(patterned(sketch, 40), sketch), rel=0.05)


def test_between_close_lines_nothing_can_be_said():
    hatched = np.full((64, 64, 3), 255, np.uint8)
    hatched[::8] = 0
    assert checkerboard(hatched, hatched) is None


def test_a_image_below_one_tile_has_no_score():
    small = np.full((31, 200, 3), 255, np.uint8)
    assert checkerboard(small, small) is None
