import numpy as np
import pytest

from sketch2color.cleaning.fit import fit

CREAM = (240, 230, 205)


def page(height, width):
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = CREAM
    return picture


@pytest.mark.parametrize(("height", "width"), [(300, 900), (900, 300), (31, 47), (256, 256), (3000, 40)])
def test_pad_keeps_aspect_on_the_colour_of_the_paper(height, width):
    picture = page(height, width)
    picture[height // 4 : -(height // 4), width // 4 : -(width // 4)] = (30, 60, 200)
    square = fit(picture, "pad")
    assert square.shape == (256, 256, 3)
    assert (square[0, 0] == CREAM).all()
    blue = square[..., 0] < 135
    rows, columns = blue.any(1).sum(), blue.any(0).sum()
    factor = 256 / max(height, width)
    assert rows == pytest.approx((height - 2 * (height // 4)) * factor, abs=2)
    assert columns == pytest.approx((width - 2 * (width // 4)) * factor, abs=2)


def test_pad_centers():
    picture = page(100, 200)
    picture[:] = 0
    picture[0], picture[-1], picture[:, 0], picture[:, -1] = CREAM, CREAM, CREAM, CREAM
    dark = (fit(picture, "pad") < 100).all(2)
    rows = np.flatnonzero(dark.any(1))
    assert abs((rows[0] + rows[-1]) / 2 - 127.5) <= 1


def test_crop_takes_the_middle():
    picture = page(100, 300)
    picture[:, :100] = (200, 0, 0)
    picture[:, 200:] = (0, 0, 200)
    assert (np.abs(fit(picture, "crop")[10:-10, 10:-10].astype(int) - CREAM) <= 2).all()


def test_squash_shows_all():
    picture = page(100, 300)
    picture[:, :150] = (200, 0, 0)
    square = fit(picture, "squash")
    assert (square[:, 100] == (200, 0, 0)).all()
    assert (square[:, 156] == CREAM).all()


def test_a_line_thinner_than_a_pixel_does_not_vanish():
    picture = page(2048, 2048)
    picture[1001:1005] = 20  # half a pixel at 256
    assert fit(picture, "pad")[124:127].min() < 150


def test_a_square_of_the_right_size_comes_back_as_it_was():
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert all((fit(picture, how) == picture).all() for how in ("pad", "crop", "squash"))
