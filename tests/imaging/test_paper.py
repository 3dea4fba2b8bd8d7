"""What an image is drawn on: found at its border, and continued round it."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from sketch2color import imaging
from sketch2color.imaging import fit_paper, pad_to_square, paper_color, pixel_centers

CREAM = (240, 230, 208)  # at the edge of a bin: grain falls on both sides


def page(height=150, width=300, color=CREAM):
    image = np.empty((height, width, 3), np.uint8)
    image[:] = color
    return image


def near(color, expected, levels=3):
    return np.abs(np.array(color, int) - expected).max() <= levels


@pytest.mark.parametrize("spread", [1, 3, 6])
def test_grain_does_not_make_a_black_bar_the_paper(spread):
    image = page() + np.random.default_rng(0).normal(0, spread, (150, 300, 3))
    image = image.clip(0, 255).astype(np.uint8)
    image[:, -2:] = image[-2:, :220] = 0  # two fifths of the border
    assert near(paper_color(image), CREAM, 4)


def test_ink_and_paint_at_the_border_are_not_paper():
    image = page(color=(252, 252, 250))
    image[:100] = (60, 140, 190)  # a marker's band, over more than half of the border
    cv2.circle(image, (250, 140), 30, (20, 20, 20), -1)
    assert paper_color(image) == (252, 252, 250)


def test_a_coloured_background_is_paper_though_something_white_touches_the_border():
    image = page(color=(232, 120, 40))
    cv2.circle(image, (299, 75), 60, (255, 255, 255), -1)
    assert paper_color(image) == (232, 120, 40)
    assert (pad_to_square(image, 64)[0][:10] == (232, 120, 40)).all()


def test_a_transparent_image_is_padded_with_white():
    layer = np.zeros((150, 300, 4), np.uint8)
    cv2.circle(layer, (150, 75), 70, (200, 40, 40, 255), -1)
    file = io.BytesIO()
    Image.fromarray(layer).save(file, "PNG")
    sheet, (rows, _) = pad_to_square(imaging.read(file.getvalue()), 64)
    assert (sheet[: rows.start] == 255).all()
    assert (sheet[rows][0, 0] == 255).all()


def lit(height=300, width=700):
    """A photographed page: darker to the right and down, with drawing over most edges."""
    x, y = pixel_centers(width), pixel_centers(height)[:, None]
    light = 0.78 - 0.16 * x - 0.08 * y
    image = light[..., None] * np.array(CREAM)
    drawn = np.ones((height, width))
    for number in range(9):
        cv2.ellipse(drawn, (80 * number, 150), (70, 190), 15 * number, 0, 360, 0.2, 4)
    grain = np.random.default_rng(0).normal(0, 2, (height, width, 1))
    return (image * drawn[..., None] + grain).clip(0, 255).astype(np.uint8), image


def test_padding_continues_the_illumination():
    image, truth = lit()
    sheet, (rows, columns) = pad_to_square(image, 256)
    small = imaging.resize(truth.clip(0, 255).astype(np.uint8), 256, rows.stop - rows.start).astype(int)
    for beyond, edge in ((sheet[: rows.start], small[0]), (sheet[rows.stop :], small[-1])):
        assert np.abs(beyond.astype(int) - edge).max() <= 6
    assert columns == slice(0, 256)


def test_illumination_is_separated_from_what_is_drawn():
    image, truth = lit()
    found = fit_paper(image).levels(pixel_centers(700), pixel_centers(300))
    assert np.abs(found - truth).max() < 6


def test_evenly_lit_paper_is_exactly_one_colour():
    image = page()
    cv2.rectangle(image, (60, 20), (240, 130), (200, 190, 170), -1)
    cv2.line(image, (0, 10), (299, 140), (30, 30, 30), 3, cv2.LINE_AA)
    assert (fit_paper(image).levels(pixel_centers(300), pixel_centers(150)) == CREAM).all()


def test_illumination_is_not_fitted_where_there_is_little_paper():
    rng = np.random.default_rng(0)
    clutter = cv2.resize(rng.integers(0, 256, (10, 20, 3), dtype=np.uint8), (300, 150))
    clutter[:4] = CREAM
    levels = fit_paper(clutter).levels(pixel_centers(300), pixel_centers(150))
    assert len(np.unique(levels.reshape(-1, 3), axis=0)) == 1


def test_paper_is_the_most_frequent_colour_of_the_border():
    rng = np.random.default_rng(0)
    image = np.full((100, 80, 3), (243, 234, 215), np.uint8)
    image[20:80, 20:60] = (30, 90, 200)
    image[0, :30] = 0
    grain = np.clip(image.astype(int) + rng.integers(-2, 3, image.shape), 0, 255).astype(np.uint8)
    assert np.abs(np.array(paper_color(grain)) - (243, 234, 215)).max() <= 2
