import numpy as np
import pytest

from sketch2color.colorize.palette_from import palette_from


def test_colours_come_by_area_and_paper_is_none():
    image = np.full((120, 160, 3), 245, np.uint8)
    image[20:80, 20:100] = 20, 60, 180
    image[90:110, 20:100] = 240, 140, 20
    main, accent = palette_from(image, 2)
    assert np.abs(np.array(main) - (20, 60, 180)).max() <= 6
    assert np.abs(np.array(accent) - (240, 140, 20)).max() <= 6


def test_colours_of_few_pixels_are_left_out():
    image = np.full((96, 96, 3), 255, np.uint8)
    image[10:80, 10:80] = 200, 0, 0
    image[85, 85] = 0, 255, 0
    assert palette_from(image) == ((200, 0, 0),)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (64, 64)])
def test_a_blank_image_has_the_colour_of_its_paper(size):
    assert palette_from(np.full((*size, 3), 230, np.uint8)) == ((230, 230, 230),)
