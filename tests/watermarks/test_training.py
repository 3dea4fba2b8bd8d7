"""What trains the detector: exact masks, pages that follow from a seed, real marks from boxes."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from sketch2color import imaging

pytestmark = pytest.mark.slow

TOOLS = Path(__file__).parents[2] / "tools"
MODULES = (
    "boards", "boxes", "diverse_marks", "mark_examples", "marks", "real_marks", "sketches", "training_marks",
)  # fmt: skip

SEEDS = 1, 2, 3, 4, 9, 12, 13, 17, 22, 24, 27, 28
"""Sets of every kind, of one mark and of several, that are quick to draw."""


@pytest.fixture(scope="module")
def tools():
    sys.path.insert(0, str(TOOLS))
    loaded = {name: sys.modules.pop(name, None) for name in MODULES}
    yield {name: importlib.import_module(name) for name in MODULES}
    sys.path.remove(str(TOOLS))
    for name, module in loaded.items():
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


@pytest.mark.parametrize(
    ("module", "drawer", "seeds", "expected"),
    [
        ("training_marks", "mark_set", SEEDS, {"badge", "bar", "caption", "logo", "qr", "tiled", "banner"}),
        ("diverse_marks", "diverse_marks", range(12), {"badge", "bar", "caption", "tiled"}),
    ],
)
def test_a_set_changes_only_what_its_masks_say_and_follows_from_the_seed(
    tools, art, module, drawer, seeds, expected
):
    marks, draw = tools["marks"], getattr(tools[module], drawer)
    page = np.random.default_rng(3).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    kinds = set()
    for seed in seeds:
        drawn, again = (
            draw(128, np.random.default_rng((2, seed)), marks.TRAINING_FACES, art) for _ in range(2)
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
            marked, mask = marks.composite(page, one)
            assert (marked[mask == 0] == page[mask == 0]).all()
            assert (mask > 0).any()
            kinds.add(one.kind)
    assert kinds == expected


def test_a_board_follows_from_the_seed(tools, art):
    boards, marks, sketches = tools["boards"], tools["marks"], tools["sketches"]
    photo = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    stock, hand = sketches.Stock(art, art, [photo]), boards.Hand(marks.TRAINING_FACES)
    drawn = [
        [boards.board(np.random.default_rng((1, seed)), stock, hand, 128) for seed in range(12)]
        for _ in range(2)
    ]
    assert all((one == other).all() for one, other in zip(*drawn, strict=True))
    assert all(page.shape == (128, 128, 3) and page.dtype == np.uint8 for page in drawn[0])
    assert len({page.tobytes() for page in drawn[0]}) == 12


@pytest.fixture
def folder(tmp_path, tools):
    """Two images of the development half, one of the report half, as tools/boxes.py reads them."""
    names = [f"A/{number}.png" for number in range(40)]
    development = [name for name in names if tools["boxes"].half_of(name) == "development"][:2]
    report = next(name for name in names if tools["boxes"].half_of(name) == "report")
    rng = np.random.default_rng(0)
    for name in (*development, report):
        page = np.full((256, 256, 3), 250, np.uint8)
        page[200:230, 10:60] = rng.integers(0, 120, (30, 50, 3))
        imaging.write_png(tmp_path / "Dataset" / name, page)
    marks = [
        {"box": [10, 200, 60, 230], "kind": "bar"},
        {"box": [100, 100, 140, 120], "kind": "badge", "shape": "ellipse"},
        {"box": [150, 10, 200, 30], "kind": "caption"},
        {"box": [0, 0, 30, 30], "kind": "logo", "faint": True},
    ]
    said = {development[0]: marks, development[1]: [], report: marks}
    (tmp_path / "watermarks.json").write_text(json.dumps(said))
    (tmp_path / "uncertain.json").write_text(json.dumps({development[0]: [[220, 100, 250, 130]]}))
    return tmp_path


def test_only_the_development_half_trains_and_boxes_tell_what_is_valid(tools, folder):
    marked, unmarked = tools["real_marks"].load(folder)
    assert (marked.marked, unmarked.marked) == (True, False)
    truth, valid = marked.example.truth, marked.example.valid
    assert (truth[202:228, 12:58] == 255).all()  # a bar is all its own
    assert (valid[200:202, 10:60] == 0).all()  # but for the margin of its box
    assert truth[110, 120, 0] == 255
    assert truth[102, 101, 0] == 0  # a corner of the badge's box
    assert (truth[20, 175], valid[20, 175, 1]) == (
        pytest.approx([255, 0]),
        0,
    )  # which pixels, it cannot tell
    assert not valid[5:25, 5:25].any()  # faint
    assert not valid[105:125, 225:245].any()  # uncertain
    assert (valid[150:190, 100:200] == 255).all()
    assert [cutout.opaque for cutout in marked.cutouts] == [True, True, False]
    assert not unmarked.example.truth.any()


def test_augmented_and_pasted_examples_keep_truth_and_image_together(tools, folder):
    real = tools["real_marks"]
    marked, unmarked = real.load(folder)
    for seed in range(20):
        bent = real.augment(np.random.default_rng(seed), marked.example)
        dark = bent.image.max(2) < 150
        assert dark.any()
        assert (bent.truth[..., 0][dark & (bent.valid[..., 0] > 0)] == 255).mean() > 0.97
        laid = real.paste(np.random.default_rng(seed), unmarked.example, marked.cutouts[0])
        far = np.abs(laid.image.astype(int) - unmarked.example.image).max(2) > 60
        covered = laid.truth[..., 0] > 0
        assert (far & ~covered).sum() < 0.25 * far.sum()  # the soft rim
        assert covered.sum() == pytest.approx(46 * 26, rel=0.8)


def test_examples_follow_from_the_seed_and_every_maker_comes_up(tools, folder, art):
    examples, marks, training = tools["mark_examples"], tools["marks"], tools["training_marks"]
    seeds = (1, 2, 5, 11, 17, 18, 24, 26)  # every kind
    rngs = [np.random.default_rng((4, seed)) for seed in seeds]
    sets = [training.mark_set(256, rng, marks.TRAINING_FACES, art) for rng in rngs]
    pages = np.full((3, 256, 256, 3), 240, np.uint8)
    stores = examples.Stores(pages, pages, sets, sets, tools["real_marks"].load(folder))
    for shares in examples.MIXES.values():
        assert sum(shares) == pytest.approx(1)
        for seed in range(8):
            rngs = (np.random.default_rng(seed) for _ in range(2))
            one, other = (examples.make_example(rng, stores, shares) for rng in rngs)
            assert (one.image == other.image).all()
            assert (one.truth == other.truth).all()
            assert set(np.unique(one.truth)) | set(np.unique(one.valid)) <= {0, 255}
            assert (one.truth[..., 0] >= one.truth[..., 1]).all()
