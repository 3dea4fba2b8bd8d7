import numpy as np
import pytest
from tests.metrics.conftest import BLUE, LEFT, ORANGE, RIGHT

from sketch2color.metrics.part_white import part_white


@pytest.mark.parametrize(("role", "share"), [("accent", 0.5), ("metal", 0.5), ("glass", 0.0), ("light", 0.0)])
def test_a_part_left_white_counts_unless_it_may_be(boxes, role, share):
    assert boxes(left="main", right=role).score(part_white, (LEFT, ORANGE)) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("color", [ORANGE, (90, 90, 90), (255, 255, 235), (225, 225, 225)])
def test_any_paint_counts_pale_or_grey(boxes, color):
    assert boxes(left="main", right="dark").score(part_white, (LEFT, color), (RIGHT, color)) == 0


def test_the_untouched_sketch_is_white_on_any_paper_however_lit(boxes):
    product = boxes(left="main", right="dark")
    light = np.linspace(0.7, 1.0, 256)[None, :, None] * np.array([1.0, 0.95, 0.85])
    photo = (product.sketch * light).astype(np.uint8)
    assert part_white(photo, photo, product.parts) == 1


def test_a_tint_over_all_paper_is_no_paint(boxes):
    product = boxes(left="main", right="dark")
    tinted = (product.sketch * 0.93).astype(np.uint8)
    assert part_white(tinted, product.sketch, product.parts) == 1


def test_a_backdrop_over_most_paper_changes_nothing(boxes):
    product = boxes(left="main", right="dark")
    backdrop = (np.s_[:220], BLUE)
    white = (LEFT, (255, 255, 255))
    assert product.score(part_white, backdrop, white, (RIGHT, ORANGE)) == pytest.approx(0.5, abs=0.01)
    assert product.score(part_white, backdrop, (LEFT, (215, 230, 255)), (RIGHT, ORANGE)) == 0


def test_a_drawing_that_fills_the_page_needs_no_paper(boxes):
    product = boxes(left="main", right="dark")
    product.parts[product.parts == 0] = 1
    assert product.score(part_white) == 1
    assert product.score(part_white, (np.s_[:], ORANGE)) == 0


def test_without_such_parts_there_is_no_score(boxes):
    assert boxes(left="glass", right="light").score(part_white) is None


def test_designers_leave_little_white(rendering):
    share = part_white(rendering.truth, rendering.sketch, rendering.parts)
    assert share < part_white(rendering.sketch, rendering.sketch, rendering.parts) - 0.3
