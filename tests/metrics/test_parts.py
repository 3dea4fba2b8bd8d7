import numpy as np
import pytest

from sketch2color.manifest import ROLES
from sketch2color.metrics.parts import LEFT_OUT, PAPER, find_parts


def test_parts_are_connected_areas_of_a_role_without_margins(boxes):
    product = boxes(left="main", right="dark")
    labels = find_parts(product.parts, product.sketch)
    assert [labels[100, column] for column in (20, 80, 140)] == [PAPER, 1, 2]
    row = labels[100]
    assert [(row == each).sum() for each in (1, 2)] == [55, 55]  # of 60, less the line and 2 pixels beside it
    assert (row[[48, 52, 108, 112, 172]] == LEFT_OUT).all()


def test_equal_roles_apart_are_two_parts_and_together_one(boxes):
    one = boxes(left="main", right="main")
    one.sketch[:] = 255
    assert find_parts(one.parts, one.sketch).max() == 1
    one.parts[:, 105:115] = 0
    assert find_parts(one.parts, one.sketch).max() == 2


def test_a_shadow_is_paper_and_a_screw_is_no_part(boxes):
    product = boxes(left="main", right="shadow")
    product.parts[20:24, 20:24] = ROLES.index("metal")
    labels = find_parts(product.parts, product.sketch)
    assert (labels[100, 140], labels[22, 22]) == (PAPER, LEFT_OUT)
    assert len(np.unique(labels)) == 3


@pytest.mark.parametrize("size", [128, 256, 512])
def test_lengths_grow_with_the_image(boxes, size):
    product = boxes(size, left="main", right="dark")
    found = (find_parts(product.parts, product.sketch) == 1).mean()
    assert found == pytest.approx(55 * 95 / 256**2, rel=0.2 if size == 128 else 0.04)


def test_paper_alone_has_no_part():
    sketch = np.full((64, 64, 3), 255, np.uint8)
    assert not find_parts(np.zeros((64, 64), np.uint8), sketch).any()
