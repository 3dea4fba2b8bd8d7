import cv2
import numpy as np
import pytest
from tests.colorize.test_colorizer import colorizer

from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.drawing import Drawing
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Request


def sketch(edge=256, paper=(255, 255, 255), ink=(30, 30, 30), thickness=3):
    image = np.full((edge, edge, 3), paper, np.uint8)
    cv2.ellipse(image, (edge // 2, edge // 2), (edge // 3, edge // 4), 0, 0, 360, ink, thickness)
    cv2.rectangle(
        image, (edge // 2, edge // 2), (edge // 2 + edge // 8, edge // 2 + edge // 9), ink, thickness
    )
    return image


def see(image):
    return Drawing.of(image, 64)


@pytest.mark.parametrize(
    "paper", [(255, 255, 255), (245, 235, 215), (175, 150, 120)], ids=["white", "cream", "kraft"]
)
def test_dark_lines_on_light_paper_are_seen_as_they_are(paper):
    image = (sketch() / 255 * paper).astype(np.uint8)
    drawing = see(image)
    assert drawing.lines is image
    assert drawing.is_whole
    assert not drawing.light_on_dark


@pytest.mark.parametrize("ink", [(40, 90, 255), (255, 60, 50), (120, 60, 20)], ids=["blue", "red", "sepia"])
def test_coloured_pencil_is_seen_as_dark_as_it_is(ink):
    drawing = see(sketch(ink=ink))
    drawn = (sketch() == 30).all(2)
    assert (drawing.lines[drawn].max(1) <= max(min(ink), 120)).all()
    assert (drawing.lines[~drawn] == 255).all()


def test_a_red_note_beside_grey_lines_makes_them_no_coloured_pencil():
    image = sketch()
    cv2.line(image, (20, 20), (50, 20), (255, 40, 40), 2)
    assert see(image).lines is image


@pytest.mark.parametrize("paper", [(0, 0, 0), (20, 25, 60)], ids=["black", "navy"])
def test_light_lines_on_dark_paper_are_inverted(paper):
    drawing = see(sketch(paper=paper, ink=(250, 250, 250)))
    assert drawing.light_on_dark
    drawn = (sketch() == 30).all(2)
    assert drawing.lines[drawn].max() <= 5
    assert drawing.lines[~drawn].min() >= 190


def test_a_small_drawing_is_seen_without_the_page():
    page = np.full((900, 1200, 3), 255, np.uint8)
    page[500:700, 100:300] = sketch(200)
    (rows, columns) = see(page).box
    assert 500 <= rows.start <= 560
    assert 640 <= rows.stop <= 700
    assert 100 <= columns.start <= 140
    assert 260 <= columns.stop <= 300
    assert page[rows, columns].min() == 30


def test_a_dot_far_away_does_not_make_a_drawing_large():
    page = np.full((1200, 1200, 3), 255, np.uint8)
    page[500:700, 100:300] = sketch(200)
    page[1100:1104, 1100:1104] = 0
    assert see(page).box[0].stop < 760


def test_the_dark_table_round_a_photographed_sheet_is_no_paper():
    photo = np.full((400, 400, 3), 60, np.uint8)
    photo[20:380, 30:370] = sketch(400)[20:380, 30:370]
    off = see(photo).off_sheet
    off = cv2.resize(off.astype(np.uint8), (400, 400), interpolation=cv2.INTER_NEAREST) > 0
    table = np.ones((400, 400), bool)
    table[20:380, 30:370] = False
    assert off[table].all()
    assert (off & ~table).mean() < 0.05
    assert see(sketch(400)).off_sheet is None


def framed(gap=0):
    image = sketch(512)
    cv2.rectangle(image, (20, 20), (490, 490), (30, 30, 30), 2)
    image[18:24, 100 : 100 + gap] = 255
    return image


def test_the_margin_outside_of_a_frame_is_left_out():
    off = see(framed()).off_sheet
    assert off[:17].all()
    assert off[:, 495:].all()
    assert not off[30:480, 30:480].any()
    assert (see(framed(gap=3)).off_sheet == off).mean() > 0.99  # a hand's frame has gaps


@pytest.mark.parametrize("image", [framed(gap=60), sketch(512)], ids=["an open frame", "no frame"])
def test_without_a_frame_nothing_is_left_out(image):
    assert see(image).off_sheet is None


def test_the_margin_stays_as_it_is():
    image = framed()
    assert (colorizer().colorize(image)[:15] == 255).all()


def test_values_over_the_drawing_take_their_place_on_the_page():
    page = np.full((900, 1200, 3), 255, np.uint8)
    page[500:700, 100:300] = sketch(200)
    drawing = see(page)
    values = np.zeros((*(2 * edge for edge in drawing.image.shape[:2]), 3), np.float32)
    placed = drawing.on_page(values, 1.0)
    rows, columns = (slice(2 * each.start, 2 * each.stop) for each in drawing.box)
    assert placed.shape == (1800, 2400, 3)
    assert (placed[rows, columns] == 0).all()
    assert placed.sum() == placed.size - values.size


def test_a_light_drawing_comes_back_light_on_dark_with_the_asked_colour():
    trained, image = colorizer(), sketch(paper=(0, 0, 0), ink=(255, 255, 255))
    colored = trained.colorize(image)
    assert (colored >= image).all()
    analysis = Analysis.of(image, trained)
    assert np.abs(composite(analysis.layers(Request())).astype(int) - colored).max() <= 1
    fill = np.zeros((256, 256, 4), np.uint8)
    fill[150, 148] = 200, 30, 30, 255
    filled = composite(analysis.layers(Request(fill=fill)))
    assert (filled[140:150, 135:150] == (200, 30, 30)).all()


def test_coloured_pencil_is_coloured_like_grey_lines_of_its_darkness():
    blue, trained = sketch(ink=(40, 90, 255)), colorizer()
    grey = np.repeat(blue.min(2, keepdims=True), 3, 2)
    layers = [trained.color_layer(trained.drawing(image)) for image in (blue, grey)]
    assert (layers[0] == layers[1]).all()
    colored = trained.colorize(blue)
    drawn = (sketch() == 30).all(2)
    assert (colored[drawn].argmax(1) == 2).mean() > 0.9  # still blue
