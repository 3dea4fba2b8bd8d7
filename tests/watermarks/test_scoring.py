import numpy as np
import pytest

from sketch2color import imaging
from sketch2color.watermarks.scoring import CleanScore, MarkedScore, score, summary


@pytest.fixture
def truth(tmp_path):
    original = np.full((20, 30, 3), 200, np.uint8)
    mask = np.zeros((20, 30), np.uint8)
    mask[5:10, 10:20] = 255
    imaging.write_png(tmp_path / "marked.mask.png", mask)
    imaging.write_png(tmp_path / "marked.clean.png", original)
    return tmp_path


def test_a_marked_image_is_measured_inside_the_true_mask_and_as_a_whole(truth):
    original = np.full((20, 30, 3), 200, np.uint8)
    before, after, mask = original.copy(), original.copy(), np.zeros((20, 30), np.uint8)
    before[5:10, 10:20] = 180
    after[5:10, 10:20] = 190
    mask[5:10, 15:25] = 255
    one = score(truth, "marked", before, after, mask)
    assert one == MarkedScore(25, 50, 50, 400.0, 100.0, pytest.approx(400 / 12), pytest.approx(100 / 12))
    figures = summary([one])
    assert figures["mask_iou"] == pytest.approx(25 / 75)
    assert figures["mask_recall"] == figures["mask_precision"] == 0.5
    assert figures["psnr_inside_after"] - figures["psnr_inside_before"] == pytest.approx(20 * np.log10(2))
    assert "clean_untouched" not in figures


def test_an_image_without_truth_counts_as_clean(truth):
    image = np.full((20, 30, 3), 200, np.uint8)
    touched = image.copy()
    touched[3, 3, 1] += 1
    nothing = np.zeros((20, 30), np.uint8)
    scores = [score(truth, "other", image, after, nothing) for after in (image, touched, image, image)]
    assert scores[:2] == [CleanScore(True), CleanScore(False)]
    assert summary(scores) == {"clean_untouched": 0.75}


def test_missing_everything_scores_zero(truth):
    image = np.full((20, 30, 3), 200, np.uint8)
    one = score(truth, "marked", image, image, np.zeros((20, 30), np.uint8))
    figures = summary([one])
    assert (figures["mask_iou"], figures["mask_recall"], figures["mask_precision"]) == (0, 0, 0)
    assert figures["psnr_whole_after"] == 60


def test_truth_is_brought_to_the_size_at_which_a_large_image_is_cleaned(truth):
    before = np.full((10, 15, 3), 200, np.uint8)
    before[3:5, 5:10] = 180
    mask = np.zeros((10, 15), np.uint8)
    mask[3:5, 5:10] = 255
    after = np.full((10, 15, 3), 200, np.uint8)
    one = score(truth, "marked", before, after, mask)
    assert (one.true, one.masked, one.inside_after) == (10, 10, 0)


def test_a_mask_without_a_mark_is_that_of_a_clean_image(truth):
    imaging.write_png(truth / "marked.mask.png", np.zeros((20, 30), np.uint8))
    image = np.full((20, 30, 3), 200, np.uint8)
    assert score(truth, "marked", image, image, np.zeros((20, 30), np.uint8)) == CleanScore(True)
