import numpy as np
import pytest
from skimage.color import lab2rgb

from sketch2color.metrics.palette_spread import palette, palette_spread


def example(angle, chroma=30.0, share=0.4, size=80):
    """A sketch of one box, and the box painted from the left, ``share`` of it, in a hue given as an angle."""
    sketch = np.full((size, size, 3), 255, np.uint8)
    sketch[18:62, 18:62] = 0
    sketch[20:60, 20:60] = 255
    paint = lab2rgb([[[60.0, chroma * np.cos(angle), chroma * np.sin(angle)]]])
    image = sketch.copy()
    image[20:60, 20 : 20 + int(40 * share)] = (paint * 255).round()
    return image, sketch


def test_a_palette_is_the_hue_of_all_paint():
    for angle in (0.0, 1.0, 2.5, 4.0):
        expected = np.cos(angle), np.sin(angle)
        assert palette(*example(angle)) == pytest.approx(expected, abs=0.05)


def test_how_much_is_painted_and_how_strongly_does_not_count():
    assert palette(*example(1.0, share=0.1)) == pytest.approx(palette(*example(1.0, share=0.9)), abs=0.02)
    assert palette(*example(1.0, chroma=8)) == pytest.approx(palette(*example(1.0)), abs=0.1)


def test_two_hues_are_a_shorter_mean():
    image, sketch = example(0.0, share=0.5)
    image[20:60, 40:60] = example(np.pi / 2, share=1.0)[0][20:60, 40:60]
    assert palette(image, sketch) == pytest.approx((0.5, 0.5), abs=0.05)


def test_clouds_on_blank_paper_are_no_palette():
    image, sketch = example(0.0)
    clouded = image.copy()
    clouded[:6] = (150, 160, 255)
    assert (palette(clouded, sketch) == palette(image, sketch)).all()


def test_a_image_without_colour_has_none():
    _, sketch = example(0.0)
    assert palette(sketch, sketch) is None
    assert palette(np.full_like(sketch, 90), sketch) is None
    assert palette(np.full_like(sketch, 255), np.full_like(sketch, 255)) is None


def test_the_spread_grows_with_the_difference_between_palettes():
    def spread(width):
        return palette_spread(np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, width, 6)]))

    spreads = [spread(width) for width in (0, 0.5, 1.5, 3.0, 5.0)]
    assert spreads[0] == pytest.approx(0, abs=1e-9)
    assert spreads == sorted(spreads)
    assert spreads[-1] <= 1
    assert palette_spread(np.empty((0, 0))) is None
