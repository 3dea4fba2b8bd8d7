import numpy as np
import pytest

from sketch2color.evaluation.colorfulness import colorfulness


def test_colorfulness_of_two_colours_by_hand():
    picture = np.zeros((1, 2, 3), np.uint8)
    picture[0, 0], picture[0, 1] = (200, 100, 0), (0, 100, 50)
    # rg: 100, -100, so mean 0 and deviation 100; yb: 150, 0, so mean 75 and deviation 75
    assert colorfulness(picture) == pytest.approx(np.hypot(100, 75) + 0.3 * 75)


def test_colorfulness_tells_the_channels_apart():
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2, :, 2] = 200
    blue, red = colorfulness(picture), colorfulness(picture[..., ::-1])
    assert blue == pytest.approx(100 + 0.3 * 100)
    assert red == pytest.approx(np.hypot(100, 50) + 0.3 * np.hypot(100, 50))
