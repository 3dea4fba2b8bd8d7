import numpy as np

from sketch2color.imaging.contact_sheet import GAP, HEADER, contact_sheet


def test_every_image_is_in_its_column():
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    row = [np.full((40, 40, 3), color, np.uint8) for color in colors]
    sheet = contact_sheet([row, row[:1]], ["a", "b", "c"], cell=40)
    assert sheet.shape == (HEADER + GAP + 2 * (40 + GAP), GAP + 3 * (40 + GAP), 3)
    for column, color in enumerate(colors):
        assert tuple(sheet[HEADER + GAP + 20, GAP + column * (40 + GAP) + 20]) == color


def test_large_images_are_shrunk_and_labels_fit():
    sheet = contact_sheet([[np.zeros((400, 100, 3), np.uint8)]], ["tall"], ["score 1"], cell=40)
    assert sheet.shape == (HEADER + GAP + 40 + HEADER + GAP, GAP + 40 + GAP, 3)
    assert (sheet[HEADER + GAP + 20, GAP + 20] == 0).all()
    assert (sheet[HEADER + GAP + 20, GAP + 2] > 200).all()
