import numpy as np
import pytest
from skimage.color import lab2rgb

from sketch2color.metrics.colorfulness import colorfulness


def box(chroma):
    """A box in line, and the same filled with paint of some chroma."""
    sketch = np.full((100, 100, 3), 255, np.uint8)
    sketch[20:80, 20:80] = 0
    sketch[22:78, 22:78] = 255
    image = sketch.copy()
    image[22:78, 22:78] = (lab2rgb([[[60.0, chroma * 0.6, chroma * 0.8]]]) * 255).round()
    return image, sketch


@pytest.mark.parametrize("chroma", [0, 10, 25, 50])
def test_it_is_the_chroma_of_the_paint(chroma):
    assert colorfulness(*box(chroma)) == pytest.approx(chroma, abs=1)


def test_half_the_paint_is_half_the_chroma():
    image, sketch = box(40)
    image[22:50, 22:78] = 255
    assert colorfulness(image, sketch) == pytest.approx(20, rel=0.05)


def test_paper_and_what_is_on_it_does_not_count():
    image, sketch = box(40)
    clouded = image.copy()
    clouded[:18] = (255, 120, 0)
    assert colorfulness(clouded, sketch) == colorfulness(image, sketch)
    wide, sketch_wide = (np.pad(p, ((0, 0), (50, 50), (0, 0)), constant_values=255) for p in (image, sketch))
    assert colorfulness(wide, sketch_wide) == pytest.approx(colorfulness(image, sketch))


def test_where_nothing_is_drawn_there_is_no_score():
    blank = np.full((64, 64, 3), 255, np.uint8)
    assert colorfulness(blank, blank) is None
