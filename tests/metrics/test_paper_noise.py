import numpy as np
import pytest
from skimage.color import deltaE_cie76, rgb2lab

from sketch2color.metrics.line_art import blank_paper
from sketch2color.metrics.paper_noise import paper_noise


@pytest.fixture
def box():
    """A box of 60 pixels in line on yellowish paper, open by 6 pixels at its top."""
    sketch = np.full((140, 120, 3), (250, 246, 236), np.uint8)
    sketch[40:100, 30:90] = 30
    sketch[42:98, 32:88] = (250, 246, 236)
    sketch[40:42, 50:56] = (250, 246, 236)
    return sketch


def test_paper_is_what_lies_round_the_drawing_ten_pixels_from_ink(box):
    paper = blank_paper(box)
    rows = np.flatnonzero(paper[:, 60])
    assert (rows < 40).sum() == 31  # ink begins at row 40: row 30 is 10 pixels away
    assert (rows > 99).sum() == 31
    assert not paper[42:98, 32:88].any()


def test_ink_is_seen_on_dark_paper_too(box):
    assert (blank_paper(255 - box) == blank_paper(box)).all()


def test_grain_of_paper_is_no_ink(box):
    grain = np.random.default_rng(1).integers(-4, 5, box.shape)
    assert (blank_paper((box.astype(int) + grain).clip(0, 255).astype(np.uint8)) == blank_paper(box)).all()


def test_paper_noise_is_the_mean_difference_over_the_paper_only(box):
    rng = np.random.default_rng(2)
    result = rng.integers(0, 256, box.shape).astype(np.uint8)
    expected = deltaE_cie76(rgb2lab(box), rgb2lab(result))[blank_paper(box)].mean()
    assert paper_noise(result, box) == pytest.approx(expected)
    inside_only = box.copy()
    inside_only[45:95, 35:85] = (255, 0, 0)
    assert paper_noise(inside_only, box) == 0


def test_a_sketch_without_blank_paper_has_no_score():
    hatched = np.full((64, 64, 3), 255, np.uint8)
    hatched[::6] = 0
    assert paper_noise(hatched, hatched) is None


def test_an_empty_sketch_is_all_paper():
    empty = np.full((32, 32, 3), 255, np.uint8)
    assert blank_paper(empty).all()
