import cv2
import numpy as np
import pytest

from sketch2color.watermarks.refine_contour import refine_contour

PAPER, INK = (250, 248, 244), (24, 26, 30)


def page(size=256):
    return np.full((size, size, 3), PAPER, np.uint8)


def area(draw, size=256):
    mask = np.zeros((size, size), np.uint8)
    draw(mask)
    return mask > 0


def blended(image, plate, color, opacity):
    shown = image.copy()
    shown[plate] = np.rint(image[plate] * (1 - opacity) + np.array(color) * opacity)
    return shown


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def round_plate(mask):
    cv2.ellipse(mask, (130, 120), (60, 24), 0, 0, 360, 1, -1)


def bar(mask):
    cv2.rectangle(mask, (60, 100), (199, 139), 1, -1)


@pytest.mark.parametrize("shape", [round_plate, bar])
@pytest.mark.parametrize(("color", "opacity"), [((200, 60, 40), 1.0), ((40, 44, 60), 0.4)])
@pytest.mark.parametrize("slack", [-5, 6])
def test_a_rough_outline_goes_to_the_edge_over_lines_that_cross(shape, color, opacity, slack):
    drawn, plate = page(), area(shape)
    for x in range(20, 256, 45):
        cv2.line(drawn, (x, 0), (x + 60, 255), INK, 4, cv2.LINE_AA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(slack) + 1,) * 2)
    spread = cv2.dilate if slack > 0 else cv2.erode
    rough = spread(plate.astype(np.uint8), kernel) > 0
    found = refine_contour(blended(drawn, plate, color, opacity), rough, 1.0)
    assert iou(found, plate) > 0.9 > iou(rough, plate)
    assert (found & plate).sum() > 0.995 * plate.sum()  # a rim left over is seen


def test_a_tail_in_the_plates_colour_belongs_to_it():
    def bubble(mask):
        round_plate(mask)
        cv2.fillPoly(mask, [np.array([(110, 135), (130, 140), (104, 155)])], 1)

    plate, rough = area(bubble), area(round_plate)
    found = refine_contour(blended(page(), plate, (140, 50, 160), 1.0), rough, 1.0)
    assert (found & plate).sum() > 0.99 * plate.sum()


def test_a_line_of_the_drawing_that_leaves_the_plate_does_not():
    drawn, plate = page(), area(bar)
    cv2.line(drawn, (0, 120), (255, 120), INK, 5)
    found = refine_contour(blended(drawn, plate, (60, 64, 120), 1.0), plate, 1.0)
    assert not found[:, :54].any()
    assert not found[:, 206:].any()


def test_a_line_in_the_colour_of_letters_on_the_plate_does_not_either():
    drawn, plate = page(), area(bar)
    for x in range(10, 256, 24):  # ink is commoner on the plate than round it, and no less the drawing's
        cv2.line(drawn, (x, 0), (x, 255), INK, 1)
    shown = blended(drawn, plate, (60, 150, 120), 1.0)
    for x in range(70, 190, 12):
        cv2.line(shown, (x, 108), (x, 130), INK, 2)
    cv2.line(shown, (130, 60), (130, 104), INK, 3)
    found = refine_contour(shown, plate, 1.0)
    assert (found & plate).sum() > 0.995 * plate.sum()
    assert not found[:96].any()


def test_a_plate_that_leaves_the_page_ends_with_it():
    plate = area(lambda mask: cv2.rectangle(mask, (180, 200), (255, 255), 1, -1))
    rough = area(lambda mask: cv2.rectangle(mask, (186, 205), (255, 255), 1, -1))
    found = refine_contour(blended(page(), plate, (40, 120, 90), 0.6), rough, 1.0)
    assert iou(found, plate) > 0.95
    assert found[-1, 184:].all()
    assert found[204:, -1].all()


def test_writing_on_paper_and_plain_paper_have_no_edge():
    written, rough = page(), area(bar)
    for y in range(106, 140, 12):
        cv2.putText(written, "studio studio", (66, y + 6), cv2.FONT_HERSHEY_PLAIN, 1.0, INK, 1)
    assert refine_contour(written, rough, 1.0) is None
    assert refine_contour(page(), rough, 1.0) is None


def test_a_shade_without_an_edge_is_no_plate():
    shade = cv2.GaussianBlur(area(round_plate).astype(np.float32), (0, 0), 25)[..., None]
    shaded = np.rint(page() * (1 - 0.35 * shade)).astype(np.uint8)
    assert refine_contour(shaded, area(round_plate), 1.0) is None


def test_what_is_much_smaller_than_what_it_lies_in_is_not_its_outline():
    plate = area(lambda mask: cv2.circle(mask, (128, 128), 18, 1, -1))
    rough = area(lambda mask: cv2.circle(mask, (128, 128), 11, 1, -1))
    assert refine_contour(blended(page(), plate, (200, 60, 40), 1.0), rough, 1.0) is None


def test_nothing_is_said_of_what_has_no_surroundings():
    assert refine_contour(page(), np.ones((256, 256), bool), 1.0) is None
    assert refine_contour(page(), area(lambda mask: mask.__setitem__((9, 9), 1)), 1.0) is None


def test_an_outline_is_as_wide_on_a_large_image():
    size, times = 1536, 6
    plate = cv2.resize(area(round_plate).astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST) > 0
    rough = cv2.dilate(plate.astype(np.uint8), np.ones((6 * times + 1,) * 2, np.uint8)) > 0
    found = refine_contour(blended(page(size), plate, (200, 60, 40), 1.0), rough, float(times))
    assert iou(found, plate) > 0.9
    assert (found & plate).sum() > 0.995 * plate.sum()
