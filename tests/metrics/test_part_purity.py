import numpy as np
import pytest
from tests.metrics.conftest import BLUE, GREY, LEFT, ORANGE, RIGHT

from sketch2color.metrics.part_purity import part_purity

TEAL = (20, 150, 140)


@pytest.mark.parametrize("role", ["accent", "light", "glass"])
def test_a_part_of_one_hue_is_pure_and_each_has_its_own(boxes, role):
    assert boxes(left="main", right=role).score(part_purity, (LEFT, ORANGE), (RIGHT, BLUE)) == 1


@pytest.mark.parametrize("rows", [10, 25, 40])
def test_a_second_hue_counts_by_its_chroma(boxes, rows):
    product = boxes(left="main", right="dark")
    share = product.score(part_purity, (LEFT, ORANGE), (np.s_[60 : 60 + rows, 50:110], TEAL))
    orange, teal = 78.8, 34.7  # chroma in CIELAB
    second = teal * (rows - 3) / 95
    assert share == pytest.approx(1 - second / (second + orange * (98 - rows) / 95), abs=0.01)


def test_light_and_shade_of_a_hue_are_pure(boxes):
    product = boxes(left="main", right="dark")
    shades = [(np.s_[60 + 25 * i : 85 + 25 * i, 50:110], tuple(int(v * f) for v in ORANGE)) for i, f in
              enumerate((1, 0.8, 0.6, 0.45))]  # fmt: skip
    white = (np.s_[70:80, 60:90], (255, 255, 255))
    assert product.score(part_purity, *shades, white) == pytest.approx(1, abs=1e-4)


def test_what_is_not_painted_does_not_count(boxes):
    product = boxes(left="main", right="dark")
    assert product.score(part_purity) is None
    assert product.score(part_purity, (LEFT, GREY), (RIGHT, GREY)) is None
    assert product.score(part_purity, (np.s_[:, 180:], ORANGE)) is None
    cream = np.array([250, 235, 205])
    tinted = (product.sketch * (cream / 255)).astype(np.uint8)
    assert part_purity(tinted, tinted, product.parts) is None


def test_designers_paint_a_part_in_one_hue(rendering):
    assert part_purity(rendering.truth, rendering.sketch, rendering.parts) > 0.97
