"""What trains the finder: marks whose masks are exact, and pages that are the same for the same seed."""

import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
MODULES = ("marks", "pages", "boards", "training_marks")


@pytest.fixture(scope="module")
def tools():
    sys.path.insert(0, str(TOOLS))
    known = {name: sys.modules.pop(name, None) for name in MODULES}
    import boards
    import marks
    import pages
    import training_marks

    yield {"boards": boards, "marks": marks, "pages": pages, "training_marks": training_marks}
    sys.path.remove(str(TOOLS))
    for name, module in known.items():
        sys.modules.pop(name, None)
        if module is not None:
            sys.modules[name] = module


@pytest.fixture
def art():
    """Two drawings, uint8 160 × 160 × 4."""
    ys, xs = np.mgrid[0:160, 0:160]
    disc = np.hypot(ys - 80, xs - 80)
    layers = []
    for inside in (disc < 60, abs(disc - 50) < 5):
        layer = np.zeros((160, 160, 4), np.uint8)
        layer[inside] = (30, 120, 200, 255)
        layers.append(layer)
    return layers


def test_a_set_changes_only_what_its_masks_say_and_follows_from_the_seed(tools, art):
    marks, training = tools["marks"], tools["training_marks"]
    page = np.random.default_rng(3).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    kinds = set()
    for seed in range(60):
        drawn, again = (
            training.publishers_set(128, np.random.default_rng((2, seed)), marks.TRAINING_FACES, art)
            for _ in range(2)
        )
        assert 1 <= len(drawn) <= 5
        for one, other in zip(drawn, again, strict=True):
            assert (one.kind, one.left, one.top, one.opacity) == (
                other.kind,
                other.left,
                other.top,
                other.opacity,
            )
            assert (one.layer == other.layer).all()
            height, width = one.layer.shape[:2]
            assert 0 <= one.left <= 128 - width
            assert 0 <= one.top <= 128 - height
            marked, mask = marks.lay(page, one)
            assert (marked[mask == 0] == page[mask == 0]).all()
            assert (mask > 0).any()
            kinds.add(one.kind)
    assert kinds == set(marks.KINDS)


def test_a_board_follows_from_the_seed(tools, art):
    boards, marks, pages = tools["boards"], tools["marks"], tools["pages"]
    photo = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    stock, hand = pages.Stock(art, art, [photo]), boards.Hand(marks.TRAINING_FACES)
    drawn = [
        [boards.board(np.random.default_rng((1, seed)), stock, hand, 128) for seed in range(12)]
        for _ in range(2)
    ]
    assert all((one == other).all() for one, other in zip(*drawn, strict=True))
    assert all(page.shape == (128, 128, 3) and page.dtype == np.uint8 for page in drawn[0])
    assert len({page.tobytes() for page in drawn[0]}) == 12
