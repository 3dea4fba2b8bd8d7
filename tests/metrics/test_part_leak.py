import numpy as np
import pytest
from tests.metrics.conftest import BLUE, GREY, LEFT, ORANGE, RIGHT

from sketch2color.metrics.part_leak import part_leak

AREA = 2 * 55 * 95  # both boxes without margins
BOTH = (LEFT, ORANGE), (RIGHT, BLUE)


@pytest.fixture
def product(boxes):
    return boxes(left="main", right="accent")


@pytest.mark.parametrize(("width", "leaked"), [(0, 0), (2, 0), (5, 2), (9, 6), (25, 7)])
def test_paint_in_the_part_beside_counts_up_to_9_pixels(product, width, leaked):
    """Of 95 rows; what lies within 2 pixels of the line between belongs to neither."""
    over = (np.s_[60:160, 110 : 110 + width], ORANGE)
    assert product.score(part_leak, *BOTH, over) == pytest.approx(leaked * 95 / AREA)


def test_a_tenth_leaked_to_the_paper_is_a_tenth(boxes):
    product = boxes(left="main", right="dark")
    product.parts[RIGHT], product.sketch[:, 111:] = 0, 255
    inside, leaked = 55 * 95, 6 * 100  # of the 8 columns of paint, 2 beside the line count for neither
    share = product.score(part_leak, (np.s_[60:160, 42:110], ORANGE))
    assert share == pytest.approx(leaked / (inside + leaked), abs=0.001)
    assert share == pytest.approx(0.10, abs=0.005)


@pytest.mark.parametrize("right", [BLUE, GREY, (255, 255, 255), (150, 200, 90)])
def test_paint_that_stays_in_its_part_leaks_nothing(product, right):
    assert product.score(part_leak, (LEFT, ORANGE), (RIGHT, right)) == 0


def test_white_in_a_part_is_no_leak_of_the_paper_nor_of_a_grey_part(product):
    highlight = (np.s_[60:160, 95:110], (255, 255, 255))
    assert product.score(part_leak, (LEFT, ORANGE), (RIGHT, GREY), highlight) == 0


def test_a_backdrop_and_noise_far_from_parts_are_other_faults(product):
    assert product.score(part_leak, *BOTH, (np.s_[:30], ORANGE), (np.s_[:, 200:], BLUE)) == 0


def test_one_colour_for_all_or_none_has_no_score(product):
    assert product.score(part_leak) is None
    assert product.score(part_leak, (np.s_[:], ORANGE)) is None
    assert product.score(part_leak, (np.s_[:], GREY)) is None


def test_designers_keep_paint_in_its_part(rendering):
    assert part_leak(rendering.truth, rendering.sketch, rendering.parts) < 0.01
    moved = np.roll(rendering.truth, 8, axis=1)
    assert part_leak(moved, rendering.sketch, rendering.parts) > 0.01
